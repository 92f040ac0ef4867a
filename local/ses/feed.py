"""Events on their way to the destinations of the message's configuration set, in the order they happened."""

import json
import logging
from collections.abc import Sequence
from threading import Timer

from local.ses.account import Account, Firehose
from local.ses.aws import Aws, Refused
from local.ses.events import Event
from local.ses.knobs import Knobs

_log = logging.getLogger(__name__)
_SUBJECT = "Amazon SES Email Event Notification"


class Feed:
    def __init__(self, account: Account, aws: Aws, knobs: Knobs) -> None:
        self._account = account
        self._aws = aws
        self._knobs = knobs
        self._held: list[tuple[str, Event]] = []

    def report(self, configuration_set: str, happened: Sequence[Event]) -> None:
        """Without a configuration set nothing is reported, as on AWS."""
        reported = [(configuration_set, event) for event in happened]
        if self._knobs.hold:
            self._held += reported
        else:
            self._publish_all(reported)

    def release(self, *, backwards: bool) -> None:
        """Publish what was held back, and hold nothing more."""
        held, self._held = self._held, []
        self._knobs.hold = False
        self._publish_all(held[::-1] if backwards else held)

    def _publish_all(self, reported: list[tuple[str, Event]]) -> None:
        for name, event in reported:
            for copy in range(self._knobs.copies):
                seconds = self._knobs.chaos.lateness(f"{event.kind} {event.body['mail']['messageId']} {copy}")
                if seconds:
                    late = Timer(seconds, self._publish, (name, event))
                    late.daemon = True
                    late.start()
                else:
                    self._publish(name, event)

    def _publish(self, name: str, event: Event) -> None:
        found = self._account.configuration_sets.get(name)
        for destination in found.destinations.values() if found else ():
            if not (destination.enabled and event.kind in destination.event_types):
                continue
            try:
                self._send(destination.to, json.dumps(event.body), self._account.arn(f"configuration-set/{name}"))
            except Refused as refused:
                # SES drops the event; nobody on AWS would hear of it, so the laptop at least says so.
                _log.error("event %s of set %s is lost: %s", event.kind, name, refused)

    def _send(self, to: str | Firehose, message: str, source: str) -> None:
        """In a stream each event is a line (DG event-publishing-retrieving-firehose-contents)."""
        if isinstance(to, Firehose):
            self._aws.put_record(to.stream_arn, f"{message}\n".encode(), role_arn=to.role_arn, source_arn=source)
        else:
            self._aws.publish(to, _SUBJECT, message, source_arn=source)
