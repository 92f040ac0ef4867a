"""Links in the tickets table: what we know of a ticket's counterpart elsewhere, and who is working on it.

    pk                     sk                     item
    TICKET#<number>        LINK#<destination>     the counterpart: its id there, and which of our messages it has
    REF#remote-…#<hash>    REF                    the ticket that an id there belongs to

Whoever works on a link holds its lease: the link is taken under the condition that nobody else's has not ended, and
each write has the condition that the lease is still the writer's. A lease ends by itself when its holder surely has.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed, conditional
from lambdas.shared.queue import Later
from lambdas.shared.tickets.items import digest, reference_key
from lambdas.shared.tickets.ticket import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mypy_boto3_dynamodb.service_resource import Table

LINK = "LINK#"
BUSY_SECONDS = 5  # until a held link is looked at again


@dataclass(frozen=True, kw_only=True)
class Link:
    """`remote` is the counterpart's id, "" before it is known, `key` what people call it, `url` its page.

    `opening` is the message that it was opened with; `done` has the comments there by our messages, `refused` when they
    refused one, or a status; `pulled` are their comments that we took over. All of our messages by their hash.
    `trying` is the marker of what is being written there, and may have been; what is not found there after
    `trying_until` was not. `ours` is the status that was last brought there, `theirs` what was there since, both ""
    while that is being written; `turn` counts the changes of theirs. `looked` once anything was pulled. `gone` is why
    it is there no more. `failures` in a row. Times are ISO 8601.
    """

    number: int
    destination: str
    holder: str
    remote: str = ""
    key: str = ""
    url: str = ""
    opening: str = ""
    finished: bool = False
    done: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    pulled: frozenset[str] = frozenset()
    looked: bool = False
    trying: str = ""
    trying_until: str = ""
    ours: str = ""
    theirs: str = ""
    turn: int = 0
    gone: str = ""
    failures: int = 0


class Links:
    def __init__(self, table: Table) -> None:
        self._table = table

    def take(self, number: int, destination: str, holder: str, now: str, until: str) -> Link:
        """The link of a ticket and a destination, held until then; a new one if there is none. Later while another
        holds it."""
        try:
            with conditional():
                answer = self._table.update_item(
                    Key=link_key(number, destination),
                    UpdateExpression="SET holder = :holder, lease_until = :until, "
                    "done = if_not_exists(done, :none), refused = if_not_exists(refused, :none)",
                    ConditionExpression="attribute_not_exists(lease_until) OR lease_until <= :now",
                    ExpressionAttributeValues={":holder": holder, ":until": until, ":none": {}, ":now": now},
                    ReturnValues="ALL_NEW",
                )
        except ConditionFailed:
            raise Later(BUSY_SECONDS, f"ticket {number} is being worked on for {destination}") from None
        return link_of(number, destination, answer["Attributes"])

    def release(self, link: Link) -> None:
        self._write(link, "REMOVE lease_until, holder")

    def drop(self, link: Link) -> None:
        """Delete a link whose ticket is no more."""
        with suppress(ConditionFailed), conditional():
            self._table.delete_item(
                Key=link_key(link.number, link.destination),
                ConditionExpression="holder = :holder",
                ExpressionAttributeValues={":holder": link.holder},
            )

    def write(self, link: Link, **fields: Any) -> Link:
        """The link with these fields of it written. Later where the lease has ended and another holds it."""
        names = {f"#{name}": name for name in fields}
        values = {f":{name}": value for name, value in fields.items()}
        return self._write(link, "SET " + ", ".join(f"#{name} = :{name}" for name in fields), names, values)

    def opened(self, link: Link, *, remote: str, key: str, url: str) -> Link:
        """Remember the counterpart, and find the ticket by it from then on; nothing is being tried any more."""
        reference = remote_key(link.destination, remote) | {"ticket": link.number}
        self._table.put_item(Item=reference)
        return self.write(link, remote=remote, key=key, url=url, trying="", trying_until="")

    def commented(self, link: Link, message: str, comment: str) -> Link:
        """Remember the comment there that a message became; nothing is being tried any more."""
        return self._write(
            link,
            "SET done.#message = :comment, trying = :nothing, trying_until = :nothing REMOVE refused.#message",
            {"#message": message},
            {":comment": comment, ":nothing": ""},
        )

    def refuse(self, link: Link, message: str, at: str) -> Link:
        return self._write(link, "SET refused.#message = :at", {"#message": message}, {":at": at})

    def brought(self, link: Link, *, ours: str, theirs: str) -> Link:
        """Remember how the statuses stand; what they refused of any before is over."""
        refused = {what: at for what, at in link.refused.items() if what not in STATUSES}
        return self.write(link, ours=ours, theirs=theirs, refused=refused)

    def pull(self, link: Link, comment: str) -> Link:
        """Remember that a comment of theirs was taken over."""
        return self._write(link, "ADD pulled :comment", {}, {":comment": {comment}})

    def again(self, link: Link) -> Link:
        """Let the next synchronisation try all that they refused, and what was gone."""
        return self.write(link, gone="", refused={}, failures=0, finished=False)

    def anew(self, link: Link) -> Link:
        """Forget a counterpart that is gone, so that the next synchronisation makes another."""
        if link.remote:
            self._table.delete_item(Key=remote_key(link.destination, link.remote))
        nothing = dict.fromkeys(("remote", "key", "url", "opening", "trying", "trying_until", "ours", "theirs"), "")
        return self.write(self.again(link), done={}, looked=False, **nothing)

    def ticket_of(self, destination: str, remote: str) -> int | None:
        """The number of the ticket that this is the counterpart of."""
        item = self._table.get_item(Key=remote_key(destination, remote), ConsistentRead=True).get("Item")
        return int(str(item["ticket"])) if item else None

    def _write(
        self, link: Link, update: str, names: Mapping[str, str] | None = None, values: Mapping[str, Any] | None = None
    ) -> Link:
        try:
            with conditional():
                named: Any = {"ExpressionAttributeNames": dict(names)} if names else {}
                answer = self._table.update_item(
                    Key=link_key(link.number, link.destination),
                    UpdateExpression=update,
                    ConditionExpression="holder = :holder",
                    ExpressionAttributeValues={**(values or {}), ":holder": link.holder},
                    ReturnValues="ALL_NEW",
                    **named,
                )
        except ConditionFailed:
            raise Later(BUSY_SECONDS, f"the lease of ticket {link.number} for {link.destination} has ended") from None
        written: dict[str, Any] = {**answer["Attributes"]}
        return link_of(link.number, link.destination, {"holder": link.holder} | written)


def erasable(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The keys of a link, given its item, and of what finds the ticket by it."""
    if item.get("remote"):
        yield remote_key(item["sk"].removeprefix(LINK), item["remote"])
    yield {"pk": item["pk"], "sk": item["sk"]}


def link_key(number: int, destination: str) -> dict[str, Any]:
    return {"pk": f"TICKET#{number}", "sk": f"{LINK}{destination}"}


def remote_key(destination: str, remote: str) -> dict[str, Any]:
    return reference_key(f"remote-{destination}", remote)


def link_of(number: int, destination: str, item: Mapping[str, Any]) -> Link:
    known: dict[str, Any] = {name: item[name] for name in Link.__dataclass_fields__ if name in item}
    known |= {name: int(known[name]) for name in {"turn", "failures"} & known.keys()}
    known |= {"number": number, "destination": destination, "pulled": frozenset(item.get("pulled", ()))}
    return Link(**known)


def message_hash(at: str, id: str) -> str:
    """What a message is called in a link, and in the marker of its comment: an id comes from outside."""
    return digest(f"{at}#{id}")[:20]
