import json
import time

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
    return queue.process({"Records": list(records)}, None, handle), sqs.sent


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
    assert (queue, body, rest["DelaySeconds"]) == ("queue", '{"a": 1}', delay)


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


class Context:
    def get_remaining_time_in_millis(self):
        return 14_999


def test_what_there_is_no_time_for_waits_without_being_counted_as_tried():
    sqs = Sqs()
    queue = Queue(sqs, url="queue", dead_letters_url="dead", max_receives=5)
    answer = queue.process({"Records": [record(1, "{}")]}, Context(), raising(RuntimeError("not reached")))
    assert answer == {"batchItemFailures": []}
    assert [(to, rest["DelaySeconds"]) for to, _, rest in sqs.sent] == [("queue", 1)]


def test_what_has_waited_for_three_days_is_dead_lettered_with_what_it_waited_for():
    old = record(1, "{}") | {"messageAttributes": {"FirstSeen": {"stringValue": "1700000000", "dataType": "Number"}}}
    _, [(queue, _, rest)] = process(raising(Later(900, "sending is paused", {"Answer": "503"})), old)
    assert queue == "dead"
    assert rest["MessageAttributes"]["Reason"]["StringValue"] == "waited for 72 hours: sending is paused"
    assert rest["MessageAttributes"]["Answer"]["StringValue"] == "503"


def test_a_copy_remembers_when_the_first_was_seen():
    first = record(1, "{}")
    first["attributes"]["SentTimestamp"] = str(int(time.time() * 1000) - 60_000)
    _, [(_, _, rest)] = process(raising(Later(5, "busy")), first)
    seen = float(rest["MessageAttributes"]["FirstSeen"]["StringValue"])
    assert 59 <= time.time() - seen <= 75


def test_a_record_that_sqs_takes_nowhere_is_delivered_again():
    class Broken:
        def send_message(self, **_):
            raise RuntimeError("SQS is out of reach")

    queue = Queue(Broken(), url="queue", dead_letters_url="dead", max_receives=5)
    records = [record(1, "{}"), record(2, "{}")]
    answer = queue.process({"Records": records}, None, raising(Rejected("no")))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m1"}, {"itemIdentifier": "m2"}]}


def test_neither_log_nor_dead_letter_names_a_person(caplog):
    error = RuntimeError("not authorized on resource arn:aws:ses:us-east-1:1:identity/mia@example.org")
    _, [(_, _, rest)] = process(raising(error), record(1, "{}", receives=5))
    assert "mia@" not in rest["MessageAttributes"]["Reason"]["StringValue"]
    assert "identity/…@example.org" in rest["MessageAttributes"]["Reason"]["StringValue"]
    assert "mia@" not in str([vars(entry) for entry in caplog.records])


def test_a_reason_holds_only_what_sqs_takes():
    _, [(_, _, rest)] = process(raising(Rejected("a\x00b\ud800c")), record(1, "{}"))
    assert rest["MessageAttributes"]["Reason"]["StringValue"] == "a?b?c"


def test_what_sqs_takes_in_no_attribute_is_left_out_of_a_reason():
    said = "a\tb\n\x00\x0b\x1f\x7f\ud7ff\ud800\udfff\ue000\ufffd\ufffe\uffff\U00010000\U0010ffff"
    _, [(_, _, rest)] = process(raising(Rejected(said)), record(1, "{}"))
    kept = "a\tb\n???\x7f\ud7ff??\ue000\ufffd??\U00010000\U0010ffff"
    assert rest["MessageAttributes"]["Reason"]["StringValue"] == kept
