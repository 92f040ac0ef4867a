import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Answer, Unanswered
from lambdas.connect.signing import NotASecret
from lambdas.connect.webhook import DELIVERED, FAILED, UNWANTED, Attempt, Message, Webhook, judged, message

SECRET = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"
EVENT = {
    "version": "0",
    "id": "6c6dc1f4-6f3a-4d8f-9d0c-0f5a2f6b7a10",
    "detail-type": "TicketClosed",
    "source": "mailroom",
    "account": "000000000000",
    "time": "2025-11-21T10:00:00Z",
    "region": "us-east-1",
    "resources": [],
    "detail": {"id": "7-closed-2025-11-21", "ticket": 7, "subject": "Zürich"},
}


class Network:
    """Keeps what is posted; answers with a status, or not at all."""

    def __init__(self, answer):
        self.answer, self.posted = answer, []

    def post(self, endpoint, headers, body):
        self.posted.append((endpoint.name, headers, body))
        return self.reach(endpoint)

    def reach(self, endpoint):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def webhook(network, secrets=(SECRET,)):
    return Webhook(
        endpoint=endpoint("https://hooks.example.org/s3cret"), secrets=secrets, network=network, now=lambda: 1.5
    )


def answer(status, headers=None, body=b""):
    return Answer(status=status, headers=headers or {}, body=body)


def test_a_bus_event_is_sent_as_its_type_its_time_and_its_detail():
    sent = message(EVENT)
    assert sent.id == "TicketClosed-7-closed-2025-11-21"
    assert sent.body == (
        b'{"type":"TicketClosed","timestamp":"2025-11-21T10:00:00Z",'
        b'"data":{"id":"7-closed-2025-11-21","ticket":7,"subject":"Z\\u00fcrich"}}'
    )


def test_two_events_of_one_happening_have_two_ids_and_a_repeat_has_the_same():
    changed = EVENT | {"detail-type": "TicketStatusChanged"}
    repeated = EVENT | {"id": "another put of the same"}
    assert message(changed).id == "TicketStatusChanged-7-closed-2025-11-21"
    assert message(repeated) == message(EVENT)


def test_an_id_that_would_part_what_is_signed_is_hashed():
    event = EVENT | {"detail": {"id": "7-a.b"}}
    assert message(event).id == "5ad12307d8315a2621658077668bc32ca88cbf567bda7c01eccd3d57df9b1a23"


texts = some.text()


@example("TicketOpened", "\ud800", {"subject": "\udfff"})  # half surrogate pairs, which JSON can name
@given(texts, texts, some.dictionaries(texts, some.none() | some.integers() | texts))
def test_whatever_an_event_holds_its_message_can_be_sent(kind, id_, detail):
    detail = detail | {"id": id_}
    sent = message({"detail-type": kind, "time": "2025-11-21T10:00:00Z", "detail": detail})
    assert sent.id.isascii()
    assert not set(sent.id) & set(". \r\n:")
    assert 0 < len(sent.id) <= 128
    assert json.loads(sent.body) == {"type": kind, "timestamp": "2025-11-21T10:00:00Z", "data": detail}


def test_each_try_is_signed_for_its_own_second():
    network = Network(answer(200))
    assert webhook(network).deliver(Message(id="a", body=b"{}")) == Attempt(outcome=DELIVERED)
    [(name, headers, body)] = network.posted
    assert (name, body, headers["webhook-id"], headers["webhook-timestamp"]) == ("hooks.example.org", b"{}", "a", "1")
    assert headers["webhook-signature"].startswith("v1,")


@pytest.mark.parametrize("secrets", [(), ("",), (SECRET, "whsec_x")])
def test_nothing_is_sent_without_a_secret(secrets):
    network = Network(answer(200))
    with pytest.raises(NotASecret):
        webhook(network, secrets).deliver(Message(id="a", body=b"{}"))
    assert network.posted == []
    assert webhook(network, secrets).check() == [
        "a webhook's secret is whsec_ and then 24 to 64 random bytes in base64"
    ]


def test_no_answer_is_tried_again_with_its_reason():
    network = Network(Unanswered("hooks.example.org took more than 5 s"))
    assert webhook(network).deliver(Message(id="a", body=b"{}")) == Attempt(
        outcome=FAILED, reason="hooks.example.org took more than 5 s"
    )
    assert webhook(network, ()).check() == [
        "a webhook's secret is whsec_ and then 24 to 64 random bytes in base64",
        "hooks.example.org took more than 5 s",
    ]


@given(some.integers(100, 999))
def test_2xx_is_success_410_a_wish_to_stop_and_all_else_is_tried_again(status):
    expected = DELIVERED if 200 <= status < 300 else UNWANTED if status == 410 else FAILED
    assert judged(answer(status), "hooks.example.org", 0).outcome == expected


def test_what_they_answered_is_kept_apart_from_what_a_log_may_hold():
    attempt = judged(answer(400, body=b" no\r\n\x1b[31m" + b"\xff" * 999), "hooks.example.org", 0)
    assert attempt.reason == "hooks.example.org answered 400: it does not take this"
    assert attempt.answer.startswith("no [31m��")
    assert len(attempt.answer) == 500
    assert "[31m" not in repr(attempt)


def test_nothing_shows_a_secret_or_the_path():
    shown = repr(webhook(Network(None))) + repr(message(EVENT)) + repr(answer(200, {"a": "s3cret"}, b"s3cret"))
    assert "s3cret" not in shown
    assert SECRET not in shown
    assert "rich" not in shown
