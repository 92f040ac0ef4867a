import itertools
import json
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from lambdas.shared.messages import Messages, message_id
from lambdas.shared.recipients import Recipients
from tests.integration.records import batch, reasons, sns

EVENTS = Path(__file__).parents[1] / "events"


def event(name):
    return json.loads((EVENTS / f"{name}.json").read_text())


def message(message_id="m1"):
    return Messages(boto3.resource("dynamodb").Table("messages")).get(message_id)


def kinds(message):
    return [happening.kind for happening in message.timeline]


def suppressions(address):
    found = Recipients(boto3.resource("dynamodb").Table("recipients")).get(address).suppressions
    return [(suppression.scope, suppression.reason) for suppression in found]


@pytest.fixture
def tell(handler):
    feedback = handler("feedback").handler
    return lambda *events: feedback(batch(*(sns(event) for event in events)), None)


def test_a_permanent_bounce_suppresses_the_recipient_for_everything(tell, heard):
    tell(event("bounce-permanent"))
    assert suppressions("mia@example.org") == [("all", "permanent bounce (General)")]
    assert message().status == "bounced"
    assert [detail_type for detail_type, _ in heard()] == ["RecipientSuppressed", "MailBounced"]


def test_words_of_a_server_that_were_cut_within_a_character_keep_nothing_from_being_told(tell, heard):
    bounced = event("bounce-permanent")
    bounced["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "smtp; 550 no \ud83d"
    assert tell(bounced) == {"batchItemFailures": []}
    assert message().timeline[-1].facts["diagnostic"] == "smtp; 550 no ?"
    assert [detail_type for detail_type, _ in heard()] == ["RecipientSuppressed", "MailBounced"]


def test_a_complaint_suppresses_its_stream(tell, heard):
    tell(event("complaint-marketing"))
    assert suppressions("mia@example.org") == [("marketing", "complaint (abuse)")]
    assert message().status == "complained"
    assert [detail_type for detail_type, _ in heard()] == ["RecipientSuppressed", "MailComplained"]


@pytest.mark.parametrize("stream", ["news", "foreign", "all", ""])
def test_a_complaint_about_a_stream_that_there_is_not_stops_marketing(tell, heard, stream):
    complained = event("complaint-marketing")
    complained["mail"]["tags"]["mailroom-stream"] = [stream]
    tell(complained)
    assert suppressions("mia@example.org") == [("marketing", "complaint (abuse)")]
    assert [detail["stream"] for kind, detail in heard() if kind == "MailComplained"] == [None]


@pytest.mark.parametrize("name", ["bounce-transient", "complaint-not-spam", "delivery", "delivery-delay", "open"])
def test_nothing_else_suppresses(tell, name):
    tell(event(name))
    assert suppressions("mia@example.org") == []


def test_a_delivery_is_on_the_timeline_with_what_the_server_said(tell, heard):
    tell(event("send"), event("delivery"))
    timeline = [(happening.kind, happening.at, happening.facts) for happening in message().timeline]
    assert timeline == [
        ("Send", "2026-11-21T10:00:00.000Z", {}),
        ("Delivery", "2026-11-21T10:00:01.000Z", {"response": "250 2.0.0 OK", "milliseconds": "730"}),
    ]
    assert message().status == "delivered"
    assert [(kind, detail["recipients"]) for kind, detail in heard()] == [
        ("MailSent", ["mia@example.org"]),
        ("MailDelivered", ["mia@example.org"]),
    ]


def test_any_order_and_any_repetition_of_the_events_gives_the_same_item(tell, aws):
    events = [event(name) for name in ("send", "delivery", "delivery-delay", "bounce-permanent")]
    table = boto3.resource("dynamodb").Table("messages")
    items = []
    for order in itertools.permutations(events):
        tell(*order, *order)
        items.append(table.get_item(Key={"id": "m1"})["Item"])
        table.delete_item(Key={"id": "m1"})
    assert all(item == items[0] for item in items)


def test_a_repeated_event_says_nothing_again(tell, heard):
    tell(event("bounce-permanent"))
    heard()
    tell(event("bounce-permanent"))
    assert heard() == []


def test_an_event_that_could_not_be_told_is_told_when_it_comes_again(tell, heard, handler, monkeypatch):
    module = handler("feedback")
    bus = module.feedback.emit.__self__
    body = batch(sns(event("bounce-permanent")))
    with monkeypatch.context() as broken:
        broken.setattr(bus, "_name", "no-such-bus")
        assert module.handler(body, None) == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    assert kinds(message()) == ["Send"]
    module.handler(body, None)
    assert [detail_type for detail_type, _ in heard()] == ["RecipientSuppressed", "MailBounced"]
    assert message().status == "bounced"


@pytest.mark.parametrize("name", ["delivery", "bounce-transient", "delivery-delay", "complaint-marketing"])
def test_any_event_settles_a_message_whose_send_call_had_no_answer(tell, aws, name):
    table = boto3.resource("dynamodb").Table("messages")
    table.put_item(Item={"id": "m1", "state": "claimed", "resend_after": "2026-11-21T10:10:00.000Z", "attempts": 1})
    tell(event(name))
    assert (message().state, message().ses_id, message().sent_at) == ("sent", "0100ses1", "2026-11-21T10:00:00.000Z")


def test_an_event_settles_its_message_even_if_the_bus_does_not_take_the_news(tell, handler, monkeypatch):
    module = handler("feedback")
    monkeypatch.setattr(module.feedback.emit.__self__, "_name", "no-such-bus")
    assert module.handler(batch(sns(event("send"))), None)["batchItemFailures"]
    assert (message().sent_at, kinds(message())) == ("2026-11-21T10:00:00.000Z", ["Send"])


def test_opens_cannot_fill_a_messages_item(tell):
    def opened(millisecond):
        it = event("open")
        it["open"] |= {"timestamp": f"2026-11-21T11:00:00.{millisecond:03}Z", "userAgent": "x" * 9000}
        return it

    tell(opened(0))
    item = boto3.resource("dynamodb").Table("messages").get_item(Key={"id": "m1"})["Item"]
    [first] = [name for name in item if name.startswith("event#")]
    more = {f"{first}-{number}": item[first] for number in range(22)}
    boto3.resource("dynamodb").Table("messages").put_item(Item=item | more)
    tell(*(opened(millisecond) for millisecond in range(1, 6)))
    assert kinds(message()).count("Open") == 25
    tell(event("bounce-permanent"))
    assert message().status == "bounced"


def test_soft_bounces_stop_mail_for_a_while(tell, heard):
    for number in range(5):
        bounced = event("bounce-transient")
        bounced["bounce"] |= {"feedbackId": f"fb{number}", "timestamp": f"2026-11-2{number}T10:00:00.000Z"}
        bounced["mail"]["tags"]["mailroom-message"] = [f"m{number}"]
        tell(bounced)
    told = [detail for kind, detail in heard() if kind == "RecipientSuppressed"]
    assert [(one["reason"], one["message"], one["until"]) for one in told] == [
        ("soft bounces (5 in 14 days)", "m4", "2026-12-08T10:00:00.000Z")
    ]
    assert suppressions("mia@example.org") == [("all", "soft bounces (5 in 14 days)")]


def test_each_recipient_of_a_bounce_has_an_event_of_their_own(tell, heard):
    both = event("bounce-permanent")
    both["bounce"]["bouncedRecipients"].append({"emailAddress": "bo@example.net"})
    tell(both)
    assert len({detail["id"] for kind, detail in heard() if kind == "RecipientSuppressed"}) == 2


def test_an_unknown_kind_is_kept_under_its_own_name(tell, heard):
    tell(event("unknown-kind"))
    [_, happening] = message().timeline
    assert happening.kind == "Teleported"
    assert happening.facts == {"event": '{"teleported": {"to": "the moon"}}'}
    assert heard() == []


def test_mail_that_is_not_ours_is_kept_as_such(tell):
    foreign = event("delivery")
    foreign["mail"]["tags"] = {}
    tell(foreign)
    kept = message("ses-0100ses1")
    assert (kept.state, kept.status, kept.recipient) == ("foreign", "delivered", "mia@example.org")
    assert (kept.stream, kept.created_at) == ("foreign", "2026-11-21T10:00:00.000Z")
    listed = Messages(boto3.resource("dynamodb").Table("messages")).newest(1, datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert listed == [kept]


def test_the_form_of_identity_notifications_is_understood_too(tell):
    tell(event("identity-bounce"), event("identity-complaint"))
    assert suppressions("mia@example.org") == [
        ("all", "permanent bounce (General)"),
        ("marketing", "complaint (abuse)"),
    ]


def test_of_a_notification_that_names_our_message_the_rest_is_known(tell, heard):
    ours = message_id("order-7")
    known = {"id": ours, "state": "sent", "stream": "transactional", "template": "answer", "ticket": "17"}
    boto3.resource("dynamodb").Table("messages").put_item(Item=known)
    told = event("identity-complaint")
    told["mail"]["headers"] = [{"name": "X-Mailroom-Message", "value": ours}]
    tell(told)
    assert suppressions("mia@example.org") == [("transactional", "complaint (abuse)")]
    [detail] = [detail for kind, detail in heard() if kind == "MailComplained"]
    assert (detail["message"], detail["template"], detail["ticket"]) == (ours, "answer", "17")


def test_what_is_no_ses_event_is_dead_lettered(tell):
    tell({"eventType": "Bounce"})
    [reason] = reasons()
    assert reason.startswith("no SES event: ")


def test_a_record_that_is_no_sns_envelope_is_dead_lettered(handler):
    handler("feedback").handler(batch({"Message": 1}, {"x": 2}), None)
    assert reasons() == ["the body is no SNS envelope around a JSON message"] * 2


def test_sess_own_test_of_a_topic_is_no_event(handler):
    text = "Successfully validated SNS topic for Amazon SES event publishing."
    assert handler("feedback").handler(batch({"Type": "Notification", "Message": text}), None) == {
        "batchItemFailures": []
    }
    assert reasons() == []
