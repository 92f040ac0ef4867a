"""The `mailroom` command. Each command's module is imported only when it runs, so that the rest starts at once."""

from __future__ import annotations

import io
import logging
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

SYSTEM, OUT, IN, ELSEWHERE = "The system", "Mail that goes out", "Mail that comes in", "Tickets elsewhere"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A command: the section of --help that lists it, its module and name there, and its line."""

    section: str
    module: str
    name: str
    line: str


ENTRIES = {
    "init": Entry(section=SYSTEM, module="cli.init.command", name="init", line="Write a new stage into cdk.json."),
    "up": Entry(section=SYSTEM, module="cli.up", name="up", line="Run the whole system on this laptop until Ctrl-C."),
    "status": Entry(
        section=SYSTEM, module="cli.status", name="status", line="Show stacks, queues with dead letters, and errors."
    ),
    "doctor": Entry(
        section=SYSTEM,
        module="cli.doctor.command",
        name="doctor",
        line="Say what is well with a stage, and what mends the rest.",
    ),
    "dns": Entry(
        section=SYSTEM,
        module="cli.dns.command",
        name="dns",
        line="Show the DNS records that are needed, and which are there.",
    ),
    "dkim show": Entry(
        section=SYSTEM,
        module="cli.dkim.command",
        name="show_keys",
        line="Show a domain's own keys, and which one signs.",
    ),
    "dkim create": Entry(
        section=SYSTEM, module="cli.dkim.command", name="create", line="Make a domain's first own key, in two steps."
    ),
    "dkim rotate": Entry(
        section=SYSTEM, module="cli.dkim.command", name="rotate", line="Change a domain's own key, in two steps."
    ),
    "dmarc": Entry(
        section=SYSTEM,
        module="cli.dmarc.command",
        name="dmarc",
        line="Show who sends in your domains' names, and what is safe.",
    ),
    "sandbox request": Entry(
        section=SYSTEM,
        module="cli.sandbox.request",
        name="request",
        line="Ask AWS for production access, out of SES's sandbox.",
    ),
    "sandbox verify": Entry(
        section=SYSTEM,
        module="cli.sandbox.verify",
        name="verify",
        line="Have addresses verified, to send to them in the sandbox.",
    ),
    "failover plan": Entry(
        section=SYSTEM,
        module="cli.failover.command",
        name="plan",
        line="Say whether the standby region can send.",
    ),
    "failover switch": Entry(
        section=SYSTEM,
        module="cli.failover.command",
        name="switch",
        line="Send from the standby region, or from the first again.",
    ),
    "redrive": Entry(
        section=SYSTEM, module="cli.redrive", name="redrive", line="Put a queue's dead letters back into the queue."
    ),
    "discard": Entry(section=SYSTEM, module="cli.discard", name="discard", line="Throw a queue's dead letters away."),
    "signup": Entry(section=OUT, module="cli.signup", name="signup", line="Say on the bus that somebody signed up."),
    "send": Entry(section=OUT, module="cli.send", name="send", line="Send a mail made from a template."),
    "messages": Entry(section=OUT, module="cli.messages", name="messages", line="List the newest mails that went out."),
    "report": Entry(
        section=OUT, module="cli.report", name="report", line="Show how many mails went out, and what became of them."
    ),
    "watch": Entry(section=OUT, module="cli.watch", name="watch", line="Show what becomes of mails, as it happens."),
    "message show": Entry(
        section=OUT, module="cli.messages", name="show_message", line="Show one message with its timeline."
    ),
    "message cancel": Entry(
        section=OUT, module="cli.send", name="cancel_message", line="Take a scheduled message back before it is due."
    ),
    "recipients": Entry(
        section=OUT, module="cli.recipients", name="recipients", line="List who gets no mail, or not all."
    ),
    "recipients export": Entry(
        section=OUT, module="cli.recipients_csv", name="export", line="Write all suppressions to a CSV file."
    ),
    "recipients import": Entry(
        section=OUT, module="cli.recipients_csv", name="import_", line="Suppress the addresses of a CSV file."
    ),
    "recipients sync": Entry(
        section=OUT,
        module="cli.recipients_sync",
        name="sync",
        line="Bring the suppressed and SES's own list in step.",
    ),
    "suppress": Entry(section=OUT, module="cli.suppress", name="suppress", line="Send an address no more mail."),
    "unsuppress": Entry(section=OUT, module="cli.suppress", name="unsuppress", line="Let an address have mail again."),
    "recipient show": Entry(
        section=OUT, module="cli.recipients", name="show_recipient", line="Show whether an address may be written to."
    ),
    "streams show": Entry(
        section=OUT,
        module="cli.streams",
        name="show_streams",
        line="Show whether mail goes out, and the rates of it.",
    ),
    "streams pause": Entry(
        section=OUT, module="cli.streams", name="pause", line="Send nothing of a stream until it is resumed."
    ),
    "streams resume": Entry(
        section=OUT, module="cli.streams", name="resume", line="Send a stream as usual again after a pause."
    ),
    "streams replay": Entry(
        section=OUT,
        module="cli.streams_replay",
        name="replay_history",
        line="Show what the guard would have done in a history.",
    ),
    "outbox": Entry(section=OUT, module="cli.outbox", name="outbox", line="List the .eml files that the laptop sent."),
    "templates list": Entry(
        section=OUT,
        module="cli.templates",
        name="list_templates",
        line="List the templates, their languages and variables.",
    ),
    "templates preview": Entry(
        section=OUT,
        module="cli.templates",
        name="preview_templates",
        line="Write a page that shows how mails will look.",
    ),
    "templates check": Entry(
        section=OUT,
        module="cli.templates",
        name="check_templates",
        line="Check the templates against what mail programs demand.",
    ),
    "smtp show": Entry(
        section=OUT, module="cli.smtp", name="show_smtp", line="Show how to send by SMTP: user, host and ports."
    ),
    "smtp rotate": Entry(section=OUT, module="cli.smtp", name="rotate", line="Change the SMTP password in two steps."),
    "deliver": Entry(section=IN, module="cli.deliver", name="deliver", line="Deliver a mail to the laptop by SMTP."),
    "tickets": Entry(section=IN, module="cli.tickets", name="tickets", line="List the tickets last written to."),
    "ticket show": Entry(
        section=IN, module="cli.ticket_show", name="show_ticket", line="Show one ticket with its messages."
    ),
    "ticket reply": Entry(section=IN, module="cli.ticket_write", name="reply", line="Answer a ticket by mail."),
    "ticket note": Entry(section=IN, module="cli.ticket_write", name="note", line="Keep a note in a ticket."),
    "ticket assign": Entry(section=IN, module="cli.ticket_change", name="assign", line="Say whose work a ticket is."),
    "ticket status": Entry(section=IN, module="cli.ticket_change", name="set_status", line="Set a ticket's status."),
    "ticket priority": Entry(
        section=IN, module="cli.ticket_change", name="set_priority", line="Set how urgent a ticket is."
    ),
    "ticket tag": Entry(
        section=IN, module="cli.ticket_change", name="tag", line="Give tags to a ticket, or take them away."
    ),
    "inbound release": Entry(
        section=IN,
        module="cli.inbound",
        name="release",
        line="Let a mail in that was taken for spam, or in quarantine.",
    ),
    "inbound retry": Entry(
        section=IN, module="cli.inbound", name="retry", line="Handle a received mail again that has no outcome."
    ),
    "inbound reconcile": Entry(
        section=IN,
        module="cli.inbound",
        name="reconcile",
        line="Find received mails without an outcome, and handle them.",
    ),
    "connect set": Entry(
        section=ELSEWHERE,
        module="cli.connect_set",
        name="set_secret",
        line="Set what a destination is signed in to with.",
    ),
    "connect rotate": Entry(
        section=ELSEWHERE,
        module="cli.connect_set",
        name="rotate_secret",
        line="Change a webhook's secret in two steps.",
    ),
    "connect test": Entry(
        section=ELSEWHERE,
        module="cli.connect_check",
        name="try_destination",
        line="Say what a destination lacks to be used.",
    ),
    "connect status": Entry(
        section=ELSEWHERE,
        module="cli.connect_status",
        name="connect_status",
        line="Show where tickets are brought, and how that goes.",
    ),
    "connect pause": Entry(
        section=ELSEWHERE,
        module="cli.connect_status",
        name="pause",
        line="Bring nothing to a destination until it is resumed.",
    ),
    "connect resume": Entry(
        section=ELSEWHERE,
        module="cli.connect_status",
        name="resume",
        line="Go on with a destination that was paused.",
    ),
    "connect resync": Entry(
        section=ELSEWHERE,
        module="cli.connect_resync",
        name="resync",
        line="Bring a ticket to Jira and Zendesk once more.",
    ),
    "forget": Entry(section=IN, module="cli.forget", name="forget", line="Show, or erase, all there is of a person."),
    "parse": Entry(
        section=IN, module="cli.parse", name="parse_command", line="Show what Mailroom reads in mail files."
    ),
}
GROUPS = {
    "connect": "Jira, Zendesk and webhooks: where mailboxes' tickets are brought (docs/connectors.md).",
    "ticket": "One ticket: what is in it, and what your team does with it.",
    "inbound": "Received mails by hand: held back, lost, slipped.",
    "streams": "Transactional and marketing mail: whether it goes out, and stopping it (docs/feedback.md).",
    "templates": "The mails that can be sent: what they need, how they look, whether they will do.",
    "sandbox": "SES's sandbox, in which every account begins: leaving it, and trying things within.",
    "failover": "A second region to send from, while the first cannot (docs/regions.md).",
    "smtp": "Sending by SMTP, for applications that can do nothing else.",
    "dkim": "Keys of your own, in the place of SES's: what mail is signed with (docs/domains.md).",
}
EPILOG = """\b
Examples:
  mailroom signup mia@example.org --name Mia
  mailroom send notice --to mia@example.org --set title=Hello --set text=Hi
  mailroom deliver mail.eml --to support@acme.test
  mailroom tickets --status open
  mailroom ticket reply 7 --text 'It left today.'
  mailroom --stage example status
"""


class Commands(click.Group):
    """The entries whose path begins with `prefix`, as commands and as groups of commands."""

    prefix = ""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        own = (path.removeprefix(self.prefix) for path in ENTRIES if path.startswith(self.prefix))
        return list(dict.fromkeys(path.split()[0] for path in own))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        path = self.prefix + cmd_name
        if entry := ENTRIES.get(path):
            command: click.Command = getattr(import_module(entry.module), entry.name)
            return opened(command, f"{path} ") if any(other.startswith(f"{path} ") for other in ENTRIES) else command
        return group(cmd_name, f"{path} ") if cmd_name in self.list_commands(ctx) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        own = {path.removeprefix(self.prefix): entry for path, entry in ENTRIES.items() if path.startswith(self.prefix)}
        for heading in dict.fromkeys(entry.section for entry in own.values()):
            with formatter.section("Commands" if self.prefix else heading):
                formatter.write_dl([(path, entry.line) for path, entry in own.items() if entry.section == heading])


def group(name: str, prefix: str) -> Commands:
    made = Commands(name, help=GROUPS.get(name, f"What Mailroom knows of one {name}."))
    made.prefix = prefix
    return made


def opened(command: click.Command, prefix: str) -> Commands:
    """A command with others beneath it; where none of these is named, it runs itself."""

    def alone(**given: Any) -> None:
        if command.callback and click.get_current_context().invoked_subcommand is None:
            command.callback(**given)

    made = Commands(command.name, help=command.help, params=command.params, callback=alone, invoke_without_command=True)
    made.prefix = prefix
    return made


@click.command(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--stage",
    envvar="MAILROOM_STAGE",
    show_envvar=True,
    default="local",
    show_default=True,
    metavar="NAME",
    help="The stage of cdk.json to work on: on this laptop if `make up` runs it there, else in its AWS account.",
)
@click.option("--standby", is_flag=True, help="In the stage's standby region (docs/regions.md).")
@click.pass_context
def mailroom(ctx: click.Context, /, stage: str, **_standby: bool) -> None:  # for which cli/deployment.py looks
    """A company's e-mail system: what runs, what went out, what came in."""
    ctx.obj = stage


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character shows its number
    logging.getLogger("lambdas").addHandler(logging.NullHandler())  # what functions log is for their log groups
    mailroom()


if __name__ == "__main__":
    main()
