"""Whether what carries mail is closed to strangers and open to AWS: the policies of topics, queues and buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from cli.doctor.line import Line, error, ok, warning
from cli.doctor.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case

TOPIC, QUEUE, BUCKET = "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::S3::Bucket"
SES, CLOUDWATCH, S3 = "ses.amazonaws.com", "cloudwatch.amazonaws.com", "s3.amazonaws.com"
# Who publishes to the topics of a stack.
PUBLISHERS = {"Feedback": SES, "Inbound": SES, "Monitoring": CLOUDWATCH}
CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def topics(case: Case) -> Iterator[Line]:
    sns, bad, number = case.there.client("sns"), [], 0
    for stack, publisher in PUBLISHERS.items():
        for name, arn in case.resources(stack, TOPIC).items() if case.deployed(stack) else ():
            number += 1
            policy = Policy(sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy", ""))
            bad += [*faults(case, "topics", stack, f"the topic {name}", policy)]
            if not policy.lets(publisher, "sns:Publish", case.there.account):
                shut = f"{publisher} may not publish to the topic {name}, so that what it has to tell is lost"
                bad.append(error("topics", shut, by_hand(case, stack)))
    yield from bad
    if number and not bad:
        yield ok("topics", f"{number} topics: AWS may publish to each, and nobody else")


def queues(case: Case) -> Iterator[Line]:
    sqs, bad, number = case.there.client("sqs"), [], 0
    for stack in (stack.name for stack in case.stacks):
        for name, url in case.resources(stack, QUEUE).items():
            number += 1
            said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
            bad += [*faults(case, "queues", stack, f"the queue {name}", Policy(said.get("Policy", "")))]
    yield from bad
    if number and not bad:
        yield ok("queues", f"{number} queues are closed to strangers")


def bucket(case: Case) -> Iterator[Line]:
    if not case.deployed("Storage"):
        return
    name = case.resource("Storage", BUCKET)
    policy = policy_of(case, name)
    bad = [*faults(case, "bucket", "Storage", f"the bucket {name}", policy)]
    if case.settings.mailboxes and not policy.lets(SES, "s3:PutObject", case.there.account):
        bad.append(error("bucket", f"SES may not store mail in the bucket {name}", by_hand(case, "Storage")))
    bad += public(case, "bucket", name)
    yield from bad or [ok("bucket", f"{name} takes mail from SES, and is closed to strangers")]


def event_files(case: Case) -> Iterator[Line]:
    """Whether the files of events that Firehose writes are told of. A stage of before there were any has no bucket."""
    check = "event-files"
    for name in case.resources("Feedback", BUCKET).values() if case.deployed("Feedback") else ():
        bad = [
            *faults(case, check, "Feedback", f"the bucket {name}", policy_of(case, name)),
            *public(case, check, name),
        ]
        if not told_of(case, name):
            deaf = f"S3 tells nobody of files in the bucket {name}, so that no delivery is known"
            bad.append(error(check, deaf, by_hand(case, "Feedback")))
        yield from bad or [ok(check, f"feedback is told of the files in {name}, which is closed to strangers")]


def told_of(case: Case, bucket: str) -> bool:
    """Whether S3 tells the queue of `feedback` of what comes into the bucket, and may."""
    told = case.there.client("s3").get_bucket_notification_configuration(Bucket=bucket)
    url = case.resource("Feedback", QUEUE, "FeedbackQueue")
    said = case.there.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {})
    may = Policy(said.get("Policy", "")).lets(S3, "sqs:SendMessage", case.there.account)
    return "QueueConfigurations" in told and may


def policy_of(case: Case, bucket: str) -> Policy:
    try:
        return Policy(case.there.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    except ClientError as failed:
        if failed.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return Policy("")


def public(case: Case, check: str, bucket: str) -> Iterator[Line]:
    if not blocked(case, bucket):
        put = f"s3api put-public-access-block --bucket {bucket} --public-access-block-configuration"
        block = case.aws(f"{put} {','.join(f'{setting}=true' for setting in CLOSED)}")
        yield error(check, f"public access to the bucket {bucket} is not blocked", block)


def blocked(case: Case, bucket: str) -> bool:
    try:
        said = case.there.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as failed:
        if failed.response["Error"]["Code"] != "NoSuchPublicAccessBlockConfiguration":
            raise
        return False
    return all(said.get(setting) for setting in CLOSED)


def faults(case: Case, check: str, stack: str, what: str, policy: Policy) -> Iterator[Line]:
    if strangers := policy.open_to(case.there.account):
        yield error(check, f"{what} lets strangers do {', '.join(strangers)}", by_hand(case, stack))
    if not policy.demands_tls:
        yield warning(check, f"{what} may be reached without TLS", by_hand(case, stack))


def by_hand(case: Case, stack: str) -> str:
    """The stacks make none of these faults, and a deployment does not see what was changed past it."""
    drift = case.aws(f"cloudformation detect-stack-drift --stack-name Mailroom-{case.stage}-{stack}")
    return f"somebody has changed it by hand, {drift} finds what; docs/doctor.md tells how to put it back"
