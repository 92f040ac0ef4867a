import base64
import json

import pytest

from local.ses.send import send_email
from tests.unit.local.ses.conftest import call, simple

RAW = b"From: Mia <mia@example.org>\r\nTo: support@acme.test\r\nCc: c@example.org\r\nSubject: Hi\r\n\r\nhello\r\n"
TOPIC = "arn:aws:sns:us-east-1:000000000000:received"
ARN = "arn:aws:ses:us-east-1:000000000000:receipt-rule-set/set:receipt-rule"


def rules(ses, *rules):
    ses.account.rule_sets["set"] = [{"Enabled": True, "Recipients": [], "ScanEnabled": True, **rule} for rule in rules]
    ses.account.active_rule_set = "set"


def receive(ses, *recipients, raw=RAW, sender="mia@example.org", tls=False):
    return ses.receiver.receive(raw, sender, list(recipients), client="mx.example.org", tls=tls)


def notified(aws):
    return [json.loads(message) for _, _, message, _ in aws.published]


def s3(bucket="mail", **more):
    return {"S3Action": {"BucketName": bucket, **more}}


def test_every_rule_that_an_address_meets_acts_in_order(ses, aws):
    rules(
        ses,
        {"Name": "one", "Recipients": ["support@acme.test"], "Actions": [s3("a", TopicArn=TOPIC)]},
        {"Name": "two", "Recipients": ["sales@acme.test"], "Actions": [s3("b", TopicArn=TOPIC)]},
        {"Name": "all", "Recipients": ["acme.test"], "Actions": [s3("c", TopicArn=TOPIC)]},
    )
    mail_id = receive(ses, "support@acme.test", "x@acme.test")
    assert [bucket for bucket, _ in aws.objects] == ["a", "c"]
    assert [body["receipt"]["recipients"] for body in notified(aws)] == [
        ["support@acme.test"],
        ["support@acme.test", "x@acme.test"],
    ]
    assert [source for *_, source in aws.published] == [f"{ARN}/one", f"{ARN}/all"]
    assert len(mail_id) == 40


def test_the_notification_in_full(ses, aws):
    rules(ses, {"Name": "one", "Actions": [s3(ObjectKeyPrefix="raw/", TopicArn=TOPIC)]})
    mail_id = receive(ses, "support@acme.test")
    (body,) = notified(aws)
    headers = body["mail"].pop("headers")
    assert [header["name"] for header in headers[-4:]] == ["From", "To", "Cc", "Subject"]
    assert body == {
        "notificationType": "Received",
        "receipt": {
            "timestamp": "2026-11-21T10:00:00.000Z",
            "processingTimeMillis": 0,
            "recipients": ["support@acme.test"],
            "spamVerdict": {"status": "PASS"},
            "virusVerdict": {"status": "PASS"},
            "spfVerdict": {"status": "PASS"},
            "dkimVerdict": {"status": "PASS"},
            "dmarcVerdict": {"status": "PASS"},
            "action": {
                "type": "S3",
                "topicArn": TOPIC,
                "bucketName": "mail",
                "objectKeyPrefix": "raw/",
                "objectKey": f"raw/{mail_id}",
            },
        },
        "mail": {
            "timestamp": "2026-11-21T10:00:00.000Z",
            "source": "mia@example.org",
            "messageId": mail_id,
            "destination": ["support@acme.test", "c@example.org"],
            "headersTruncated": False,
            "commonHeaders": {
                "returnPath": "mia@example.org",
                "from": ["Mia <mia@example.org>"],
                "to": ["support@acme.test"],
                "cc": ["c@example.org"],
                "subject": "Hi",
            },
        },
    }


def test_stop_and_bounce_end_the_rule_set(ses, aws):
    bounce = {
        "SmtpReplyCode": "550",
        "StatusCode": "5.1.1",
        "Message": "no",
        "Sender": "a@acme.test",
        "TopicArn": TOPIC,
    }
    for last in ({"StopAction": {"Scope": "RuleSet", "TopicArn": TOPIC}}, {"BounceAction": bounce}):
        rules(ses, {"Name": "one", "Actions": [last, s3("a")]}, {"Name": "two", "Actions": [s3("b")]})
        receive(ses, "support@acme.test")
    assert aws.objects == {}
    assert [body["receipt"]["action"] for body in notified(aws)] == [
        {"type": "Stop", "topicArn": TOPIC},
        {
            "type": "Bounce",
            "topicArn": TOPIC,
            "smtpReplyCode": "550",
            "statusCode": "5.1.1",
            "message": "no",
            "sender": "a@acme.test",
        },
    ]


def test_an_added_header_is_above_the_mail_for_later_actions(ses, aws):
    rules(ses, {"Name": "one", "Actions": [{"AddHeaderAction": {"HeaderName": "X-Via", "HeaderValue": "ses"}}, s3()]})
    receive(ses, "support@acme.test")
    (stored,) = aws.objects.values()
    assert stored.endswith(b"X-Via: ses\r\n" + RAW)


def test_the_sns_action_carries_the_mail(ses, aws):
    rules(ses, {"Name": "one", "Actions": [{"SNSAction": {"TopicArn": TOPIC, "Encoding": "Base64"}}]})
    receive(ses, "support@acme.test", raw=RAW + b"\xff")
    (body,) = notified(aws)
    assert base64.b64decode(body["content"]).endswith(RAW + b"\xff")
    assert body["receipt"]["action"] == {"type": "SNS", "topicArn": TOPIC, "encoding": "BASE64"}


def test_a_bucket_that_refuses_costs_the_rule_and_is_said(ses, aws, caplog):
    aws.closed.add("mail")
    rules(ses, {"Name": "one", "Actions": [s3(), s3("b")]}, {"Name": "two", "Actions": [s3("c")]})
    receive(ses, "support@acme.test")
    assert [bucket for bucket, _ in aws.objects] == ["c"]
    assert "receipt rule one could not perform S3Action" in caplog.text


def test_a_rule_that_requires_tls_is_passed_over_without(ses, aws):
    rules(ses, {"Name": "one", "TlsPolicy": "Require", "Actions": [s3("a")]}, {"Name": "two", "Actions": [s3("b")]})
    assert ses.receiver.refusal("support@acme.test", tls=False) is None
    receive(ses, "support@acme.test")
    receive(ses, "support@acme.test", tls=True)
    assert [bucket for bucket, _ in aws.objects] == ["b", "a", "b"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"no header",
        b"Subject: =?nonsense?q?=FF?=\r\n\r\n",
        b"To: " + b"\xff" * 50 + b"\r\n\r\n",
        bytes(range(256)),
    ],
)
def test_what_is_hardly_a_mail_is_stored_and_notified_too(ses, aws, raw):
    rules(ses, {"Name": "one", "Actions": [s3(TopicArn=TOPIC)]})
    receive(ses, "support@acme.test", raw=raw, sender="")
    (stored,) = aws.objects.values()
    assert stored.endswith(raw)
    assert notified(aws)[0]["mail"]["source"] == ""


def test_many_headers_are_cut_at_10_kb(ses, aws):
    rules(ses, {"Name": "one", "Actions": [s3(TopicArn=TOPIC)]})
    receive(ses, "support@acme.test", raw=b"X-Long: " + b"x" * 11_000 + b"\r\n" + RAW)
    mail = notified(aws)[0]["mail"]
    assert mail["headersTruncated"] is True
    assert "X-Long" not in [header["name"] for header in mail["headers"]]


def test_a_rule_that_does_not_scan_says_so(ses, aws):
    rules(
        ses,
        {"Name": "one", "ScanEnabled": False, "Actions": [s3(TopicArn=TOPIC)]},
        {"Name": "two", "Actions": [s3(TopicArn=TOPIC)]},
    )
    receive(ses, "support@acme.test")
    said = [(body["receipt"]["spamVerdict"], body["receipt"]["virusVerdict"]) for body in notified(aws)]
    assert said == [({"status": "DISABLED"},) * 2, ({"status": "PASS"},) * 2]


def test_a_mail_to_ourselves_loops_back_once(ses, aws):
    rules(ses, {"Name": "one", "Recipients": ["support@acme.test"], "Actions": [s3()]})
    for to in ("support@acme.test", "nobody@acme.test"):
        send_email(ses, call("SendEmail", **simple(to)))
        ses.post.deliver(ses.post._accepted.get())
    (stored,) = aws.objects.values()
    assert stored.startswith(b"Return-Path: <0100")
    assert b"@bounce.acme.test>\r\n" in stored
    assert [json.loads(message)["eventType"] for _, _, message, _ in aws.published] == [
        "Send",
        "Delivery",
        "Send",
        "Bounce",
    ]
    outcomes = sorted(json.loads(path.read_text())["outcome"] for path in ses.outbox.glob("*.json"))
    assert outcomes == ["bounced", "looped-back"]
