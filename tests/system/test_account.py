"""What no metric of AWS tells of SES, told by `account` and heard by whoever listens to the alarms."""

import json
from contextlib import ExitStack

import pytest

from local.outside import until

WATCHED = ("DailyQuota", "SendingRestricted", "RuleSetLost", "DkimLost", "MailFromLost")


@pytest.fixture
def look(outside):
    """Has `account` look now, and not in 15 minutes; gives which of its alarms are in ALARM then, once they are as many
    as expected."""

    def alarmed():
        found = outside.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"]
        return sorted(name for name in WATCHED for alarm in found if f"-Alarms{name}" in alarm["AlarmName"])

    def seen():
        name = {"Namespace": "Mailroom", "MetricName": "QuotaUsed"}
        return outside.client("cloudwatch").list_metrics(**name)["Metrics"]

    def run(*expected):
        body = json.dumps({"detail-type": "LookAtAccount"})
        outside.client("sqs").send_message(QueueUrl=outside.outputs["AccountQueue"], MessageBody=body)
        until(lambda: seen() and alarmed() == sorted(expected), f"the alarms {', '.join(expected) or '(none)'}")

    return run


@pytest.fixture
def heard(outside):
    """What the topic of alarms has told since: the names of alarms."""
    sqs, sns = outside.client("sqs"), outside.client("sns")
    [alarm] = outside.client("cloudwatch").describe_alarms(AlarmNamePrefix="Mailroom-local-Monitoring-AlarmsDkim")[
        "MetricAlarms"
    ]
    [topic] = alarm["AlarmActions"]
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    told = []

    def run():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            told.append(json.loads(json.loads(message["Body"])["Message"])["AlarmName"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(name for name in WATCHED for alarm in told if f"-Alarms{name}" in alarm)

    yield run
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def everything_wrong(outside, knob):
    """Lets go wrong all that `account` looks for, and puts it right in the end."""
    ses = outside.client("ses")
    ours = ses.describe_active_receipt_rule_set()["Metadata"]["Name"]
    with ExitStack() as in_the_end:

        def run():
            sent = outside.client("sesv2").get_account()["SendQuota"]["SentLast24Hours"]
            in_the_end.callback(knob, "account", enforcement="HEALTHY", max_24_hours=50_000)
            in_the_end.callback(knob, "identity", name="acme.test", verified=True)
            in_the_end.callback(ses.set_active_receipt_rule_set, RuleSetName=ours)
            knob("account", enforcement="PROBATION", max_24_hours=sent)
            knob("identity", name="acme.test", verified=False, status="TEMPORARY_FAILURE")
            ses.set_active_receipt_rule_set()

        yield run


def test_what_is_wrong_with_the_account_raises_its_alarm_and_is_told(outside, look, heard, everything_wrong):
    outside.put(
        "SendMail", {"to": "counted@example.org", "template": "notice", "data": {"title": "Hi", "text": "There"}}
    )
    until(lambda: outside.mail_to("counted@example.org"), "a mail that counts")
    look()
    everything_wrong()
    look(*WATCHED)
    until(lambda: heard() == sorted(WATCHED), "five alarms on the topic")
