import pytest

from lambdas.feedback.ses_event import happened
from lambdas.shared.queue import Rejected
from tests.unit.lambdas.feedback.events import event

BOUNCED = {"type": "Permanent", "subtype": "General", "status": "5.1.1", "diagnostic": "smtp; 550 5.1.1 user unknown"}
ABUSE = {"type": "abuse", "agent": "ExampleISP-Feedback/1.0"}
DELIVERED = {"response": "250 2.0.0 OK", "milliseconds": "730"}
UNTIL = {"until": "2026-11-21T23:59:00.000Z"}
DELAYED = {"type": "MailboxFull", "status": "4.2.2", "diagnostic": "smtp; 452 4.2.2 mailbox full"} | UNTIL
OURS = "tcjkg6nazxfj6jwtxk7ttqqhza"
OPENED = {"agent": "Mozilla/5.0", "bot": "Unlikely"}


@pytest.mark.parametrize(
    ("name", "key", "time", "facts"),
    [
        ("send", "Send#0100ses1", "10:00:00", {}),
        ("delivery", "Delivery#0100ses1", "10:00:01", DELIVERED),
        ("delivery-delay", "DeliveryDelay#0100ses1#2026-11-21T10:05:00.000Z", "10:05:00", DELAYED),
        ("bounce-permanent", "Bounce#0100fb1", "10:00:02", BOUNCED),
        ("complaint-marketing", "Complaint#0100fb2", "11:00:00", ABUSE),
        ("reject", "Reject#0100ses1", "10:00:00", {"reason": "Bad content"}),
        (
            "rendering-failure",
            "Rendering Failure#0100ses1",
            "10:00:00",
            {"reason": "Attribute 'name' is not present in the rendering data.", "template": "autumn"},
        ),
        ("open", "Open#", "10:30:00", OPENED),
        ("click", "Click#", "10:31:00", OPENED | {"link": "https://www.acme.test/parcels/7"}),
        (
            "subscription",
            "Subscription#",
            "10:40:00",
            {"list": "Acme", "source": "UnsubscribeHeader", "unsubscribed": "all", "topics": "news OptOut"},
        ),
        ("unknown-kind", "Teleported#", "10:00:00", {"event": '{"teleported": {"to": "the moon"}}'}),
        ("identity-bounce", "Bounce#0100fb9", "10:00:02", BOUNCED),
        ("identity-complaint", "Complaint#0100fb8", "11:00:00", ABUSE),
        ("identity-delivery", "Delivery#0100ses9", "10:00:01", DELIVERED),
    ],
)
def test_each_kind_of_event_in_either_form_says_what_happened(name, key, time, facts):
    seen = happened(event(name))
    assert seen.happening.key.startswith(key)
    assert seen.happening.kind == key.partition("#")[0]
    assert seen.happening.at == f"2026-11-21T{time}.000Z"
    assert seen.happening.facts == facts
    assert seen.recipients == seen.destination == ("mia@example.org",)
    assert seen.from_domain == "acme.test"


def test_our_own_tags_say_whose_mail_it_was():
    seen = happened(event("complaint-marketing"))
    assert (seen.message_id, seen.stream, seen.template, seen.ticket) == ("m1", "marketing", "notice", None)


def test_mail_without_our_tags_is_another_applications():
    assert happened(event("identity-bounce")).message_id is None
    tagged = event("bounce-permanent")
    tagged["mail"]["tags"] = {"ses:from-domain": ["shop.acme.test"], "campaign": ["c1"]}
    tagged["mail"]["headers"].append({"name": "X-Mailroom-Message", "value": OURS})
    assert (happened(tagged).message_id, happened(tagged).from_domain) == (None, "shop.acme.test")


def test_a_notification_that_includes_the_headers_names_our_message():
    told = event("identity-bounce")
    for value, ours in ((OURS, OURS), ("", None), ("m1", None), (OURS * 99, None)):
        told["mail"]["headers"] = [{"name": "Subject", "value": OURS}, {"name": "x-mailroom-message", "value": value}]
        assert happened(told).message_id == ours


def test_what_ses_leaves_out_or_adds_is_no_fault():
    bare = event("bounce-permanent", bouncedRecipients=[], bounceType=None, more={"x": 1})
    del bare["bounce"]["bounceSubType"], bare["bounce"]["reportingMTA"]
    assert happened(bare).happening.facts == {"type": "Undetermined", "subtype": "Undetermined"}
    assert happened(bare).recipients == ("mia@example.org",)


def test_of_a_recipient_with_a_name_the_address_counts():
    named = event("identity-bounce", bouncedRecipients=[{"emailAddress": '"Doe, Mia" <Mia@example.org>'}])
    named["mail"]["destination"] = ["Mia <Mia@example.org>", "<hal@example.org>", "ivo@example.org", "Mia < >"]
    assert happened(named).recipients == ("Mia@example.org",)
    assert happened(named).destination == ("Mia@example.org", "hal@example.org", "ivo@example.org", "Mia < >")


def test_times_are_kept_in_one_form_that_sorts():
    assert happened(event("delivery", timestamp="2026-11-21T12:00:01+02:00")).happening.at == "2026-11-21T10:00:01.000Z"


def test_what_comes_from_outside_is_cut():
    assert len(happened(event("open", userAgent="x" * 9000)).happening.facts["agent"]) == 500


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"eventType": "Bounce"},
        {"eventType": "Bounce", "mail": {}, "bounce": []},
        {"notificationType": "Delivery", "mail": None},
        event("bounce-permanent", timestamp="yesterday"),
        event("delivery") | {"mail": []},
    ],
)
def test_what_is_no_event_is_rejected(wrong):
    with pytest.raises(Rejected, match="no SES event: "):
        happened(wrong)
