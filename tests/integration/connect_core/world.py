"""A ticket system in memory that fails as it is told to, queues with a clock of their own, and an AWS that dies."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from botocore.client import BaseClient

from lambdas.connect.clients import credentials, signing_secrets
from lambdas.connect.remote import Overtaken, RemoteComment, RemoteTicket, TooMany, Touched, Unavailable, Unknown
from lambdas.connect.webhook import DELIVERED, Attempt
from tests.integration.records import batch

START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Dead(Exception):
    """The function was killed here."""


@dataclass
class There:
    """What a fake system holds of one ticket."""

    marker: str
    opening: object
    status: str = "new"
    comments: list = field(default_factory=list)


class FakeRemote:
    """Each write takes one word of `script`: "ok", "before" or "after" (a time-out; done by then or not), "503", "429",
    or an error to raise. `during` is called within each write, before it is done."""

    lag = 60.0

    def __init__(self, clock):
        self.clock = clock
        self.script = []
        self.tickets = {}
        self.made_at = {}
        self.log = []
        self.during = lambda: None
        self.seconds = 37.0
        self.touched = []
        self.asked_since = []

    def _write(self, do):
        word = self.script.pop(0) if self.script else "ok"
        self.during()
        if isinstance(word, Exception):
            raise word
        if word == "429":
            raise TooMany(self.seconds)
        if word == "503":
            raise Unavailable("not well")
        if word == "before":
            raise Unknown("timed out")
        done = do()
        if word == "after":
            raise Unknown("timed out")
        return done

    def find(self, marker):
        self.log.append("find")
        for name, ticket in self.tickets.items():
            if ticket.marker == marker and self.clock() - self.made_at[name] >= timedelta(seconds=self.lag):
                return self._ticket(name)
        return None

    def create(self, opening):
        def do():
            made = str(len(self.tickets) + 100)
            self.tickets[made], self.made_at[made] = There(opening.marker, opening), self.clock()
            return self._ticket(made)

        return self._write(do)

    def finish(self, remote_id, opening):
        return []

    def comments(self, remote_id):
        return list(self.tickets[remote_id].comments)

    def comment(self, remote_id, comment):
        return self._write(lambda: self.says(remote_id, comment.text, marker=comment.marker, public=comment.public))

    def says(self, remote_id, text, *, marker=None, public=True, author="Jo"):
        ticket = self.tickets[remote_id]
        made = f"{remote_id}{len(ticket.comments):03}"
        given = {"id": made, "marker": marker, "author": author, "public": public, "text": text}
        ticket.comments.append(RemoteComment(**given, at="2026-11-21T11:00:00.000+0000"))
        ticket.status = "open" if ticket.status == "new" else ticket.status
        return made

    def status(self, remote_id):
        return self.tickets[remote_id].status

    def set_status(self, remote_id, ours, over=""):
        def do():
            there = self.tickets[remote_id]
            if over and there.status != over:
                raise Overtaken
            there.status = there.status if ours == "new" else {"pending": "open"}.get(ours, ours)
            return there.status

        return self._write(do) if self.tickets[remote_id].status != ours else ours

    def updated(self, since):
        self.asked_since.append(since)
        touched = self.touched.pop(0) if self.touched else []
        if isinstance(touched, Exception):
            raise touched
        return Touched(ids=tuple(touched), whole="..." not in touched)

    def check(self):
        return self._write(list)

    def _ticket(self, id):
        return RemoteTicket(id=id, key=f"#{id}", url=f"https://there/{id}")


class FakeReceiver:
    """A webhook's receiver. Each try takes one Attempt, or error, of `script`; `got` has the ids and times of those
    that were delivered, `tries` of all."""

    def __init__(self, clock):
        self.clock = clock
        self.script = []
        self.tries = []
        self.got = []
        self.during = lambda: None

    def deliver(self, message):
        self.during()
        self.tries.append((message.id, self.clock()))
        attempt = self.script.pop(0) if self.script else Attempt(outcome=DELIVERED)
        if isinstance(attempt, Exception):
            raise attempt
        if attempt.outcome == DELIVERED:
            self.got.append((message.id, message.body))
        return attempt

    def check(self):
        return []


class Context:
    """Lambda's, of a function that may take two minutes."""

    def get_remaining_time_in_millis(self):
        return 120_000


class World:
    """The function with its queue, in one thread and a time of its own."""

    def __init__(self, module, monkeypatch):
        self.module, self.moment, self.calls, self.dies_at = module, START, 0, None
        self.queued, self.to_tickets, self.dead = [], [], []
        self.remotes = {name: FakeRemote(self.clock) for name in module.remotes._destinations}
        self.receivers = {name: FakeReceiver(self.clock) for name in module.webhooks._destinations}
        monkeypatch.setattr(module, "sqs", self)
        monkeypatch.setattr(module.queue, "_sqs", self)
        monkeypatch.setattr("lambdas.shared.queue.time", self)
        for clients in (module.remotes, module.webhooks):
            clients._now = self.clock
            clients._kinds = dict.fromkeys(clients._kinds, self.made)
        work = replace(module.work, now=self.clock)
        monkeypatch.setattr(module, "work", work)
        for verb in ("sync", "pull", "poll"):
            monkeypatch.setattr(module, verb, replace(getattr(module, verb), work=work))
        monkeypatch.setattr(module, "deliver", replace(module.deliver, now=self.clock, chance=lambda: 0.0))
        make = BaseClient._make_api_call
        monkeypatch.setattr(BaseClient, "_make_api_call", lambda *asked: self.alive(lambda: make(*asked)))

    def made(self, destination, secret):
        """A destination's client, once its secret was looked at as the real one's is."""
        if destination.kind == "webhook":
            signing_secrets(destination.name, secret)
            return self.receivers[destination.name]
        credentials(destination.name, secret)
        return self.remotes[destination.name]

    def clock(self):
        return self.moment

    def time(self):
        return self.moment.timestamp()

    def alive(self, do):
        """The call that the function dies at is made, and its answer never heard."""
        self.calls += 1
        if self.dies_at is not None and self.calls > self.dies_at:
            raise Dead
        done = do()
        if self.calls == self.dies_at:
            raise Dead
        return done

    def send_message(self, **asked):
        def do():
            queue = asked["QueueUrl"].rsplit("/", 1)[1]
            due = self.moment + timedelta(seconds=asked.get("DelaySeconds", 0))
            if queue == "queue":
                self.queued.append((due, asked["MessageBody"]))
            elif queue == "tickets":
                self.to_tickets.append(asked["MessageBody"])
            else:
                told = {name: value["StringValue"] for name, value in asked["MessageAttributes"].items()}
                self.dead.append((asked["MessageBody"], told))

        return self.alive(do)

    def put(self, *bodies):
        """Hand records to the function, as a batch; gives what SQS delivers again."""
        try:
            return self.module.handler(batch(*bodies), Context())["batchItemFailures"]
        except Dead:
            return list(bodies)

    def run(self, most=300, *, whole=True):
        """Until the queue is empty; not `whole`: so many messages. Who dies is delivered again after the queue's
        visibility timeout."""
        for _ in range(most):
            if not self.queued:
                return
            self.queued.sort(key=lambda each: each[0])
            due, body = self.queued.pop(0)
            self.moment = max(self.moment, due)
            if self.put(body):
                self.dies_at = None
                self.queued.append((self.moment + timedelta(seconds=60), body))
            self.moment += timedelta(milliseconds=1)
        assert not whole, "the queue is never empty"
