"""What became of a correspondence (local/correspondence.py): ours, theirs and the outbox, side by side."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from local.correspondence import MAILS, Correspondence, Customer
from local.counterparts import SYSTEMS, Counterpart
from local.outside import Outside

WORD = re.compile(r"Word (\d+) of order \d+\.")
REPLIES = [str(number) for number in range(1, MAILS)]


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """`queue` is the output that names it; `ticket` is 0 if it is of none."""

    queue: str
    reason: str
    ticket: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`wrong` counts what should never be, by its name. `refused` are the dead letters of what was refused for good;
    `told` are the events that the webhook was told of, `again` those that it was told of more than once."""

    wrong: Counter[str]
    refused: Counter[str]
    told: int
    again: int


def compare(given: Correspondence) -> Verdict:
    letters = list(dead_letters(given.outside))
    due = [letter for letter in letters if is_due(given, letter)]
    wrong = Counter(f"dead letter in {letter.queue}: {letter.reason}" for letter in letters if letter not in due)
    wrong.update(elsewhere(given, Counter(letter.ticket for letter in due)))
    wrong.update(outbox(given))
    wrong.update(fault for there in given.standins.values() for fault in there.state["wrong"])
    hook = given.standins["hook"].state
    put = {key for key, detail in given.events.items() if detail["mailbox"] == SYSTEMS[0].feed}
    told = {(each["event"]["type"], each["event"]["data"]["id"]) for each in hook["events"]}
    wrong["event that the webhook was not told of"] = len(put - told)
    reasons = Counter(letter.reason for letter in due)
    return Verdict(wrong=+wrong, refused=reasons, told=len(told), again=len(hook["repeats"]))


def elsewhere(given: Correspondence, buried: Counter[int]) -> Iterator[str]:
    """`buried` are the dead letters of what was refused, by the ticket."""
    counterparts: dict[str, list[Counterpart]] = defaultdict(list)
    for system in SYSTEMS:
        for each in system.counterparts(given.standins[system.name]):
            counterparts[each.subject].append(each)
    items = given.outside.items("TicketsTable")
    statuses = {int(str(item["number"])): str(item["status"]) for item in items if item["sk"] == "TICKET"}
    if len(statuses) != given.tickets:
        yield f"{len(statuses)} tickets of ours"
    for customer in given.customers:
        theirs = counterparts[customer.subject]
        yield from ["ticket with more than one counterpart"] * (len(theirs) - 1)
        if not theirs:
            yield "ticket without counterpart"
            continue
        yield from comments(customer, theirs[0], buried[customer.ticket])
        if not customer.refused and theirs[0].status != customer.system.status(statuses[customer.ticket]):
            yield "status that differs"


def comments(customer: Customer, there: Counterpart, buried: int) -> Iterator[str]:
    """Of our account: each reply once and in order, or a dead letter in its place, and nothing else."""
    found = [WORD.search(text) for text, ours in there.comments if ours]
    words = [match[1] for match in found if match]
    once = list(dict.fromkeys(words))
    yield from ["comment lost"] * (len(set(REPLIES) - set(once)) - buried)
    yield from ["comment there twice"] * (len(words) - len(once))
    yield from ["comments out of order"] * (once != sorted(once))
    yield from ["echo there"] * (len(found) - len(words) + len(set(once) - set(REPLIES)))
    if sum(customer.answer in text for text, _ in there.comments) != customer.answers:
        yield "agent's comment there not once"


def outbox(given: Correspondence) -> Iterator[str]:
    mails: dict[str, list[str]] = defaultdict(list)
    for sent in given.outside.outbox():
        for address in sent.destination:
            mails[address].append(sent.text)
    for customer in given.customers:
        texts = mails.pop(customer.address, [])
        answers = sum(customer.answer in text for text in texts)
        yield from ["answer lost"] * (customer.answers - answers)
        yield from ["answer sent twice"] * (answers - customer.answers)
        yield from ["echo by mail"] * (len(texts) - answers)
    yield from ["mail to somebody else"] * sum(map(len, mails.values()))


def is_due(given: Correspondence, letter: DeadLetter) -> bool:
    """Whether it is of a ticket whose replies are refused for good, for that reason."""
    refused = {customer.ticket for customer in given.customers if customer.refused}
    return letter.queue == "ConnectDeadLetters" and letter.ticket in refused and " refused: " in letter.reason


def dead_letters(outside: Outside) -> Iterator[DeadLetter]:
    sqs = outside.client("sqs")
    for name, url in outside.outputs.items():
        while name.endswith("DeadLetters"):
            asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
            messages = sqs.receive_message(**asked, VisibilityTimeout=3600).get("Messages")
            if not messages:
                break
            for message in messages:
                reason = message.get("MessageAttributes", {}).get("Reason", {}).get("StringValue", "no reason")
                detail = json.loads(message["Body"]).get("detail", {})
                told = re.sub(r"\d+", "N", reason)
                yield DeadLetter(queue=name, reason=told, ticket=int(detail.get("ticket", 0)))
