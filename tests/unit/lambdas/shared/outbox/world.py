"""The outbox's surroundings for test_outbox.py: an SES, a queue, a clock, and processes that go on one request at a
time and can be killed between any two."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Semaphore, Thread, current_thread

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from lambdas.feedback.record import Feedback
from lambdas.feedback.ses_event import SesEvent
from lambdas.shared.messages import Messages
from lambdas.shared.outbox.outbox import Outbox
from lambdas.shared.outbox.render import Rendered
from lambdas.shared.outbox.senders import Senders
from lambdas.shared.recipients import Recipient, SoftBounces, Suppression
from lambdas.shared.timeline import Happening
from lambdas.shared.timestamps import iso
from tests.unit.lambdas.shared.outbox.fake_table import FakeTable

CLAIM_SECONDS, LAMBDA_SECONDS = 600, 60
REFUSALS = {  # of SES, and what it answers: code, text, status
    "fail": ("InternalFailure", "An error occurred.", 500),
    "throttle": ("TooManyRequestsException", "Maximum sending rate exceeded.", 429),
    "quota": ("TooManyRequestsException", "Daily message quota exceeded.", 429),
    "pause": ("SendingPausedException", "Sending paused.", 400),
    "refuse": ("MessageRejected", "Local address contains control characters.", 400),
    "forbid": ("AccessDeniedException", "No.", 403),
}
FATES = ("take", "take and not answer", "unreachable", *REFUSALS)


class Killed(BaseException):
    """SIGKILL: nothing may catch it."""


class Process(Thread):
    """Does `work`, stopping before each request that it makes. `fate` is what SES does with the one it is about to
    make; `claimed_at` when it claimed its message."""

    def __init__(self, work, now):
        super().__init__(daemon=True)
        self.work, self.started_at, self.claimed_at = work, now, None
        self.ended, self.error, self.result = False, None, None
        self.fate, self._killed = "take", False
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        self.at = "start"
        self.start()

    def run(self):
        self._go.acquire()
        try:
            if not self._killed:
                self.result = self.work()
        except (Exception, Killed) as error:
            self.error = error
        self.ended = True
        self._stopped.release()

    def step(self, fate="take"):
        self.fate = fate
        self._go.release()
        assert self._stopped.acquire(timeout=10)

    def kill(self):
        self._killed = True
        self.step()

    def stop_before(self, request):
        self.at = request
        self._stopped.release()
        self._go.acquire()
        if self._killed:
            raise Killed


def stop_before(request):
    if isinstance(process := current_thread(), Process):
        process.stop_before(request)


@dataclass(kw_only=True)
class Acceptance:
    """SES took a message: which, at whose request, claimed when."""

    message: str
    ses_id: str
    at: datetime
    claimed_at: datetime


class World:
    """`accepted` by SES, in order; `knew` are the messages of which the table knew that they were sent when they were
    claimed again."""

    def __init__(self):
        self.clock = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
        self.accepted, self.schedules, self.suppressed, self.told = [], {}, set(), []
        self.knew = []
        self.table = FakeTable(stop_before, self._written)
        self.messages = Messages(self.table)
        self.outbox = Outbox(
            ses=self,
            templates=self,
            messages=self.messages,
            recipients=self,
            files=self,
            schedules=self,
            emit=self.emit,
            senders=Senders(by_stream={"transactional": "Acme <hello@acme.test>"}, domains={"acme.test": []}),
            tenant="",
            unsubscribe_link=lambda message: f"https://pages.example/unsubscribe/{message}",
            configuration_sets={"transactional": "t"},
            claim_seconds=CLAIM_SECONDS,
            now=self.now,
            sleep=lambda _seconds: None,
            pace=lambda: None,
        )
        self.feedback = Feedback(
            messages=self.messages,
            recipients=self,
            emit=self.emit,
            announce=frozenset(["MailSent"]),
            soft_bounces=SoftBounces(most=5, days=14),
        )

    def now(self):
        return self.clock

    def pass_by(self, seconds):
        self.clock += timedelta(seconds=seconds)

    def _written(self, key, before, values):
        if values.get(":state") == "claimed":
            current_thread().claimed_at = self.clock
            if "sent_at" in before:
                self.knew.append(key)

    # What the outbox calls

    def send_email(self, EmailTags, **_parameters):  # noqa: N803 - boto3's name
        stop_before("SES")
        process = current_thread()
        if process.fate in REFUSALS:
            code, text, status = REFUSALS[process.fate]
            answer = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(answer, "SendEmail")
        if process.fate == "unreachable":
            raise EndpointConnectionError(endpoint_url="https://ses")
        message = next(tag["Value"] for tag in EmailTags if tag["Name"] == "mailroom-message")
        ses_id = f"ses-{len(self.accepted)}"
        self.accepted.append(Acceptance(message=message, ses_id=ses_id, at=self.clock, claimed_at=process.claimed_at))
        if process.fate == "take and not answer":
            raise ReadTimeoutError(endpoint_url="https://ses")
        stop_before("the answer of SES")
        return {"MessageId": ses_id}

    def emit(self, detail_type, detail):
        stop_before("bus")
        self.told.append((detail_type, detail["message"]))

    def render(self, _template, data, _locale, **_more):
        return Rendered(subject=data["title"], text="text", html="html")

    def read(self, _request):
        return []

    keep = read

    def add(self, message_id, at, body):
        stop_before("scheduler")
        self.schedules.setdefault(message_id, (at, body))

    def remove(self, message_id):
        self.schedules.pop(message_id, None)

    def get(self, address):
        stop_before("recipients")
        why = Suppression(scope="all", reason="r", message_id="m", evidence="e", at="a", by="feedback")
        return Recipient(address=address, suppressions=(why,) if address in self.suppressed else ())

    # What SES tells

    def event(self, acceptance, kind):
        return SesEvent(
            ses_id=acceptance.ses_id,
            message_id=acceptance.message,
            stream="transactional",
            template="notice",
            ticket=None,
            from_domain="acme.test",
            taken_at=iso(acceptance.at),
            destination=("mia@example.org",),
            recipients=("mia@example.org",),
            happening=Happening(key=f"{kind}#{acceptance.ses_id}", kind=kind, at=iso(acceptance.at)),
        )
