"""What becomes of mails, as it happens."""

from __future__ import annotations

import json
import signal
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, NotDeployed, deployed, how_to_deploy
from cli.output import STYLES, line, moment
from cli.tail import Tail
from lambdas.shared.messages import CLAIMED, SENT, message_of
from lambdas.shared.queue import masked
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.tail import Change
    from lambdas.shared.messages import Message

PAUSE = 1.0  # seconds; a shard may be read by two, five times a second, and `counts` is one of them
SEND = "Send"
SILENT = (CLAIMED, SENT)  # a try begins; SES has it, which its Send says
COLORS = {
    "Delivery": STYLES["delivered"],
    "Bounce": STYLES["bounced"],
    "Complaint": STYLES["complained"],
    "Reject": STYLES["rejected"],
    "Rendering Failure": STYLES["failed"],
    "DeliveryDelay": STYLES["delayed"],
    **STYLES,
}


@dataclass(frozen=True, kw_only=True)
class News:
    """Something that happened to a message. `kind` is SES's eventType, or in small letters a state of the outbox."""

    at: str
    kind: str
    message: str
    recipient: str
    stream: str
    template: str
    facts: dict[str, str]


@click.command()
@click.option("--addresses", is_flag=True, help="Show addresses whole, not only their domains.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document a line.")
@deployed
def watch(deployment: Deployment, *, addresses: bool, as_json: bool) -> None:
    """Show what becomes of mails, as it happens.

    Until Ctrl-C: what SES reports of each mail (Send, Delivery, Bounce, Complaint, ...), and in small letters how the
    outbox ends or delays one (failed, refused, suppressed, throttled, scheduled, ...). Times are UTC.
    """
    tail = Tail(deployment.client("dynamodbstreams"), stream_arn(deployment))
    asked = ctrl_c()
    click.echo(f"Watching stage {deployment.stage}; Ctrl-C ends it.", err=True)
    while not asked():
        for change in tail.changes():
            for found in news(change):
                show(found if addresses else without_addresses(found), as_json=as_json)
        time.sleep(PAUSE)


def ctrl_c() -> Callable[[], bool]:
    """Whether it was pressed. As an exception it would be lost wherever Python lets none out, as in a __del__; pressed
    again it is one, for whoever waits for an AWS that does not answer."""
    pressed: list[int] = []

    def press(number: int, _frame: object) -> None:
        pressed.append(number)
        signal.signal(number, signal.default_int_handler)

    signal.signal(signal.SIGINT, press)
    return lambda: bool(pressed)


def stream_arn(deployment: Deployment) -> str:
    table = deployment.client("dynamodb").describe_table(TableName=deployment.output("MessagesTable"))["Table"]
    if arn := table.get("LatestStreamArn"):
        return str(arn)
    raise NotDeployed(f"Stage {deployment.stage} is of an older version: {how_to_deploy(deployment.stage)}.")


def news(change: Change) -> Iterator[News]:
    """What a write to the messages table tells; an erased message tells nothing."""
    if not change.new:
        return
    message = message_of(change.new)
    before = message_of(change.old) if change.old else None
    seen = {happening.key for happening in before.timeline} if before else set()
    sent = any(happening.kind == SEND for happening in before.timeline) if before else False
    if message.state not in SILENT and (before is None or before.state != message.state) and "state" in change.new:
        yield of(message, iso(change.at), message.state, {"reason": message.reason} if message.reason else {})
    for happening in message.timeline:
        if happening.key not in seen and not (sent and happening.kind == SEND):
            yield of(message, happening.at, happening.kind, happening.facts)


def of(message: Message, at: str, kind: str, facts: dict[str, str]) -> News:
    return News(
        at=at,
        kind=kind,
        message=message.id,
        recipient=message.recipient,
        stream=message.stream,
        template=message.template,
        facts=facts,
    )


def without_addresses(found: News) -> News:
    facts = {name: masked(value) for name, value in found.facts.items()}
    return News(**asdict(found) | {"recipient": masked(found.recipient), "facts": facts})


def show(found: News, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    from rich.text import Text

    from cli.output import console

    facts = "  ".join(f"{name}: {value}" for name, value in found.facts.items())
    told = f"{line(found.recipient)}  {line(found.template)}  {line(found.message)}  {line(facts)}"
    kind = (line(found.kind).ljust(13), COLORS.get(found.kind, ""))
    row = Text.assemble(f"{moment(found.at, '%H:%M:%S')}  ", kind, f"  {told}")
    screen = console()
    screen.print(row, no_wrap=True, overflow="ellipsis" if screen.is_terminal else "ignore", crop=screen.is_terminal)
