"""Post that comes back: what SES says of every mail reaches `feedback`, through three topics and in files."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sns as sns

from infra.counts import Counts
from infra.event_files import EventFiles
from infra.queued_function import QueuedFunction
from infra.storage import Storage
from infra.suppression import Suppression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from constructs import Construct

    from infra.bundle import Bundle
    from infra.identity import Identity
    from infra.settings import Settings
    from infra.settings_tracking import Tracking
    from infra.standby_identity import StandbyIdentity
    from infra.standby_storage import StandbyStorage

Event = ses.EmailSendingEvent
# What is to be known at once, or is rare.
TOPICS = {
    "Bounces": [Event.BOUNCE],
    "Complaints": [Event.COMPLAINT],
    "Activity": [Event.REJECT, Event.RENDERING_FAILURE, Event.SUBSCRIPTION],
}
FILED = [Event.SEND, Event.DELIVERY, Event.DELIVERY_DELAY]


class Feedback(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        settings: Settings,
        bundle: Bundle,
        identity: Identity | StandbyIdentity,
        storage: Storage | StandbyStorage,
        **stack: Any,
    ) -> None:
        super().__init__(scope, id, **stack)
        self.feedback = QueuedFunction(
            self,
            "Feedback",
            bundle=bundle,
            timeout=cdk.Duration.seconds(60),  # some files of events
            environment={
                "MESSAGES_TABLE": storage.messages.table_name,
                "RECIPIENTS_TABLE": storage.recipients.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
                "ANNOUNCE": json.dumps(settings.announce),
                "SOFT_BOUNCES": json.dumps(asdict(settings.soft_bounces)),
            },
        )
        self.feedback.allow(
            "dynamodb:GetItem", "dynamodb:UpdateItem", on=[storage.messages.table_arn, storage.recipients.table_arn]
        )
        self.feedback.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        self.counts = Counts(self, bundle=bundle, storage=storage)
        # One region's list at a time is in step with the recipients; in the other the outbox looks at these alone.
        self.suppression = Suppression(self, bundle=bundle, storage=storage) if isinstance(storage, Storage) else None
        self.files = EventFiles(self, "Files", function=self.feedback)
        filed = [
            self.files.publish(name, stream, *FILED, *_tracked(settings.tracking, name))
            for name, stream in identity.streams.items()
        ]
        for name, kinds in TOPICS.items():
            self._tell_at_once(name, kinds, identity.streams.values(), after=filed)

    def _tell_at_once(
        self, name: str, kinds: list[Event], streams: Iterable[ses.ConfigurationSet], *, after: list[Construct]
    ) -> None:
        """What a set no longer tells a topic it has to tell files first, or a deployment would lose it."""
        topic = sns.Topic(self, name, enforce_ssl=True)
        self.feedback.receive_from(topic)
        for stream in streams:
            # The CDK adds the topic policy for SES, bound to this account and configuration set.
            destination = ses.ConfigurationSetEventDestination(
                self,
                f"{stream.node.id}{name}",
                configuration_set=stream,
                destination=ses.EventDestination.sns_topic(topic),
                events=[*kinds],
            )
            destination.node.add_dependency(*after)


def _tracked(tracking: Tracking, stream: str) -> list[ses.EmailSendingEvent]:
    """Asking for these makes SES put a pixel into every mail of the set, and lead its links over a server that would
    then know every verification link (API v2, TrackingConfigurationOverrides): so of transactional mail only if a stage
    says so."""
    if stream not in tracking.streams:
        return []
    return [Event.OPEN, Event.CLICK] if tracking.links else [Event.OPEN]
