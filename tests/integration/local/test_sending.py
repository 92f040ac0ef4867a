import email.policy
import json
import urllib.request
from contextlib import closing
from email import message_from_bytes

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.integration.local.conftest import Aws

SIMPLE = {"Simple": {"Subject": {"Data": "Grüße"}, "Body": {"Text": {"Data": "Hallo", "Charset": "UTF-8"}}}}


def send(aws, to, **more):
    parameters = {"FromEmailAddress": "Acme <hello@acme.test>", "Destination": {"ToAddresses": [to]}, "Content": SIMPLE}
    if aws.outputs:
        parameters["ConfigurationSetName"] = aws.outputs["Set"]
    return aws.sesv2.send_email(**parameters | more)["MessageId"]


def events(aws, number):
    return [json.loads(message["Message"]) for message in aws.taken(aws.outputs["EventsQueue"], number)]


def test_the_topic_hears_that_the_destination_was_validated(mail):
    (validation,) = mail.published["EventsQueue"]
    assert validation["Message"] == "Successfully validated SNS topic for Amazon SES event publishing."


def test_a_mail_lands_in_the_outbox_with_ses_headers(mail):
    sent_id = send(mail, "mia@example.org", EmailTags=[{"Name": "message", "Value": "m-1"}])
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]
    (path,) = mail.up.outbox.glob(f"*-{sent_id}.eml")
    message = message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Message-ID"] == f"<{sent_id}@email.amazonses.com>"
    assert (message["Subject"], message["To"], message.get_content().strip()) == ("Grüße", "mia@example.org", "Hallo")
    assert json.loads(path.with_suffix(".json").read_text()) == {
        "message_id": sent_id,
        "source": "Acme <hello@acme.test>",
        "destination": ["mia@example.org"],
        "configuration_set": mail.outputs["Set"],
        "tags": {"message": "m-1"},
        "outcome": "delivered",
    }


def test_the_simulator_bounces_in_sess_own_form(mail):
    sent_id = send(mail, "bounce+label@simulator.amazonses.com", EmailTags=[{"Name": "message", "Value": "m-2"}])
    sent, bounced = events(mail, 2)
    assert sent["send"] == {}
    assert bounced["eventType"] == "Bounce"
    assert bounced["mail"]["messageId"] == sent_id
    assert bounced["mail"]["tags"]["message"] == ["m-2"]
    assert bounced["mail"]["tags"]["ses:configuration-set"] == [mail.outputs["Set"]]
    assert bounced["mail"]["tags"]["ses:caller-identity"] == ["developer"]
    bounce = bounced["bounce"]
    assert (bounce["bounceType"], bounce["bounceSubType"]) == ("Permanent", "General")
    assert bounce["bouncedRecipients"] == [
        {
            "emailAddress": "bounce+label@simulator.amazonses.com",
            "action": "failed",
            "status": "5.1.1",
            "diagnosticCode": "smtp; 550 5.1.1 user unknown",
        }
    ]


def test_events_can_be_held_and_come_backwards_and_twice(mail):
    mail.knob("events", hold=True, copies=2)
    send(mail, "complaint@simulator.amazonses.com")
    mail.settle()
    mail.knob("events", release="backwards")
    mail.knob("events", copies=1)
    kinds = [event["eventType"] for event in events(mail, 6)]
    assert kinds == ["Complaint", "Complaint", "Delivery", "Delivery", "Send", "Send"]


def test_a_mail_to_our_own_domain_comes_back_in(mail):
    send(mail, "support@acme.test")
    (received,) = mail.taken(mail.outputs["ReceivedQueue"], 1)
    notification = json.loads(received["Message"])
    assert notification["receipt"]["recipients"] == ["support@acme.test"]
    assert notification["mail"]["source"].endswith("@bounce.acme.test")
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]


def test_a_mail_to_nobody_at_our_own_domain_bounces(mail):
    send(mail, "nobody@acme.test")
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Bounce"]


def test_an_unverified_sender_is_rejected(mail):
    with pytest.raises(mail.sesv2.exceptions.MessageRejected) as raised:
        send(mail, "mia@example.org", FromEmailAddress="hello@other.test")
    assert raised.value.response["Error"]["Message"] == (
        "Email address is not verified. The following identities failed the check in region US-EAST-1: hello@other.test"
    )


def test_in_the_sandbox_recipients_must_be_verified_too(mail):
    mail.knob("account", sandbox=True)
    try:
        with pytest.raises(mail.sesv2.exceptions.MessageRejected, match=r"mia@example\.org"):
            send(mail, "mia@example.org")
    finally:
        mail.knob("account", sandbox=False)


def test_a_caller_can_time_out_although_the_mail_went(mail):
    mail.knob("sends", next=["accept-and-hang"])
    impatient = Aws(mail.up, config=Config(read_timeout=1, retries={"total_max_attempts": 1}))
    impatient.outputs = mail.outputs
    with pytest.raises(ReadTimeoutError):
        send(impatient, "mia@example.org")
    impatient.close()
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]


def test_an_answer_can_break_off_although_the_mail_went(mail):
    mail.knob("sends", next=["accept-and-drop"])
    once = Aws(mail.up, config=Config(retries={"total_max_attempts": 1}))
    once.outputs = mail.outputs
    with pytest.raises(ConnectionClosedError):
        send(once, "mia@example.org")
    once.close()
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]


def test_on_a_bad_day_events_come_late_and_each_copy_for_itself(mail):
    mail.knob("chaos", seed=1, hold_events_seconds=0.5)
    mail.knob("events", copies=3)
    send(mail, "mia@example.org")
    kinds = [event["eventType"] for event in events(mail, 6)]
    mail.knob("events", copies=1)
    mail.knob("chaos")
    assert sorted(kinds) == ["Delivery", "Delivery", "Delivery", "Send", "Send", "Send"]


def sends_counted(mail):
    with closing(urllib.request.urlopen(f"{mail.up.endpoint}/_mailroom/requests")) as answer:
        told = json.load(answer)["requests"]
    counts = {(one["caller"], one["request"], one["status"]): one["count"] for one in told}
    return counts.get(("developer", "/v2/email/outbound-emails", 200), 0), counts


def test_requests_are_counted_by_who_made_them_and_how_they_were_answered(mail):
    before, _ = sends_counted(mail)
    send(mail, "mia@example.org")
    after, counts = sends_counted(mail)
    assert after == before + 1
    assert [event["eventType"] for event in events(mail, 2)] == ["Send", "Delivery"]
    assert counts["developer", "AmazonSQS.ReceiveMessage", 200] > 0


@pytest.mark.parametrize(("knob", "code"), [("throttle", "TooManyRequestsException"), ("fail", "InternalFailure")])
def test_sending_can_be_made_to_fail(mail, knob, code):
    once = Aws(mail.up, config=Config(retries={"total_max_attempts": 1}))
    once.outputs = mail.outputs
    mail.knob("sends", next=[knob])
    with pytest.raises(ClientError) as raised:
        send(once, "mia@example.org")
    once.close()
    assert raised.value.response["Error"]["Code"] == code


def test_what_is_not_emulated_says_so(bare):
    with pytest.raises(ClientError, match="ListContactLists is not emulated on the laptop"):
        bare.sesv2.list_contact_lists()
