"""What keeps data, in whichever region: retained when its stack goes, protected from deletion, recoverable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from infra.nag import accept
from lambdas.shared.bucket import OUTGOING, RAW

if TYPE_CHECKING:
    from constructs import Construct

OUTGOING_DAYS = 400  # longer than anything waits there


def table(
    scope: Construct,
    id: str,
    partition_key: str,
    sort_key: str | None = None,
    *,
    expires: str | None = None,
    stream: dynamodb.StreamViewType | None = None,
) -> dynamodb.Table:
    return dynamodb.Table(
        scope,
        id,
        partition_key=text(partition_key),
        sort_key=text(sort_key) if sort_key else None,
        time_to_live_attribute=expires,
        stream=stream,
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        deletion_protection=True,
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def private_bucket(scope: Construct, id: str, *rules: s3.LifecycleRule) -> s3.Bucket:
    """Open to nobody of itself. Retained: CloudFormation deletes no bucket that holds something."""
    return s3.Bucket(
        scope,
        id,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        lifecycle_rules=[*rules],
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )


def mail_bucket(stack: cdk.Stack, raw_mail_days: int) -> s3.Bucket:
    """Of received mail as it came, and of files that wait to be sent."""
    bucket = private_bucket(
        stack,
        "Mail",
        s3.LifecycleRule(prefix=RAW, expiration=cdk.Duration.days(raw_mail_days)),
        s3.LifecycleRule(prefix=OUTGOING, expiration=cdk.Duration.days(OUTGOING_DAYS)),
    )
    accept(
        bucket,
        "AwsSolutions-S1",
        "Only SES writes here and only our functions read. CloudTrail's data events tell who else does; a second "
        "bucket of logs would keep the ids of personal mail longer than the mail.",
    )
    # SES checks this when the receipt rule is created (developer guide, receiving-email-permissions). The rule is
    # in a stack that depends on this one, so it has no name here: any receipt rule of this account and region.
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["s3:PutObject"],
            principals=[iam.ServicePrincipal("ses.amazonaws.com")],
            resources=[bucket.arn_for_objects(f"{RAW}*")],
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {
                    "aws:SourceArn": stack.format_arn(
                        service="ses", resource="receipt-rule-set", resource_name="*:receipt-rule/*"
                    )
                },
            },
        )
    )
    return bucket


def event_bus(stack: cdk.Stack) -> events.EventBus:
    bus = events.EventBus(stack, "Bus")
    bus.apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    return bus


def text(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
