"""Many mails through the deployed system while its SES has a bad day and its senders get killed: for bench/outbox.py
and tests/system/test_chaos.py. Each mail must have gone out exactly as often as it was asked for: once."""

import http.client
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlsplit

from lambdas.shared.messages import message_id, message_of
from local.killing import killing
from local.outside import NotSeen, Outside, until
from local.server import Running

BATCH, AHEAD = 10, 50  # PutEvents' most; and how many messages may wait in a queue before the application does too
QUEUES = ("SendQueue", "FeedbackQueue", "SendDeadLetters", "FeedbackDeadLetters")
APART = 10  # mails between two deaths of a sender: of a batch
SENDS_A_WORKER = 10  # as infra/settings_sending.py has it


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of the mails. `seconds` passed between the first and the last that SES took; `tries` is how often
    one was claimed; `dead` counts dead letters."""

    lost: int
    twice: int
    statuses: dict[str, int]
    dead: int
    killed: int
    tries: int
    seconds: float


def turn(aws: Running, knob: str, method: str = "PUT", **asked: Any) -> dict[str, Any]:
    """Turn a knob of the embedded AWS, or read one (GET); gives what it answers. local/control.py lists them."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(aws.endpoint).port, timeout=60)
    try:
        connection.request(method, f"/_mailroom/{knob}", json.dumps(asked))
        answer = connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
    finally:
        connection.close()
    if "error" in told:
        raise ValueError(told["error"])
    return told


def set_up(outside: Outside, *, per_second: float, claim_seconds: float, redelivery_seconds: int) -> None:
    """What an operator can set: how fast to send, how long to wait for SES's event, and for a function that is gone."""
    name = outside.outputs["SendFunction"]
    workers = max(2, -(-int(per_second) // SENDS_A_WORKER))
    functions = outside.client("lambda")
    [source] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=source["UUID"], ScalingConfig={"MaximumConcurrency": workers})
    given = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {"CLAIM_SECONDS": str(claim_seconds), "SENDS_PER_SECOND": str(per_second / workers)}
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": given | changed})
    attributes = {"VisibilityTimeout": str(redelivery_seconds)}
    outside.client("sqs").set_queue_attributes(QueueUrl=outside.outputs["SendQueue"], Attributes=attributes)


@dataclass(kw_only=True)
class Storm:
    """Each of `mails` is asked for `times` times. A sender is killed every `kill_seconds` on average, 0: never."""

    outside: Outside
    name: str
    mails: int
    times: int = 2
    seed: int = 0
    kill_seconds: float = 0
    patience: float = 300
    _ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._ids = frozenset(message_id(f"{self.name}-{number}") for number in range(self.mails))

    def run(self) -> Verdict:
        mails = self._mails() + self.mails
        function = self.outside.outputs["SendFunction"]
        with killing(
            self.outside.aws, function, seconds=self.kill_seconds, seed=self.seed, done=self._mails, apart=APART
        ) as killed:
            self._ask()
            self._until(lambda: self._mails() >= mails, "every mail is out")
        self._until(lambda: set(self._statuses()) <= {"sent", "delivered"}, "every message has come to its end")
        self._until(lambda: not any(map(self.outside.waiting, ("SendQueue", "FeedbackQueue"))), "the queues are empty")
        return self._verdict(len(killed))

    def _mails(self) -> int:
        return sum(1 for _ in self.outside.aws.outbox.glob("*.eml"))

    def _until(self, look: Any, what: str) -> None:
        """NotSeen says how things stand then."""
        try:
            until(look, what, seconds=self.patience, pause=0.5)
        except NotSeen as late:
            waiting = {queue: self.outside.waiting(queue) for queue in QUEUES}
            states = Counter(message_of(item).state for item in self._items())
            raise NotSeen(f"{late}; messages: {dict(states)}; in queues: {waiting}") from None

    def _ask(self) -> None:
        """A repeat comes at any time after the first."""
        numbers = [number for number in range(self.mails) for _ in range(self.times)]
        Random(self.seed).shuffle(numbers)  # noqa: S311 - dice, no secret
        events = self.outside.client("events")
        entry = {"EventBusName": self.outside.outputs["BusName"], "Source": "shop", "DetailType": "SendMail"}
        for start in range(0, len(numbers), BATCH):
            details = [json.dumps(self._request(number)) for number in numbers[start : start + BATCH]]
            events.put_events(Entries=[entry | {"Detail": detail} for detail in details])
            self._until(self._keeping_up, "sending and feedback keep up")

    def _keeping_up(self) -> bool:
        """So that events are heard of long before claims end: on a busy laptop feedback is slower than sending."""
        return all(self.outside.waiting(queue) < AHEAD for queue in ("SendQueue", "FeedbackQueue"))

    def _request(self, number: int) -> dict[str, Any]:
        key = f"{self.name}-{number}"
        data = {"title": f"Parcel {number}", "text": "It left this morning."}
        return {"to": f"{key}@example.org", "idempotency_key": key, "template": "notice", "data": data}

    def _items(self) -> Iterator[dict[str, Any]]:
        """The messages of these mails."""
        return (item for item in self.outside.items("MessagesTable") if item["id"] in self._ids)

    def _statuses(self) -> Counter[str]:
        return Counter(message_of(item).status for item in self._items())

    def _verdict(self, killed: int) -> Verdict:
        out = {message: times for message, times in self._out().items() if message in self._ids}
        moments = sorted(moment for times in out.values() for moment in times)
        return Verdict(
            lost=self.mails - len(out),
            twice=sum(len(times) > 1 for times in out.values()),
            statuses=dict(self._statuses()),
            dead=self.outside.waiting("SendDeadLetters") + self.outside.waiting("FeedbackDeadLetters"),
            killed=killed,
            tries=sum(int(item["attempts"]) for item in self._items()),
            seconds=moments[-1] - moments[0],
        )

    def _out(self) -> dict[str, list[float]]:
        """When each message went out, by its id: once, one hopes."""
        found: dict[str, list[float]] = {}
        for path in self.outside.aws.outbox.glob("*.json"):
            tags = json.loads(path.read_text())["tags"]
            at = datetime.strptime(path.name.partition("-")[0], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
            found.setdefault(tags.get("mailroom-message", ""), []).append(at.timestamp())
        return found
