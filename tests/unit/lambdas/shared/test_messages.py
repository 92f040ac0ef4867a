import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.messages import Happening, message_id, message_of, status


def happening(kind, **facts):
    return Happening(key=f"{kind}#1", kind=kind, at="2026-11-21T10:00:00.000Z", facts=facts)


SEND, DELIVERY, DELAY = happening("Send"), happening("Delivery"), happening("DeliveryDelay")
HARD = happening("Bounce", type="Permanent", subtype="General")
FULL = happening("Bounce", type="Transient", subtype="MailboxFull")
AWAY = happening("Bounce", type="Transient", subtype="General")


@pytest.mark.parametrize(
    ("timeline", "expected"),
    [
        ((), "claimed"),
        ((SEND,), "sent"),
        ((SEND, DELAY), "delayed"),
        ((SEND, DELAY, DELIVERY), "delivered"),
        ((SEND, DELIVERY, HARD), "bounced"),
        ((SEND, FULL), "bounced"),
        ((SEND, AWAY), "bounced"),
        ((SEND, DELIVERY, AWAY), "delivered"),
        ((SEND, happening("Open")), "delivered"),
        ((SEND, DELIVERY, happening("Complaint", type="abuse")), "complained"),
        ((SEND, DELIVERY, happening("Complaint")), "complained"),
        ((SEND, DELIVERY, happening("Complaint", type="not-spam")), "delivered"),
        ((SEND, happening("Reject")), "rejected"),
        ((happening("Rendering Failure"),), "rendering failed"),
        ((happening("Teleported"),), "claimed"),
    ],
)
def test_what_a_messages_events_make_of_it(timeline, expected):
    assert status("claimed", timeline) == expected


def test_an_item_that_only_feedback_has_written_is_foreign():
    event = {"kind": "Delivery", "at": "2026-11-21T10:00:00.000Z", "facts": {}}
    message = message_of({"id": "ses-1", "event#Delivery#1": event})
    assert (message.state, message.status) == ("foreign", "delivered")
    assert [seen.key for seen in message.timeline] == ["Delivery#1"]


@given(st.text())
def test_a_message_id_fits_an_ses_tag(key):
    assert re.fullmatch(r"[a-z2-7]{26}", message_id(key))


def test_a_message_id_comes_from_its_key_alone():
    assert message_id("order-7") == message_id("order-7") != message_id("order-8")
