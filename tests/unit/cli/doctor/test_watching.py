import pytest

from cli.doctor.watching import alarms, dead_letters
from tests.unit.cli.doctor.conftest import made, stack

ARN = "arn:aws:sns:eu-west-1:111122223333:Mailroom-shop-Monitoring-AlarmsTopic3A2DFEBA-B886ED3337EB"
TOPIC = made("AlarmsTopic3A2DFEBA", "AWS::SNS::Topic", ARN)


def subscription(endpoint, arn=f"{ARN}:b13c8494"):
    return {"SubscriptionArn": arn, "Owner": "111122223333", "Protocol": "email", "Endpoint": endpoint, "TopicArn": ARN}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], [("warning", "nobody hears the alarms")]),
        (
            [subscription("ops@acme.test", "PendingConfirmation")],
            [("warning", "ops@acme.test has not confirmed that it wants the alarms")],
        ),
        (
            [subscription("ops@acme.test", "PendingConfirmation"), subscription("mia@acme.test")],
            [
                ("warning", "ops@acme.test has not confirmed that it wants the alarms"),
                ("ok", "alarms are told to mia@acme.test"),
            ],
        ),
    ],
)
def test_alarms_need_somebody_who_hears_them(case, found, told):
    answers = {
        "cloudformation": {"list_stack_resources": {"StackResourceSummaries": [TOPIC]}},
        "sns": {"list_subscriptions_by_topic": {"Subscriptions": found}},
    }
    assert [(line.level, line.said) for line in alarms(case(**answers))] == told


def test_dead_letters_are_told_with_what_puts_them_back(case):
    urls = {
        "SendQueue": "send",
        "SendDeadLetters": "send-dead",
        "TokensQueue": "tokens",
        "TokensDeadLetters": "tokens-dead",
    }
    names = (
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    )

    def attributes(QueueUrl, **_):  # noqa: N803 - SQS's name
        return {"Attributes": dict.fromkeys(names, "2" if QueueUrl == "send-dead" else "0")}

    sqs = {"get_queue_attributes": attributes, "receive_message": {}}
    [line] = dead_letters(case(stacks=[stack("Outbound", outputs=urls)], sqs=sqs))
    assert (line.level, line.said) == ("warning", "send has 2 dead letters")
    assert line.mend.endswith("`mailroom --stage shop redrive send` puts them back")
    sqs["get_queue_attributes"] = {"Attributes": dict.fromkeys(names, "0")}
    [line] = dead_letters(case(stacks=[stack("Outbound", outputs=urls)], sqs=sqs))
    assert line.level == "ok"


def test_before_a_deployment_nothing_is_watched(case):
    assert [*alarms(case(stacks=())), *dead_letters(case(stacks=()))] == []
