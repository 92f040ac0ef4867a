import json

from lambdas.shared.messages import message_id
from local.outside import until

NOTICE = {"template": "notice", "data": {"title": "Your parcel", "text": "It left this morning."}}


def send(outside, to, key, **more):
    outside.put("SendMail", {"to": to, "idempotency_key": key, **NOTICE, **more})


def message(mailroom, key):
    return mailroom("message", "show", message_id(key), "--json")


def becomes(mailroom, key, status):
    """The message once it has this status."""

    def look():
        try:
            found = message(mailroom, key)
        except AssertionError:  # not there yet
            return None
        return found if found["status"] == status else None

    return until(look, f"message {key} becomes {status}", seconds=60)


def heard_about(outside, kind, address):
    return [event for event in outside.heard(kind) if address in event.get("recipients", [event.get("recipient")])]


def test_a_bounce_suppresses_the_recipient_and_the_next_mail_never_reaches_ses(outside, mailroom):
    address = "bounce+one@simulator.amazonses.com"
    send(outside, address, "bounce-1")
    [suppressed] = until(lambda: heard_about(outside, "RecipientSuppressed", address), "RecipientSuppressed")
    assert (suppressed["scope"], suppressed["message"]) == ("all", message_id("bounce-1"))
    bounced = becomes(mailroom, "bounce-1", "bounced")
    assert [happening["kind"] for happening in bounced["timeline"]] == ["Send", "Bounce"]
    send(outside, address, "bounce-2")
    becomes(mailroom, "bounce-2", "suppressed")
    assert len(outside.mail_to(address)) == 1
    shown = mailroom("recipient", "show", address, "--json")
    assert shown["suppressions"][0]["scope"] == "all"


def test_a_complaint_about_marketing_stops_marketing_alone(outside, mailroom):
    address = "complaint+one@simulator.amazonses.com"
    send(outside, address, "complaint-1", stream="marketing")
    until(lambda: heard_about(outside, "RecipientSuppressed", address), "RecipientSuppressed")
    send(outside, address, "complaint-2", stream="marketing")
    becomes(mailroom, "complaint-2", "suppressed")
    send(outside, address, "complaint-3")
    until(lambda: len(outside.mail_to(address)) == 2, "the transactional mail goes out")


def test_what_ses_says_of_every_mail_comes_in_files_and_a_bounce_does_not(outside, mailroom):
    send(outside, "filed@example.org", "filed-1")
    becomes(mailroom, "filed-1", "delivered")
    send(outside, "bounce+filed@simulator.amazonses.com", "filed-2")
    becomes(mailroom, "filed-2", "bounced")
    until(lambda: {("filed-1", "Delivery"), ("filed-2", "Send")} <= filed(outside), "the files")
    assert ("filed-2", "Bounce") not in filed(outside)


def filed(outside):
    """The kinds of events in files, with the key of their message."""
    s3 = outside.client("s3")
    [bucket] = [one["Name"] for one in s3.list_buckets()["Buckets"] if "feedback-filesbucket" in one["Name"]]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
    lines = [line for key in keys for line in s3.get_object(Bucket=bucket, Key=key)["Body"].read().splitlines()]
    events = [json.loads(line) for line in lines]
    return {
        (key, event["eventType"])
        for event in events
        for key in ("filed-1", "filed-2")
        if event["mail"]["tags"].get("mailroom-message") == [message_id(key)]  # another application's has none
    }


def test_repeated_and_reordered_events_change_nothing(outside, mailroom, knob):
    send(outside, "gus@example.org", "in-order")
    becomes(mailroom, "in-order", "delivered")
    knob("events", copies=3, hold=True)
    try:
        send(outside, "hank@example.org", "backwards")
        until(lambda: outside.mail_to("hank@example.org"), "the mail goes out")
    finally:
        knob("events", copies=1, hold=False, release="backwards")
    becomes(mailroom, "backwards", "delivered")
    until(lambda: not outside.waiting("FeedbackQueue"), "all events are handled")
    expected, found = message(mailroom, "in-order"), message(mailroom, "backwards")
    assert [happening["kind"] for happening in found["timeline"]] == [h["kind"] for h in expected["timeline"]]
    assert (found["state"], found["attempts"]) == ("sent", 1)
    assert len(heard_about(outside, "MailDelivered", "hank@example.org")) >= 1
    assert len({event["id"] for event in heard_about(outside, "MailDelivered", "hank@example.org")}) == 1


def test_an_outcome_that_sess_own_event_tells_is_settled_without_a_second_mail(outside, mailroom, knob):
    knob("sends", next=["accept-and-hang"])
    send(outside, "ida@example.org", "lost-answer")
    settled = becomes(mailroom, "lost-answer", "delivered")
    assert settled["attempts"] == 1
    assert len(outside.mail_to("ida@example.org")) == 1


def test_of_marketing_it_is_known_what_was_read_and_of_other_mail_not(outside, mailroom, knob):
    send(outside, "kim@example.org", "read-1")
    becomes(mailroom, "read-1", "delivered")
    knob("engaged", address="kim@example.org")
    send(outside, "lea@example.org", "read-2", stream="marketing")
    becomes(mailroom, "read-2", "delivered")
    knob("engaged", address="lea@example.org", bot="Likely")
    knob("engaged", address="lea@example.org", link="https://www.acme.test/")
    kinds = ["Send", "Delivery", "Open", "Click"]
    until(lambda: [h["kind"] for h in message(mailroom, "read-2")["timeline"]] == kinds, "the open and the click")
    assert message(mailroom, "read-2")["timeline"][2]["facts"]["bot"] == "Likely"
    assert [h["kind"] for h in message(mailroom, "read-1")["timeline"]] == ["Send", "Delivery"]


def test_a_bounce_that_comes_as_mail_is_one_too(outside, mailroom):
    send(outside, "jan@example.org", "returned-1")
    becomes(mailroom, "returned-1", "delivered")
    [sent] = outside.mail_to("jan@example.org")
    outside.deliver(returned(sent.path.read_bytes(), "jan@example.org"), sender="", recipients=["support@acme.test"])
    [suppressed] = until(lambda: heard_about(outside, "RecipientSuppressed", "jan@example.org"), "RecipientSuppressed")
    assert (suppressed["scope"], suppressed["message"]) == ("all", message_id("returned-1"))
    bounced = becomes(mailroom, "returned-1", "bounced")
    assert bounced["timeline"][-1]["facts"]["reported_by"] == "mail"
    send(outside, "jan@example.org", "returned-2")
    becomes(mailroom, "returned-2", "suppressed")


def returned(mail, recipient):
    """A bounce (RFC 3464) of a server that sends it to From."""
    lines = [
        "From: MAILER-DAEMON@mx.example.org",
        "To: support@acme.test",
        "Subject: Undelivered Mail Returned to Sender",
        "Message-ID: <returned-1@mx.example.org>",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.org",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown",
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
    ]
    return "\r\n".join([*lines, ""]).encode() + mail + b"\r\n--b--\r\n"
