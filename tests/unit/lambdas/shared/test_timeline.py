import pytest

from lambdas.shared.timeline import Happening, status, timeline


def happening(kind, **facts):
    return Happening(key=f"{kind}#1", kind=kind, at="2026-11-21T10:00:00.000Z", facts=facts)


SEND, DELIVERY, DELAY = happening("Send"), happening("Delivery"), happening("DeliveryDelay")
HARD = happening("Bounce", type="Permanent", subtype="General")
FULL = happening("Bounce", type="Transient", subtype="MailboxFull")
AWAY = happening("Bounce", type="Transient", subtype="General")


@pytest.mark.parametrize(
    ("events", "expected"),
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
def test_what_a_messages_events_make_of_it(events, expected):
    assert status("claimed", events) == expected


def test_that_ses_took_a_mail_is_on_its_timeline_whoever_said_so():
    seen = timeline([DELIVERY], "2026-11-21T09:59:59.000Z")
    assert [(event.kind, event.at) for event in seen] == [
        ("Send", "2026-11-21T09:59:59.000Z"),
        ("Delivery", "2026-11-21T10:00:00.000Z"),
    ]
    assert timeline([DELIVERY, SEND], "2026-11-21T09:59:59.000Z") == (DELIVERY, SEND)
    assert timeline([DELIVERY], None) == (DELIVERY,)
