"""A mail without a person whom it went to, where it went to others too. Only other applications' mail has more than one
recipient. Pure, but for `rewrite`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cli.shared_ticket import ERASED, naming
from lambdas.feedback.ses_event import fingerprint
from lambdas.shared.dynamodb import conditional
from lambdas.shared.messages import EVENT
from lambdas.shared.recipients import canonical

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.shared.messages import Message
    from lambdas.shared.timeline import Happening


def recipients(recipient: str) -> set[str]:
    """Whom a mail went to; ERASED for those who were taken out."""
    return {canonical(address) for address in recipient.split(", ")}


def names(mail: Message, address: str) -> bool:
    return without(mail, address) != mail


def without(mail: Message, address: str) -> Message:
    """What servers and links say is without the address, and an event whose key says that it is the person's alone
    goes. A place among the recipients stays empty, so that nobody else is taken for the one whose mail bounced."""
    everybody = mail.recipient.split(", ")
    own = {fingerprint([to]) for to in everybody if canonical(to) == address}
    kept = [happening for happening in mail.timeline if own.isdisjoint(happening.key.split("#"))]
    return replace(
        mail,
        recipient=", ".join(ERASED if canonical(to) == address else to for to in everybody),
        timeline=tuple(unnamed(happening, address) for happening in kept),
    )


def unnamed(happening: Happening, address: str) -> Happening:
    named = naming(address)
    return replace(happening, facts={name: named.sub(ERASED, fact) for name, fact in happening.facts.items()})


def rewrite(table: Table, old: Message, new: Message) -> None:
    """Events that come at the same time are kept. ConditionFailed where the recipients are not those of `old`, as when
    another person has been taken out."""
    changed = [happening for happening in new.timeline if happening not in old.timeline]
    left = {happening.key for happening in new.timeline}
    gone = [happening.key for happening in old.timeline if happening.key not in left]
    sets = ["#to = :new", *(f"#event{number} = :event{number}" for number in range(len(changed)))]
    removes = f" REMOVE {', '.join(f'#gone{number}' for number in range(len(gone)))}" if gone else ""
    names = {f"#event{number}": EVENT + happening.key for number, happening in enumerate(changed)}
    names |= {f"#gone{number}": EVENT + key for number, key in enumerate(gone)}
    events = {
        f":event{number}": {"kind": happening.kind, "at": happening.at, "facts": happening.facts}
        for number, happening in enumerate(changed)
    }
    with conditional():
        table.update_item(
            Key={"id": old.id},
            UpdateExpression=f"SET {', '.join(sets)}{removes}",
            ConditionExpression="#to = :old",
            ExpressionAttributeNames=names | {"#to": "recipient"},
            ExpressionAttributeValues=events | {":old": old.recipient, ":new": new.recipient},
        )
