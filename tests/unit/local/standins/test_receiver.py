"""The receiver of webhooks, asked without a server: with the values that a server would ask it with."""

import json
import time

import pytest

from local.standins.exchange import Asked
from local.standins.receiver import Receiver

# Standard Webhooks has an example of a signature, with its secret, id and time (github.com/standard-webhooks).
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, SIGNATURE = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
BODY = b'{"test": 2432232314}'
CLOSED = {
    "id": "closed-7",
    "ticket": 7,
    "mailbox": "shop@acme.test",
    "subject": "Where is my parcel?",
    "status": "closed",
    "before": "solved",
    "by": "mailroom",
    "at": "2025-11-21T10:00:00.000Z",
}


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setattr(time, "time", lambda: AT + 299.0)
    made = Receiver()
    made.answer(
        Asked(
            method="POST",
            path="/_stand-in/secret",
            query=(),
            headers={},
            body=json.dumps({"secret": SECRET}).encode(),
        )
    )
    return made


def post(receiver, signature=SIGNATURE, body=BODY, at=AT):
    headers = {"webhook-id": ID, "webhook-timestamp": str(at), "webhook-signature": signature}
    answer, _ = receiver.answer(Asked(method="POST", path="/mailroom", query=(), headers=headers, body=body))
    return answer.status


def test_one_of_several_signatures_is_enough(receiver):
    assert [post(receiver), post(receiver, f"v1,AAAA {SIGNATURE}")] == [204, 204]
    assert receiver.state()["refused"] == []


def test_what_came_is_kept_once_and_its_repeats_are_counted(receiver):
    assert [post(receiver) for _ in range(3)] == [204, 204, 204]
    state = receiver.state()
    assert state["events"] == [{"id": ID, "event": {"test": 2432232314}}]
    assert state["repeats"] == {ID: 2}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"body": b'{"test": 2432232315}'}, "none of the signatures is by the secret that we have"),
        ({"signature": ""}, "none of the signatures is by the secret that we have"),
        ({"at": AT - 2}, "it was not signed within five minutes"),
        ({"at": "soon"}, "it was not signed within five minutes"),
    ],
)
def test_what_is_not_signed_is_refused_and_told(receiver, changed, why):
    assert post(receiver, **changed) == 401
    assert (receiver.state()["refused"], receiver.state()["events"]) == ([why], [])


def closed(**changed):
    return {"type": "TicketClosed", "timestamp": "2025-11-21T10:00:00.000Z", "data": CLOSED | changed}


@pytest.mark.parametrize(
    ("came", "wrong"),
    [
        (closed(), []),
        (
            closed(status="open"),
            [f"{ID}: TicketClosed: data.status must be same as const definition: closed"],
        ),
        ({"test": 1}, [f"{ID}: it has test"]),
    ],
)
def test_an_event_that_its_schema_does_not_allow_is_wrong(receiver, monkeypatch, came, wrong):
    monkeypatch.setattr(receiver, "stranger", lambda _asked: None)
    post(receiver, body=json.dumps(came).encode())
    assert receiver.state()["wrong"] == wrong


def test_an_answer_is_of_the_moment_it_was_asked_for(receiver):
    answer, _ = receiver.answer(Asked(method="GET", path="/_stand-in/state", query=(), headers={}, body=b""))
    receiver.refused.append("what came later")
    assert b"what came later" not in answer.body
