"""Many tickets in the deployed system while the systems that they are brought to fail, and `connect` gets killed: for
bench/connect.py. Each customer writes three mails, and an agent elsewhere answers some of them; local/compared.py says
what became of it all."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lambdas.connect.router import EVENTS
from local.counterparts import SYSTEMS, Counterpart, System
from local.killing import killing
from local.outside import NotSeen, Outside, until
from local.standins.there import There

MAILS = 3  # of each customer: one opens the ticket, two are replies
ANSWERED, COPIED = 0.3, 0.2  # the share of tickets that an agent answers elsewhere, and of events that come twice
REFUSED = 100  # of so many tickets, the replies to one are refused for good
LOOK_SECONDS, QUIET_LOOKS = 2.0, 5


@dataclass(kw_only=True)
class Customer:
    """`heard` of so many of the `mails` that were handed in; `ticket` and `counterpart` once they are known, which has
    so many `comments`."""

    number: int
    system: System
    answered: bool
    refused: bool
    mails: int = 0
    heard: int = 0
    ticket: int = 0
    counterpart: str = ""
    comments: int = 0
    answers: int = 0

    @property
    def address(self) -> str:
        return f"customer-{self.number}@example.org"

    @property
    def subject(self) -> str:
        return f"Order {self.number}"

    @property
    def answer(self) -> str:
        return f"Answer to order {self.number}."

    def said(self, mail: int) -> str:
        return f"Word {mail} of order {self.number}."

    @property
    def may_write(self) -> bool:
        """After the mail before is in the ticket: which one comes first is then beyond dispute."""
        ready = self.counterpart or not self.refused or not self.mails
        return self.mails < MAILS and self.mails == self.heard and bool(ready)

    @property
    def may_be_answered(self) -> bool:
        return self.answered and bool(self.counterpart) and not self.answers

    @property
    def done(self) -> bool:
        return self.heard == MAILS and self.answers == self.answered

    @property
    def brought(self) -> bool:
        return self.refused or self.comments >= MAILS - 1 + self.answers


@dataclass(kw_only=True)
class Correspondence:
    outside: Outside
    standins: dict[str, There]
    tickets: int
    seed: int
    kill_seconds: float
    patience: float = 7200
    customers: list[Customer] = field(init=False)
    events: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    _looked: float = field(default=0.0, init=False)
    _listened: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._dice = Random(self.seed)  # noqa: S311 - dice, no secret
        self.customers = [self._customer(number) for number in range(self.tickets)]

    def _customer(self, number: int) -> Customer:
        refused = number % REFUSED == 0
        answered = not refused and self._dice.random() < ANSWERED
        return Customer(number=number, system=self._dice.choice(SYSTEMS), answered=answered, refused=refused)

    @property
    def answers(self) -> int:
        return sum(customer.answers for customer in self.customers)

    def storm(self) -> int:
        """All that is written, until it is where it should be; gives how many executions were killed."""
        function = self.outside.outputs["ConnectFunction"]
        with killing(self.outside.aws, function, seconds=self.kill_seconds, seed=self.seed) as killed:
            until(self._written, "all is written", seconds=self.patience, pause=0)
            with suppress(NotSeen):  # what is missing will be told
                until(self._brought, "all is brought", seconds=self.patience, pause=LOOK_SECONDS)
        return len(killed)

    def settle(self) -> None:
        quiet = [0]

        def still() -> bool:
            self._listen()
            moving = any(self.outside.waiting(name) for name in self.outside.outputs if name.endswith("Queue"))
            quiet[0] = 0 if moving else quiet[0] + 1
            return quiet[0] == QUIET_LOOKS

        until(still, "nothing is in motion", seconds=self.patience, pause=1)

    def calm(self) -> None:
        """Let nothing fail any more but what is refused for good."""
        for there in self.standins.values():
            there.turn("calm")
        for customer in self.customers:
            if customer.refused:
                customer.system.refuse(self.standins[customer.system.name], customer.counterpart)

    def poll(self) -> None:
        """What the schedule asks every five minutes: a webhook of theirs comes once, or not at all."""
        self._ask({"id": "now", "detail-type": "PollDestinations", "time": "", "detail": {}})

    def _written(self) -> bool:
        """One step of whoever may take one; True once there is none left."""
        self._listen()
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._look()
        steps = [(self._write, customer) for customer in self.customers if customer.may_write]
        steps += [(self._answer, customer) for customer in self.customers if customer.may_be_answered]
        if steps:
            step, customer = self._dice.choice(steps)
            step(customer)
        else:
            time.sleep(0.1)
        return all(customer.done for customer in self.customers)

    def _brought(self) -> bool:
        self._listen()
        self._look()
        out = sum(1 for _ in self.outside.aws.outbox.glob("*.eml"))
        return out >= self.answers and all(customer.brought for customer in self.customers)

    def _write(self, customer: Customer) -> None:
        ids = [f"<{customer.number}-{mail}@mail.example>" for mail in range(customer.mails + 1)]
        fields = {"From": customer.address, "To": customer.system.feed, "Subject": customer.subject}
        fields |= {"Message-ID": ids[-1], "Date": "Sun, 22 Nov 2026 10:00:00 +0000"}
        fields |= {"In-Reply-To": ids[-2], "References": " ".join(ids[:-1])} if customer.mails else {}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        raw = f"{head}\r\n{customer.said(customer.mails)}\r\n".encode()
        self.outside.deliver(raw, sender=customer.address, recipients=[customer.system.feed])
        customer.mails += 1

    def _answer(self, customer: Customer) -> None:
        self.standins[customer.system.name].turn("comment", {"id": customer.counterpart, "text": customer.answer})
        customer.answers += 1

    def _listen(self) -> None:
        """Hear what is new on the bus; some of it comes to `connect` a second time, as EventBridge may deliver it."""
        events = self.outside.events()
        for event in events[self._listened :]:
            kind, detail = event["detail-type"], event["detail"]
            if kind in EVENTS and (kind, detail["id"]) not in self.events:
                self.events[kind, detail["id"]] = detail
                self._take_note(kind, detail)
                if self._dice.random() < COPIED:
                    self._ask(event)
        self._listened = len(events)

    def _take_note(self, kind: str, detail: dict[str, Any]) -> None:
        if kind in {"TicketOpened", "TicketReplied"}:
            customer = self.customers[int(detail["subject"].rpartition(" ")[2])]
            customer.ticket = detail["ticket"]
            customer.heard += 1

    def _ask(self, command: dict[str, Any]) -> None:
        queue = self.outside.outputs["ConnectQueue"]
        self.outside.client("sqs").send_message(QueueUrl=queue, MessageBody=json.dumps(command))

    def _look(self) -> None:
        """See what is there by now."""
        for system in SYSTEMS:
            found = {each.subject: each for each in system.counterparts(self.standins[system.name])}
            for customer in self.customers:
                if customer.system is system and customer.subject in found:
                    self._see(customer, found[customer.subject])
        self._looked = time.monotonic()

    def _see(self, customer: Customer, there: Counterpart) -> None:
        if customer.refused and not customer.counterpart:
            customer.system.refuse(self.standins[customer.system.name], there.id)
        customer.counterpart, customer.comments = there.id, len(there.comments)
