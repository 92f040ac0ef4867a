"""Deliver a mail by SMTP, as the server of somebody who writes to us would."""

from __future__ import annotations

import email.parser
import email.policy
import re
import smtplib
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from cli.deployment import CommandFailed, Deployment, NothingRunning, deployed
from cli.output import as_json, line, print_json, show, table
from lambdas.shared.mail import addresses

BARE_LINE_END = re.compile(rb"\r\n|\r|\n")
SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said to one step of the dialogue (RFC 5321 section 4.2)."""

    step: str
    code: int
    text: str

    @property
    def good(self) -> bool:
        return self.code < 400


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.eml")
@click.option(
    "--to",
    "recipients",
    multiple=True,
    required=True,
    metavar="ADDRESS",
    help="Envelope recipient; repeat for several.",
)
@click.option(
    "--from", "sender", metavar="ADDRESS", help="Envelope sender; default: the mail's Return-Path, or its From."
)
@as_json
@deployed
def deliver(
    deployment: Deployment, file: Path, recipients: tuple[str, ...], sender: str | None, *, as_json: bool
) -> None:
    """Deliver a mail to the laptop by SMTP.

    Hands FILE.eml to the laptop's SMTP port and shows the server's answers. Exit status 0 if every recipient, and
    then the mail, was accepted.

    \b
    Examples:
      mailroom deliver mail.eml --to support@acme.test
      mailroom deliver bounce.eml --to support@acme.test --from ''
    """
    running = deployment.laptop(
        "send a mail to one of its mailboxes with any mail program; `deliver` is for the laptop"
    )
    raw = file.read_bytes()
    envelope = {"from": (envelope_sender(raw) if sender is None else sender).strip("<>")}
    try:
        answers = dialogue(running.smtp_port, envelope["from"], recipients, raw)
    except ConnectionRefusedError:
        raise NothingRunning(
            f"No SMTP server answers at port {running.smtp_port}: start the system with `make up`."
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise CommandFailed(f"The SMTP server broke off: {line(error)}") from None
    if as_json:
        print_json(envelope | {"answers": [asdict(answer) for answer in answers]})
    else:
        rows = [(line(answer.step), str(answer.code), line(answer.text)) for answer in answers]
        show(table(("step", "code", "answer"), rows, whole=("code",)))
    if not all(answer.good for answer in answers):
        raise SystemExit(1)


def dialogue(port: int, sender: str, recipients: tuple[str, ...], raw: bytes) -> list[Answer]:
    """Every step's answer, up to the first that leaves nobody to deliver to."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=SECONDS) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=unverified())
            smtp.ehlo()
        answers = [answer(f"from <{sender}>", smtp.mail(sender, size_option(smtp, raw)))]
        if answers[0].good:
            answers += [answer(f"to <{recipient}>", smtp.rcpt(recipient)) for recipient in recipients]
        if any(accepted.good for accepted in answers[1:]):
            answers.append(answer("mail", smtp.data(BARE_LINE_END.sub(b"\r\n", raw))))
        return answers


def answer(step: str, said: tuple[int, bytes]) -> Answer:
    return Answer(step=step, code=said[0], text=said[1].decode("utf-8", "replace"))


def size_option(smtp: smtplib.SMTP, raw: bytes) -> list[str]:
    return [f"size={len(raw)}"] if smtp.has_extn("size") else []


def unverified() -> ssl.SSLContext:
    """TLS as servers speak it among themselves: encrypted when offered, whoever the other is (RFC 7435)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def envelope_sender(raw: bytes) -> str:
    """The address in Return-Path, which is empty for a bounce (RFC 5321 section 4.5.5), else the first in From."""
    header = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(raw)
    written = header.get("Return-Path", header.get("From", ""))
    return next((address.email for address in addresses.read(str(written))), "")
