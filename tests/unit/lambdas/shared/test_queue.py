import json

import pytest

from lambdas.shared.queue import Later, Queue, Rejected, sns_message


class Sqs:
    """Keeps what was sent, as (queue, body, rest)."""

    def __init__(self):
        self.sent = []

    def send_message(self, *, QueueUrl, MessageBody, **rest):  # noqa: N803 - SQS's own names
        self.sent.append((QueueUrl, MessageBody, rest))


def record(number, body, receives=1):
    return {"messageId": f"m{number}", "body": body, "attributes": {"ApproximateReceiveCount": str(receives)}}


def process(handle, *records):
    sqs = Sqs()
    queue = Queue(sqs, url="queue", dead_letters_url="dead", max_receives=5)
    return queue.process({"Records": list(records)}, handle), sqs.sent


def raising(error):
    def handle(_):
        raise error

    return handle


def test_what_was_handled_is_forgotten():
    seen = []
    answer, sent = process(seen.append, record(1, '{"a": 1}'), record(2, '{"a": 2}'))
    assert (answer, sent, seen) == ({"batchItemFailures": []}, [], [{"a": 1}, {"a": 2}])


def test_one_failure_leaves_its_neighbours_alone():
    done = []

    def handle(body):
        if body["n"] == 2:
            raise RuntimeError("broken")
        done.append(body["n"])

    answer, _ = process(handle, *(record(n, json.dumps({"n": n})) for n in (1, 2, 3)))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
    assert done == [1, 3]


def test_a_rejected_record_is_dead_lettered_at_once_with_its_reason():
    answer, [(queue, body, rest)] = process(raising(Rejected("no recipient")), record(1, '{"a": 1}'))
    assert answer == {"batchItemFailures": []}
    assert (queue, body) == ("dead", '{"a": 1}')
    assert rest["MessageAttributes"]["Reason"]["StringValue"] == "no recipient"


def test_the_last_delivery_of_a_failing_record_is_dead_lettered_with_the_error():
    answer, [(queue, _, rest)] = process(raising(RuntimeError("broken")), record(1, "{}", receives=5))
    assert answer == {"batchItemFailures": []}
    assert queue == "dead"
    reason = rest["MessageAttributes"]["Reason"]["StringValue"]
    assert reason == "failed 5 times, last with RuntimeError: broken"


@pytest.mark.parametrize(("seconds", "delay"), [(5, 5), (0.2, 1), (-3, 1), (4000, 900)])
def test_what_must_wait_goes_back_with_a_delay_that_sqs_takes(seconds, delay):
    answer, [(queue, body, rest)] = process(raising(Later(seconds, "busy")), record(1, '{"a": 1}'))
    assert answer == {"batchItemFailures": []}
    assert (queue, body, rest) == ("queue", '{"a": 1}', {"DelaySeconds": delay})


@pytest.mark.parametrize(
    ("body", "reason"), [("{", "the body is not JSON"), ("[]", "the body is not a JSON object"), ("null", None)]
)
def test_a_body_that_is_no_json_object_is_dead_lettered(body, reason):
    _, [(queue, _, rest)] = process(lambda _: None, record(1, body))
    assert queue == "dead"
    assert rest["MessageAttributes"]["Reason"]["StringValue"] == (reason or "the body is not a JSON object")


def test_a_long_reason_is_cut():
    _, [(_, _, rest)] = process(raising(Rejected("x" * 5000)), record(1, "{}"))
    assert len(rest["MessageAttributes"]["Reason"]["StringValue"]) == 1000


@pytest.mark.parametrize("envelope", [{}, {"Message": 1}, {"Message": "x"}, {"Message": "[]"}])
def test_what_is_no_sns_envelope_is_rejected(envelope):
    with pytest.raises(Rejected):
        sns_message(envelope)
