"""Failed deliveries that a server tells in plain text only: who failed, and why, as far as the text says it."""

import re
from collections.abc import Iterator

from lambdas.shared.mail import addresses, dsn, fields, limits, notice_phrases
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.quotes import any_of
from lambdas.shared.mail.reports import Report

# Names that servers write as. `double-bounce` is Postfix's, `mdaemon` Alt-N's.
_DAEMON = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|postmaster|mdaemon|double-bounce|mail[._-]?delivery[._-]?(?:sub)?system|system administrator"
    r"|bounces?|mail[._-]administrator|nobody)\b",
    re.IGNORECASE,
)
_DAEMON_NAME = re.compile(
    r"mail delivery|delivery (?:sub)?system|mailer.daemon|postmaster|system administrator", re.IGNORECASE
)
_SUBJECT = re.compile(any_of(notice_phrases.SUBJECTS), re.IGNORECASE)
_ANSWERED = re.compile(r"^\s*(?:re|aw|sv|antw|odp|rv|fwd?|wg|tr|vs|rif|i|enc|doorst)\s*:", re.IGNORECASE)
_FAILED = re.compile(any_of(notice_phrases.FAILED), re.IGNORECASE)
_DELAYED = re.compile(any_of(notice_phrases.DELAYED), re.IGNORECASE)
_FINAL = re.compile(any_of(notice_phrases.FINAL), re.IGNORECASE)
_RETURNED = re.compile(
    rf"^[^\w\n]{{0,80}}(?:here is a |this is a |the |\w+ )?(?:{any_of(notice_phrases.RETURNED)})\b", re.IGNORECASE
)
_TRACE = re.compile(
    r"^>?\s?(?:Received|Return-Path|DKIM-Signature|X-Received|Delivered-To|Message-ID|ARC-Seal):\s", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}")
_ALONE = re.compile(
    r"^[\s\"'<>*|-]{0,20}(?:(?:to|recipient|address|user|rfc822;|smtp:)\s*:?\s*[\"'<]{0,3})?$", re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:recipient|address|addressed|deliver\w*|rcpt to|user|mailbox|account|to|unknown|failed|full|for|an|à|a)\b[^@\n]{0,60}$",
    re.IGNORECASE,
)
_OTHER = re.compile(rf"(?:{any_of(notice_phrases.OTHERS)})[^@\n]{{0,60}}$", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")
_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ -]#?([45]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")


def read(raw: bytes, root: Part, text: str) -> Report | None:
    """The failure that a notice tells; None where the mail is no notice."""
    header = root.fields
    notice = _notice(text[: limits.REPORT])
    reason = _evidence(header, notice)
    if reason is None:
        return None
    subject = header.text("Subject") or ""
    delayed = _DELAYED.search(f"{subject}\n{notice}") is not None and not _FINAL.search(notice)
    found = _recipients(header, notice) or _returned_to(raw, root, text)
    bounces = tuple(
        Bounced(recipient=recipient, status=_status(said) or _status(notice), permanent=not delayed, diagnostic=said)
        for recipient, said in list(found.items())[: limits.BOUNCES]
    )
    return Report(kind="delay" if delayed else "bounce", reasons=reason, bounces=bounces)


def _notice(text: str) -> str:
    """The server's own words: the text above the mail that it returns."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if (
            len(line) < 200
            and (_RETURNED.match(line) or _TRACE.match(line))
            and any(kept.strip() for kept in lines[:at])
        ):
            return "\n".join(lines[:at])
    return text


def _evidence(header: Fields, notice: str) -> tuple[str, ...] | None:
    """Why this is a server's notice. A server writes as a daemon and says what failed; one of both is not enough."""
    subject = header.text("Subject") or ""
    if _ANSWERED.match(subject):
        return None
    if header.raw("X-Failed-Recipients"):
        return ("X-Failed-Recipients",)
    daemon = _daemon(header)
    said = _SUBJECT.search(subject)
    failed = _FAILED.search(notice) or _DELAYED.search(notice)
    if daemon and (said or failed):
        return (daemon, f"says: {(said or failed)[0].lower()}")  # type: ignore[index]
    if said and failed:
        return (f"subject: {said[0].lower()}", f"says: {failed[0].lower()}")
    return None


def _daemon(header: Fields) -> str:
    """The server's name in From, or the null envelope sender (RFC 5321 section 4.5.5); "" where there is neither."""
    path = (header.raw("Return-Path") or "x").strip()
    for sender in addresses.read(header.raw("From") or ""):
        if _DAEMON.match(sender.email.replace('"', "")) or _DAEMON_NAME.search(sender.name):
            return f"From: {sender.email or sender.name}"
    if (header.raw("From") or "x").strip().endswith("<>"):
        return "From: <>"
    return "Return-Path: <>" if path == "<>" or _DAEMON.match(path.strip("<>")) else ""


def _recipients(header: Fields, notice: str) -> dict[str, str]:
    """The failed addresses, each with what the notice says about it: the lines from it to the next one."""
    named = [address.email for address in addresses.read(header.raw("X-Failed-Recipients") or "")]
    if named:
        return dict.fromkeys(named, _squeezed(notice[-2000:]))
    own = {
        address.email.lower()
        for name in ("To", "From", "Reply-To")
        for address in addresses.read(header.raw(name) or "")
    }
    mentions = list(_mentions(notice, own))
    best = min((rank for rank, _, _ in mentions), default=0)
    starts = [(email, at) for rank, email, at in mentions if rank == best]
    found: dict[str, str] = {}
    for index, (email, at) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else len(notice)
        key = next((known for known in found if known.lower() == email.lower()), email)
        found[key] = f"{found.get(key, '')} {_squeezed(notice[at:end][:2000])}".strip()
    return found


def _mentions(notice: str, own: set[str]) -> Iterator[tuple[int, str, int]]:
    """(how sure, address, where) of addresses in the notice: 0 starts its line, 1 is called a recipient, 2 is there."""
    at = 0
    for line in notice.split("\n"):
        for found in _EMAIL.finditer(line[:2000]):
            email = found[0].rstrip(".")
            before = line[: found.start()]
            if email.lower() in own or "." not in email.rpartition("@")[2] or _OTHER.search(before[-100:]):
                continue
            yield (0 if _ALONE.match(before) else 1 if _NAMED.search(before[-100:]) else 2), email, at
        at += len(line) + 1


def _returned_to(raw: bytes, root: Part, text: str) -> dict[str, str]:
    """To whom the returned mail was, where that is one address: a notice that names nobody is about that one."""
    for part in dsn.find(root, dsn.RETURNED):
        header, _ = fields.read(raw, part.start, part.end)
        to = addresses.read(header.raw("To") or "")
        return {to[0].email: ""} if len(to) == 1 and to[0].email else {}
    to = tuple(
        address
        for line in re.findall(r"^To:[ \t]*(\S[^\n]{0,500})$", text[: limits.REPORT], re.MULTILINE)[:1]
        for address in addresses.read(line)
    )
    return {to[0].email: ""} if len(to) == 1 and to[0].email else {}


def _status(said: str) -> str:
    """The enhanced status code (RFC 3463) in a server's answer, else any in the text."""
    found = _REPLY.search(said)
    if found:
        return found[1]
    alone = _STATUS.search(said)
    return alone[0] if alone else ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())
