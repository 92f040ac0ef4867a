import pytest

from cli.queues import reason


def attribute(value):
    return {"DataType": "String", "StringValue": value}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"MessageAttributes": {"Reason": attribute("the body is not JSON")}}, "the body is not JSON"),
        (
            {"MessageAttributes": {"ERROR_CODE": attribute("NO_PERMISSIONS"), "ERROR_MESSAGE": attribute("denied")}},
            "EventBridge could not queue it: NO_PERMISSIONS denied",
        ),
        (
            {"MessageAttributes": {"ERROR_CODE": attribute("TIMEOUT")}},
            "EventBridge could not queue it: TIMEOUT",
        ),
        (
            {"Attributes": {"DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:000000000000:q"}},
            "no reason: SQS moved it after 5 deliveries",
        ),
        (
            {
                "Attributes": {"DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:000000000000:q"},
                "MessageAttributes": {"Reason": attribute("the table was away")},
            },
            "no reason: SQS moved it after 5 deliveries; before it was put back: the table was away",
        ),
        ({"Attributes": {"SentTimestamp": "1"}}, "no reason given"),
    ],
)
def test_a_dead_letter_has_the_reason_of_whoever_gave_it_up(message, said):
    assert reason(message, deliveries=5) == said
