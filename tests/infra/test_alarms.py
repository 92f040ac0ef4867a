"""What raises an alarm, when, and where it is heard."""

import json

import aws_cdk as cdk
import pytest

from app import mailroom
from infra.bundle import bundle
from infra.settings import Settings
from tests.infra.conftest import CONTEXT, named, without_hash
from tests.infra.test_queues import FUNCTIONS, QUEUED

AT_LEAST, LESS = "GreaterThanOrEqualToThreshold", "LessThanThreshold"
QUIET = "notBreaching"
OURS = [("Stage", "local")]
ON_SES = {
    # id: namespace, metric, dimensions, statistic, period, comparison, threshold, times of periods, silence
    "AccountBounceRate": ("AWS/SES", "Reputation.BounceRate", [], "Average", 3600, AT_LEAST, 0.04, (1, 1), "ignore"),
    "AccountComplaintRate": (
        *("AWS/SES", "Reputation.ComplaintRate", [], "Average", 3600),
        *(AT_LEAST, 0.0008, (1, 1), "ignore"),
    ),
    **{
        f"{stream.capitalize()}{name}": (
            *("Mailroom", name, [*OURS, ("Stream", stream)], "Maximum", 900),
            *(AT_LEAST, threshold, (1, 1), QUIET),
        )
        for stream in ("transactional", "marketing")
        for name, threshold in (("BounceRate", 2), ("ComplaintRate", 0.05))
    },
    **{
        f"{stream.capitalize()}{done}": (
            *("Mailroom", f"Sending{done}", [*OURS, ("Stream", stream)], "Maximum", 900),
            *(AT_LEAST, 1, (1, 1), QUIET),
        )
        for stream, done in (("marketing", "Slowed"), ("marketing", "Paused"), ("transactional", "Paused"))
    },
    **{
        name: ("AWS/SES", metric, [("RuleSetName", "<Rules>")], "Sum", 300, AT_LEAST, 1, (1, 1), QUIET)
        for name, metric in (("ReceiptFailures", "PublishFailure"), ("ReceiptLosses", "PublishExpired"))
    },
    **{
        name: ("Mailroom", metric, OURS, "Maximum", 900, AT_LEAST, threshold, (1, 2), QUIET)
        for name, metric, threshold in (
            ("DailyQuota", "QuotaUsed", 80),
            ("SendingRestricted", "SendingRestricted", 1),
            ("RuleSetLost", "RuleSetLost", 1),
            ("DkimLost", "DkimLost", 1),
            ("MailFromLost", "MailFromLost", 1),
        )
    },
    "AccountUnseen": ("Mailroom", "QuotaUsed", OURS, "SampleCount", 900, LESS, 1, (4, 4), "breaching"),
}
WATCHED = [name for name in FUNCTIONS if name != "Smtp"]  # infra/smtp.py says why


@pytest.fixture
def alarms(resources):
    """The alarms of a stage by their ids within Alarms: `alarms("local")`."""

    def select(stage):
        found = resources(stage, "AWS::CloudWatch::Alarm").items()
        return {without_hash(name).removeprefix("Alarms"): alarm["Properties"] for name, alarm in found}

    return select


def rule(alarm):
    """What an alarm goes by."""
    dimensions = [(dimension["Name"], named(dimension["Value"])) for dimension in alarm.get("Dimensions", [])]
    periods = alarm["EvaluationPeriods"]
    return (
        *(alarm["Namespace"], alarm["MetricName"], dimensions, alarm["Statistic"], alarm["Period"]),
        *(alarm["ComparisonOperator"], alarm["Threshold"], (alarm.get("DatapointsToAlarm", periods), periods)),
        alarm["TreatMissingData"],
    )


def test_there_is_an_alarm_for_everything_that_goes_wrong(alarms):
    of_functions = {f"{name}{kind}" for name in WATCHED for kind in ("Errors", "Throttles")}
    of_queues = {f"{name}{kind}" for name in QUEUED for kind in ("DeadLetters", "Age")} | {"CountsLate"}
    assert alarms("local").keys() == of_functions | of_queues | ON_SES.keys() | {
        *("DestinationPaused", "EventFilesLate", "GuardUnseen"),
    }


def test_a_stage_that_receives_nothing_has_no_alarms_on_it(alarms):
    assert not {"ReceiptFailures", "ReceiptLosses", "RuleSetLost", "InboundAge"} & alarms("trial").keys()
    assert {"AccountBounceRate", "DailyQuota", "DkimLost", "SendAge"} <= alarms("trial").keys()


@pytest.mark.parametrize("name", ON_SES)
def test_alarms_on_ses_come_before_its_limits(alarms, name):
    assert rule(alarms("local")[name]) == ON_SES[name]


@pytest.mark.parametrize("name", WATCHED)
def test_errors_raise_an_alarm_at_once_and_throttles_when_they_last(alarms, name):
    of_function = [("FunctionName", f"<{name}Function>")]
    found = alarms("local")
    assert rule(found[f"{name}Errors"]) == (
        *("AWS/Lambda", "Errors", of_function, "Sum", 300),
        *(AT_LEAST, 1, (1, 1), QUIET),
    )
    assert rule(found[f"{name}Throttles"]) == (
        *("AWS/Lambda", "Throttles", of_function, "Sum", 300),
        *(AT_LEAST, 1, (3, 3), QUIET),
    )
    assert "mailroom --stage local status" in found[f"{name}Errors"]["AlarmDescription"]


@pytest.mark.parametrize("name", QUEUED)
def test_dead_letters_and_old_messages_raise_alarms(alarms, name):
    found = alarms("local")
    assert rule(found[f"{name}DeadLetters"]) == (
        *("AWS/SQS", "ApproximateNumberOfMessagesVisible", [("QueueName", f"<{name}DeadLetters.QueueName>")]),
        *("Maximum", 60, AT_LEAST, 1, (1, 1), QUIET),
    )
    assert rule(found[f"{name}Age"]) == (
        *("AWS/SQS", "ApproximateAgeOfOldestMessage", [("QueueName", f"<{name}Queue.QueueName>")]),
        *("Maximum", 300, AT_LEAST, 3600 if name == "Send" else 900, (2, 2), QUIET),
    )


def test_a_guard_that_is_not_called_raises_an_alarm(alarms):
    of_function = [("FunctionName", "<GuardFunction>")]
    assert rule(alarms("local")["GuardUnseen"]) == (
        *("AWS/Lambda", "Invocations", of_function, "Sum", 900),
        *(LESS, 1, (2, 2), "breaching"),
    )


def test_files_of_events_that_do_not_come_raise_an_alarm(alarms):
    assert rule(alarms("local")["EventFilesLate"]) == (
        *("AWS/Firehose", "DeliveryToS3.DataFreshness", [("DeliveryStreamName", "<FilesStream>")], "Maximum", 300),
        *(AT_LEAST, 900, (1, 1), QUIET),
    )


def test_counts_that_are_late_raise_an_alarm_and_cost_no_metric_otherwise(alarms, resources):
    found = resources("local", "AWS::Logs::MetricFilter").values()
    [lag] = [item["Properties"] for item in found if named(item["Properties"]["LogGroupName"]) == "<CountsLog>"]
    assert lag["FilterPattern"] == "{ $.lag_seconds >= 900 }"
    assert lag["MetricTransformations"] == [
        {"MetricName": "CountsLag", "MetricNamespace": "Mailroom/local", "MetricValue": "$.lag_seconds"}
    ]
    assert rule(alarms("local")["CountsLate"]) == (
        *("Mailroom/local", "CountsLag", [], "Maximum", 300),
        *(AT_LEAST, 900, (1, 1), QUIET),
    )


def test_an_alarm_says_what_to_do_and_where_to_read_on(alarms):
    assert alarms("local")["SendDeadLetters"]["AlarmDescription"] == (
        "What Send rejected, or failed at too often, waits in its dead-letter queue, for 14 days at most. First: "
        "mailroom --stage local status; once the cause is gone: mailroom --stage local redrive send. "
        "Runbook: docs/runbooks/dead-letters.md"
    )


def test_a_pause_raises_an_alarm_that_ends_with_it_and_says_what_to_do(alarms, resources):
    found = resources("local", "AWS::Logs::MetricFilter").values()
    (pauses,) = [item["Properties"] for item in found if named(item["Properties"]["LogGroupName"]) == "<ConnectLog>"]
    assert pauses["FilterPattern"] == "{ $.paused >= 0 }"
    assert pauses["MetricTransformations"] == [
        {"MetricName": "Paused", "MetricNamespace": "Mailroom/local", "MetricValue": "$.paused"}
    ]
    alarm = alarms("local")["DestinationPaused"]
    two_polls = 2 * 5 * 60  # each period holds a poll, of which none is a gap
    assert rule(alarm) == ("Mailroom/local", "Paused", [], "Maximum", two_polls, AT_LEAST, 1, (1, 1), QUIET)
    assert alarm["AlarmDescription"] == (
        "A destination is paused: it is told of nothing until it is resumed. First: mailroom --stage local connect "
        "status, which says why; once the cause is gone: mailroom --stage local connect resume NAME. "
        "Runbook: docs/runbooks/destination-paused.md"
    )


def test_alarms_go_to_one_topic(alarms):
    for alarm in alarms("local").values():
        assert [named(action) for action in alarm["AlarmActions"]] == ["<AlarmsTopic>"]


@pytest.mark.parametrize(("stage", "addresses"), [("local", []), ("example", ["operations@example.com"])])
def test_alarms_are_mailed_where_an_address_is_given(resources, stage, addresses):
    found = resources(stage, "AWS::SNS::Subscription").values()
    mailed = [item["Properties"]["Endpoint"] for item in found if item["Properties"]["Protocol"] == "email"]
    assert mailed == addresses


def test_alarms_are_told_in_a_channel_of_slack_by_a_role_that_may_do_nothing(tmp_path):
    given = CONTEXT["stages"]["trial"] | {"alarm_chat": {"workspace": "T01ABCDEFGH", "channel": "C01ABCDEFGH"}}
    app = cdk.App(context=CONTEXT, outdir=str(tmp_path))
    mailroom(app, Settings.read("trial", given), bundle("lambda"))
    app.synth()
    template = json.loads((tmp_path / "Mailroom-trial-Monitoring.template.json").read_text())
    made = {without_hash(name): resource.get("Properties", {}) for name, resource in template["Resources"].items()}
    channel = made["AlarmsChannel"]
    assert [named(topic) for topic in channel.pop("SnsTopicArns")] == ["<AlarmsTopic>"]
    assert named(channel.pop("IamRoleArn")) == "<AlarmsChat.Arn>"
    assert channel == {
        "ConfigurationName": "Mailroom-trial",
        "SlackWorkspaceId": "T01ABCDEFGH",
        "SlackChannelId": "C01ABCDEFGH",
        "GuardrailPolicies": ["arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"],
    }
    role = made["AlarmsChat"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "chatbot.amazonaws.com"}
    assert role.keys() == {"AssumeRolePolicyDocument"}
