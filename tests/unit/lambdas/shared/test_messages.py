import re

from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.messages import message_id, message_of


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
