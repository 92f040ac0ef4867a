"""Events that come often, by the file: SES -> Firehose -> a file a minute in a bucket -> the queue of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ses as ses
from constructs import Construct

from infra.keeping import private_bucket
from infra.nag import accept

if TYPE_CHECKING:
    from infra.queued_function import QueuedFunction

GATHERED = cdk.Duration.seconds(60)  # for so long; the shortest that costs no more than a file a minute does
GATHERED_MEGABYTES = 1  # or until it is so much, some 500 events, which take a function ten seconds
KEPT = cdk.Duration.days(21)  # longer than a file that is waited for, 3 days, and then lies in dead letters, 14 days


class EventFiles(Construct):
    """A stream of Firehose's that `publish` leads events of SES into, and whose files `function` is told of. The files
    are there to be read again if anything fails, and then delete themselves."""

    def __init__(self, scope: Construct, id: str, *, function: QueuedFunction) -> None:
        super().__init__(scope, id)
        self._stack = cdk.Stack.of(self)
        self.bucket = self._bucket(function)
        self.stream = self._stream()
        self._imported = firehose.DeliveryStream.from_delivery_stream_arn(self, "Named", self.stream.attr_arn)
        self._let_read(function)

    def publish(self, id: str, stream: ses.ConfigurationSet, *kinds: ses.EmailSendingEvent) -> Construct:
        """Lead these kinds of events of a configuration set here."""
        # The CDK adds the role that SES takes, bound to this account and configuration set.
        return ses.ConfigurationSetEventDestination(
            self,
            id,
            configuration_set=stream,
            destination=ses.EventDestination.firehose_delivery_stream(delivery_stream=self._imported),
            events=[*kinds],
        )

    def age(self, period: cdk.Duration) -> cloudwatch.Metric:
        """Of the oldest event that Firehose has and no file holds yet, in seconds."""
        return cloudwatch.Metric(
            namespace="AWS/Firehose",
            metric_name="DeliveryToS3.DataFreshness",
            dimensions_map={"DeliveryStreamName": self.stream.ref},
            statistic="Maximum",
            period=period,
        )

    def _bucket(self, function: QueuedFunction) -> s3.Bucket:
        bucket = private_bucket(self, "Bucket", s3.LifecycleRule(expiration=KEPT))
        accept(
            bucket,
            "AwsSolutions-S1",
            "Only Firehose writes here and only `feedback` reads. CloudTrail's data events tell who else does.",
        )
        # S3 sends a test when it is told of the queue, so the queue's policy comes first, and cannot name the bucket.
        function.queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                resources=[function.queue.queue_arn],
                conditions={"StringEquals": {"aws:SourceAccount": self._stack.account}},
            )
        )
        bucket.node.add_dependency(function.queue)
        # The CDK would set this by a function of its own, once the bucket is there.
        resource = cast("s3.CfnBucket", bucket.node.default_child)
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(event="s3:ObjectCreated:*", queue=function.queue.queue_arn)
            ]
        )
        return bucket

    def _stream(self) -> firehose.CfnDeliveryStream:
        """What Firehose needs for S3: developer guide, "Grant Firehose access to an Amazon S3 destination"."""
        writer = iam.Role(self, "Writer", assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"))
        self._allow(
            writer, ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"], self.bucket.bucket_arn
        )
        objects = self.bucket.arn_for_objects("*")
        self._allow(writer, ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"], objects)
        self._accept_objects(writer)
        stream = firehose.CfnDeliveryStream(
            self,
            "Stream",
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
            ),
            extended_s3_destination_configuration=(
                firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
                    bucket_arn=self.bucket.bucket_arn,
                    role_arn=writer.role_arn,
                    buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                        interval_in_seconds=GATHERED.to_seconds(), size_in_m_bs=GATHERED_MEGABYTES
                    ),
                )
            ),
        )
        stream.node.add_dependency(writer)
        return stream

    def _let_read(self, function: QueuedFunction) -> None:
        function.function.add_environment("EVENTS_BUCKET", self.bucket.bucket_name)
        function.allow("s3:GetObject", on=self.bucket.arn_for_objects("*"))
        # Else S3 says of a file that is gone that access is denied.
        function.allow("s3:ListBucket", on=self.bucket.bucket_arn)
        self._accept_objects(function)

    def _allow(self, role: iam.Role, actions: list[str], resource: str) -> None:
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[resource]))

    def _accept_objects(self, construct: Construct) -> None:
        name = self._stack.get_logical_id(cast("s3.CfnBucket", self.bucket.node.default_child))
        accept(
            construct, f"AwsSolutions-IAM5[Resource::<{name}.Arn>/*]", "Nothing but files of events is in this bucket."
        )
