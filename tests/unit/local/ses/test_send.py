import json
import re
from collections import Counter
from email import message_from_bytes

import pytest

from local.ses.chaos import Chaos
from local.ses.errors import BadRequest, InternalFailure, MessageRejected, NotFound, SendingPaused, TooManyRequests
from local.ses.send import NoAnswer, send_email
from tests.unit.local.ses.conftest import call, simple


def send(ses, **parameters):
    return send_email(ses, call("SendEmail", **parameters))["MessageId"]


def delivered(ses):
    while not ses.post._accepted.empty():
        ses.post.deliver(ses.post._accepted.get())
    return [json.loads(message) for _, _, message, _ in ses.aws.published]


def outbox(ses):
    return [
        (path.read_bytes(), json.loads(path.with_suffix(".json").read_text()))
        for path in sorted(ses.outbox.glob("*.eml"))
    ]


def test_ses_sets_message_id_and_date_and_takes_its_own_headers_out(ses):
    raw = (
        b"From: hello@acme.test\r\nMessage-ID: <mine@acme.test>\r\nDate: never\r\nBcc: b@example.org\r\n"
        b"Return-Path: <x@acme.test>\r\nX-SES-MESSAGE-TAGS: a=1,ses:feedback-id-a=news\r\n"
        b"In-Reply-To: <p@x>\r\n\r\nhi\r\n"
    )
    sent_id = send(ses, Content={"Raw": {"Data": raw}}, Destination={"ToAddresses": ["mia@example.org"]})
    delivered(ses)
    ((wire, about),) = outbox(ses)
    message = message_from_bytes(wire)
    assert message["Feedback-ID"] == "news::1.us-east-1:AmazonSES"
    assert message.keys() == ["Message-ID", "Date", "Feedback-ID", "From", "In-Reply-To"]
    assert message["Message-ID"] == f"<{sent_id}@email.amazonses.com>"
    assert message["Date"] == "Sat, 21 Nov 2026 10:00:00 +0000"
    assert about["tags"] == {"a": "1"}
    assert re.fullmatch(r"0100[0-9a-f]{12}-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-000000", sent_id)


def test_a_raw_mail_from_somebody_else_than_its_sender_needs_both_verified(ses):
    raw = b"From: eve@other.test\r\n\r\nhi\r\n"
    with pytest.raises(MessageRejected, match=r"failed the check in region US-EAST-1: eve@other\.test"):
        send(
            ses,
            FromEmailAddress="hello@acme.test",
            Content={"Raw": {"Data": raw}},
            Destination={"ToAddresses": ["mia@example.org"]},
        )


def test_elsewhere_the_message_id_names_the_region(ses):
    ses.account.region = "eu-west-1"
    sent_id = send(ses, **simple())
    delivered(ses)
    assert message_from_bytes(outbox(ses)[0][0])["Message-ID"] == f"<{sent_id}@eu-west-1.amazonses.com>"


def test_the_events_of_a_delivered_mail(ses):
    sent_id = send(ses, **simple(EmailTags=[{"Name": "message", "Value": "m-1"}]))
    sent, delivery = delivered(ses)
    headers = {header["name"]: header["value"] for header in sent["mail"].pop("headers")}
    assert headers["Message-ID"] == f"<{sent_id}@email.amazonses.com>"
    assert sent == {
        "eventType": "Send",
        "mail": {
            "timestamp": "2026-11-21T10:00:00.000Z",
            "source": "Acme <hello@acme.test>",
            "sourceArn": "arn:aws:ses:us-east-1:000000000000:identity/acme.test",
            "sendingAccountId": "000000000000",
            "messageId": sent_id,
            "destination": ["mia@example.org"],
            "headersTruncated": False,
            "commonHeaders": {
                "from": ["Acme <hello@acme.test>"],
                "to": ["mia@example.org"],
                "date": "Sat, 21 Nov 2026 10:00:00 +0000",
                "messageId": sent_id,
                "subject": "Hi",
            },
            "tags": {
                "ses:operation": ["SendEmail"],
                "ses:source-ip": ["127.0.0.1"],
                "ses:from-domain": ["acme.test"],
                "ses:caller-identity": ["tester"],
                "ses:configuration-set": ["main"],
                "message": ["m-1"],
            },
        },
        "send": {},
    }
    assert delivery["eventType"] == "Delivery"
    assert delivery["delivery"] == {
        "timestamp": "2026-11-21T10:00:00.000Z",
        "processingTimeMillis": 0,
        "recipients": ["mia@example.org"],
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": "a8-50.smtp-out.amazonses.com",
    }
    assert ses.aws.published[0][3] == "arn:aws:ses:us-east-1:000000000000:configuration-set/main"


def test_without_a_configuration_set_nothing_is_reported(ses):
    send(ses, **simple(ConfigurationSetName=""))
    assert delivered(ses) == []
    assert outbox(ses)[0][1]["outcome"] == "delivered"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        (simple(FromEmailAddress="a@other.test"), MessageRejected),
        (simple(ConfigurationSetName="missing"), NotFound),
        (simple(Destination={"ToAddresses": [f"{n}@example.org" for n in range(51)]}), BadRequest),
        (simple(Destination={}), BadRequest),
    ],
)
def test_what_ses_refuses(ses, parameters, error):
    with pytest.raises(error):
        send(ses, **parameters)
    assert ses.post._accepted.empty()


def test_a_paused_account_and_a_paused_set_do_not_send(ses):
    ses.account.configuration_sets["main"].options["SendingOptions"] = {"SendingEnabled": False}
    with pytest.raises(SendingPaused, match="configuration set <main>"):
        send(ses, **simple())
    send(ses, **simple(ConfigurationSetName=""))
    ses.account.sending_enabled = False
    with pytest.raises(SendingPaused, match="your account"):
        send(ses, **simple(ConfigurationSetName=""))


def test_the_rate_is_enforced(ses, clock):
    ses.account.quota.max_rate = 1
    send(ses, **simple())
    send(ses, **simple())
    with pytest.raises(TooManyRequests):
        send(ses, **simple())
    clock.pass_by(seconds=1)
    send(ses, **simple())


def test_a_message_beyond_40_mb_is_refused(ses):
    attachment = {"FileName": "a.bin", "RawContent": bytes(31 * 1024 * 1024)}
    content = simple()["Content"]["Simple"] | {"Attachments": [attachment]}
    with pytest.raises(BadRequest, match="Message length is more than 41943040 bytes"):
        send(ses, **simple(Content={"Simple": content}))


def test_in_the_sandbox_only_verified_recipients_and_the_simulator(ses):
    ses.account.move(sandbox=True)
    send(ses, **simple("success@simulator.amazonses.com"))
    send(ses, **simple("a@acme.test"))
    with pytest.raises(MessageRejected, match=r"in region US-EAST-1: mia@example\.org"):
        send(ses, **simple())


def test_a_virus_is_rejected_after_the_answer_and_goes_nowhere(ses):
    eicar = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    content = simple()["Content"]["Simple"] | {"Attachments": [{"FileName": "eicar.com", "RawContent": eicar}]}
    send(ses, **simple(Content={"Simple": content}))
    (rejected,) = delivered(ses)
    assert (rejected["eventType"], rejected["reject"]) == ("Reject", {"reason": "Bad content"})
    assert outbox(ses) == []


def test_a_recipient_on_the_list_is_accepted_and_bounces(ses, clock):
    ses.knobs.fates["mia@example.org"] = "bounced"
    send(ses, **simple())
    clock.pass_by(seconds=1)
    send(ses, **simple())
    bounces = [event["bounce"] for event in delivered(ses) if event["eventType"] == "Bounce"]
    assert [bounce["bounceSubType"] for bounce in bounces] == ["General", "OnAccountSuppressionList"]
    assert [about["outcome"] for _, about in outbox(ses)] == ["bounced", "suppressed"]


def test_a_set_can_keep_suppression_to_bounces(ses):
    ses.account.configuration_sets["main"].options["SuppressionOptions"] = {"SuppressedReasons": ["BOUNCE"]}
    ses.knobs.fates["mia@example.org"] = "complained"
    send(ses, **simple())
    send(ses, **simple())
    kinds = [event["eventType"] for event in delivered(ses)]
    assert kinds == ["Send", "Delivery", "Complaint", "Send", "Delivery"]
    assert ses.account.suppressed == {}


@pytest.mark.parametrize(
    ("name", "kinds", "outcome"),
    [
        ("success", ["Send", "Delivery"], "delivered"),
        ("bounce", ["Send", "Bounce"], "bounced"),
        ("ooto", ["Send", "Delivery", "Bounce"], "delivered"),
        ("complaint", ["Send", "Delivery", "Complaint"], "complained"),
        ("suppressionlist", ["Send", "Bounce"], "bounced"),
    ],
)
def test_the_mailbox_simulator(ses, name, kinds, outcome):
    send(ses, **simple(f"{name}+label@simulator.amazonses.com"))
    assert [event["eventType"] for event in delivered(ses)] == kinds
    assert outbox(ses)[0][1]["outcome"] == outcome
    assert ses.account.suppressed == {}


def test_recipients_with_different_fates_have_a_file_each(ses):
    to = ["mia@example.org", "bounce@simulator.amazonses.com"]
    send(ses, **simple(Destination={"ToAddresses": to}))
    delivered(ses)
    told = {about["outcome"]: about["destination"] for _, about in outbox(ses)}
    assert told == {"delivered": to[:1], "bounced": to[1:]}


@pytest.mark.parametrize(
    ("knob", "error"), [("throttle", TooManyRequests), ("fail", InternalFailure), ("accept-and-hang", NoAnswer)]
)
def test_a_knob_is_for_one_call(ses, knob, error):
    ses.knobs.sends.append(knob)
    with pytest.raises(error):
        send(ses, **simple())
    assert len(delivered(ses)) == (2 if knob == "accept-and-hang" else 0)
    send(ses, **simple())


def faults(ses, recipient, times):
    for _ in range(times):
        try:
            send(ses, **simple(recipient))
            yield "taken"
        except (TooManyRequests, InternalFailure, NoAnswer) as fault:
            yield type(fault).__name__


def test_a_bad_day_is_the_same_again_with_the_same_seed_in_whatever_order_calls_come(ses):
    ses.account.quota.max_rate = -1
    ses.knobs.chaos = Chaos(seed=7, throttle=0.2, fail=0.1, accept_and_drop=0.1)
    mia, tom = list(faults(ses, "mia@example.org", 20)), list(faults(ses, "tom@example.org", 20))
    assert mia != tom
    assert {*mia, *tom} == {"taken", "TooManyRequests", "InternalFailure", "NoAnswer"}
    ses.knobs.chaos = Chaos(seed=7, throttle=0.2, fail=0.1, accept_and_drop=0.1)
    assert list(faults(ses, "tom@example.org", 20)) == tom
    assert list(faults(ses, "mia@example.org", 20)) == mia


def test_what_goes_wrong_on_a_bad_day_is_as_much_as_was_asked_for():
    chaos = Chaos(seed=7, throttle=0.2, fail=0.1, accept_and_drop=0.1)
    met = Counter(chaos.fault(f"{number}@example.org") for number in range(10_000))
    assert 1900 < met["throttle"] < 2100
    assert 900 < met["fail"] < 1100
    assert 900 < met["accept-and-drop"] < 1100


def test_events_are_late_by_times_of_their_own():
    chaos = Chaos(seed=7, hold_events_seconds=3)
    late = [chaos.lateness(f"SEND {number}") for number in range(1000)]
    assert 0 <= min(late) < 0.1
    assert 2.9 < max(late) <= 3
    assert Chaos().lateness("SEND 1") == 0


def test_events_are_held_copied_and_let_go_backwards(ses):
    ses.knobs.hold, ses.knobs.copies = True, 2
    send(ses, **simple())
    assert delivered(ses) == []
    ses.feed.release(backwards=True)
    assert [event["eventType"] for event in delivered(ses)] == ["Delivery", "Delivery", "Send", "Send"]


def test_an_event_that_no_topic_takes_is_lost_and_said(ses, caplog):
    ses.aws.closed.add("arn:aws:sns:us-east-1:000000000000:events")
    send(ses, **simple())
    assert delivered(ses) == []
    assert "event SEND of set main is lost" in caplog.text
