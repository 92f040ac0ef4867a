"""Feedback on tables in memory. `requests` are what it asks of them; `told` what it says."""

from lambdas.feedback.record import Feedback
from lambdas.feedback.ses_event import happened
from lambdas.shared.messages import Messages
from lambdas.shared.recipients import Recipients, SoftBounces
from tests.unit.lambdas.shared.outbox.fake_table import FakeTable


class World:
    """`before(what)` is called before each request."""

    def __init__(self, before=lambda _what: None, announce=()):
        self.requests, self.told = [], []
        self._before = before
        self.messages = FakeTable(lambda operation: self._note(f"message {operation}"))
        self.recipients = FakeTable(lambda operation: self._note(f"recipient {operation}"))
        self.feedback = Feedback(
            messages=Messages(self.messages),
            recipients=Recipients(self.recipients),
            emit=self._emit,
            announce=frozenset(announce),
            soft_bounces=SoftBounces(most=3, days=14),
        )

    def _note(self, what):
        self._before(what)
        self.requests.append(what)

    def _emit(self, detail_type, detail):
        self._note("tell")
        self.told.append((detail_type, detail))

    def sent(self, message_id="m1", ses_id="0100ses1", **more):
        """A message as the outbox leaves it once SES has taken it."""
        known = {"id": message_id, "state": "sent", "recipient": "mia@example.org", "stream": "marketing"}
        settled = {"ses_id": ses_id, "sent_at": "2026-11-21T10:00:00.100Z", "template": "notice"}
        self.messages.items[message_id] = known | settled | more

    def record(self, event):
        """What is asked of the tables and told, for this event."""
        before = len(self.requests)
        self.feedback.record(happened(event))
        return self.requests[before:]
