"""The one way in which anything asynchronous runs: source -> SQS -> Lambda, with dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from infra.function import Function, Measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import aws_sns as sns
    from constructs import Construct

    from infra.bundle import Bundle

MAX_RECEIVES = 5


class QueuedFunction(Function):
    """A function that is fed by its own queue, message by message; what it cannot do lies in `dead_letters`.

    The function answers with partial batch failures, sends what it rejects to the dead letters itself (with the reason
    as a message attribute) and puts what must wait back into its own queue with a delay.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        bundle: Bundle,
        environment: Mapping[str, str],
        concurrency: int = 10,
        batch_size: int = 10,
        **measure: Unpack[Measure],
    ) -> None:
        # What waits for SES's rate or quota goes round through this queue, by design and with a delay. Lambda would end
        # such a loop at its 16th round (developer guide, invocation-recursion).
        looping: Measure = measure | {"recursive_loop": lambda_.RecursiveLoop.ALLOW}
        super().__init__(scope, id, bundle=bundle, environment=environment, **looping)
        self.dead_letters = self._queue("DeadLetters", retention_period=Duration.days(14))
        self.queue = self._queue(
            "Queue",
            visibility_timeout=Duration.seconds(
                6 * self.timeout.to_seconds()
            ),  # Lambda's advice for queues that feed it
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=MAX_RECEIVES),
        )
        self._connect(concurrency, batch_size)
        CfnOutput(Stack.of(self), f"{id}Queue", value=self.queue.queue_url)
        CfnOutput(Stack.of(self), f"{id}DeadLetters", value=self.dead_letters.queue_url)

    def receive_from(self, *topics: sns.Topic) -> None:
        """Feed the queue with the topics' notifications, each in its SNS envelope."""
        for topic in topics:
            topic.add_subscription(subscriptions.SqsSubscription(self.queue, dead_letter_queue=self.dead_letters))

    def receive_events(
        self,
        bus: events.IEventBus,
        *detail_types: str,
        id: str | None = None,
        source: list[str] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Feed the queue with the bus's events of these detail-types: of whatever application, or of these sources; of
        whatever detail, or of such that fit this pattern. The rule's id is that of the first, or `id`."""
        events.Rule(
            self,
            id or detail_types[0],
            event_bus=bus,
            event_pattern=events.EventPattern(detail_type=[*detail_types], source=source, detail=detail),
            targets=[targets.SqsQueue(self.queue, dead_letter_queue=self.dead_letters)],
        )

    def receive_daily(self, command: str, *, at: str) -> None:
        """Feed the queue with this command once a day, `at` such a time of day in UTC: H:MM."""
        hour, minute = at.split(":")
        self._receive(command, events.Schedule.cron(hour=hour, minute=minute))

    def receive_regularly(self, command: str, *, every: Duration) -> None:
        """Feed the queue with this command, the first time when `every` has passed."""
        self._receive(command, events.Schedule.rate(every))

    def _receive(self, command: str, schedule: events.Schedule) -> None:
        """The command looks like an event of the bus; its id is new each time."""
        body = {
            "id": events.EventField.event_id,
            "detail-type": command,
            "time": events.EventField.time,
            "detail": {},
        }
        target = targets.SqsQueue(
            self.queue, dead_letter_queue=self.dead_letters, message=events.RuleTargetInput.from_object(body)
        )
        events.Rule(self, command, schedule=schedule, targets=[target])

    def _queue(
        self,
        id: str,
        *,
        retention_period: Duration | None = None,
        visibility_timeout: Duration | None = None,
        dead_letter_queue: sqs.DeadLetterQueue | None = None,
    ) -> sqs.Queue:
        return sqs.Queue(
            self,
            id,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=retention_period,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=dead_letter_queue,
        )

    def _connect(self, concurrency: int, batch_size: int) -> None:
        self.allow(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",
            on=self.queue.queue_arn,
        )
        self.allow("sqs:SendMessage", on=[self.queue.queue_arn, self.dead_letters.queue_arn])
        self.function.add_environment("QUEUE_URL", self.queue.queue_url)
        self.function.add_environment("DEAD_LETTERS_URL", self.dead_letters.queue_url)
        self.function.add_environment("MAX_RECEIVES", str(MAX_RECEIVES))
        lambda_.EventSourceMapping(
            self,
            "Source",
            target=self.function,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            report_batch_item_failures=True,
            max_concurrency=concurrency,
        )
