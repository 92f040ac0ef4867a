import json
import smtplib
import ssl

import pytest

RAW = (
    b"From: Mia Keller <mia@example.org>\r\nTo: support@acme.test\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <1@example.org>\r\n\r\n8-bit \xe4\r\n.leading dot\r\n"
)


def deliver(aws, *recipients, raw=RAW, sender="mia@example.org", tls=False):
    with smtplib.SMTP("127.0.0.1", aws.up.smtp_port, timeout=20) as door:
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            door.starttls(context=context)
        return door.sendmail(sender, list(recipients), raw, mail_options=["BODY=8BITMIME"])


def notification(aws):
    (message,) = aws.taken(aws.outputs["ReceivedQueue"], 1)
    assert message["Subject"] == "Amazon SES Email Receipt Notification"
    return json.loads(message["Message"])


def stored(aws, notified):
    action = notified["receipt"]["action"]
    return aws.s3.get_object(Bucket=action["bucketName"], Key=action["objectKey"])["Body"].read()


def test_creating_the_rule_left_ses_setup_mail(mail):
    setup = json.loads(mail.published["ReceivedQueue"][0]["Message"])
    assert setup["mail"]["messageId"] == "AMAZON_SES_SETUP_NOTIFICATION"
    assert b"Amazon SES Setup Notification" in stored(mail, setup)
    assert setup["receipt"]["action"]["objectKey"] == "raw/AMAZON_SES_SETUP_NOTIFICATION"


def test_a_mail_is_stored_unmodified_below_sess_headers_and_notified(mail):
    deliver(mail, "support+label@acme.test")
    notified = notification(mail)
    receipt = notified["receipt"]
    assert receipt["recipients"] == ["support+label@acme.test"]
    assert {kind: receipt[f"{kind}Verdict"]["status"] for kind in ("spam", "virus", "spf", "dkim", "dmarc")} == {
        "spam": "PASS",
        "virus": "PASS",
        "spf": "PASS",
        "dkim": "PASS",
        "dmarc": "PASS",
    }
    assert receipt["action"]["objectKey"] == f"raw/{notified['mail']['messageId']}"
    assert notified["mail"]["source"] == "mia@example.org"
    assert notified["mail"]["destination"] == ["support@acme.test"]
    assert notified["mail"]["commonHeaders"] == {
        "returnPath": "mia@example.org",
        "from": ["Mia Keller <mia@example.org>"],
        "to": ["support@acme.test"],
        "messageId": "<1@example.org>",
        "subject": "Grüße",
    }
    content = stored(mail, notified)
    assert content.endswith(RAW)
    names = [line.partition(b":")[0].decode() for line in content.removesuffix(RAW).splitlines()]
    assert names == [
        "Return-Path",
        "Received",
        "X-SES-Spam-Verdict",
        "X-SES-Virus-Verdict",
        "Received-SPF",
        "Authentication-Results",
        "X-SES-RECEIPT",
    ]


@pytest.mark.parametrize("recipient", ["nobody@acme.test", "mia@example.org", "support@sub.acme.test"])
def test_nobody_is_refused(mail, recipient):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
        deliver(mail, recipient)
    code, said = raised.value.recipients[recipient]
    assert (code, said) == (550, b"5.1.1 Requested action not taken: mailbox unavailable")


def test_of_several_recipients_the_known_ones_are_served(mail):
    refused = deliver(mail, "support@acme.test", "nobody@acme.test")
    assert list(refused) == ["nobody@acme.test"]
    assert notification(mail)["receipt"]["recipients"] == ["support@acme.test"]


def test_a_bounce_has_no_sender(mail):
    deliver(mail, "support@acme.test", sender="")
    assert notification(mail)["mail"]["source"] == ""


def test_the_test_patterns_of_scanners_are_seen(mail):
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    deliver(mail, "support@acme.test", raw=RAW + gtube)
    assert notification(mail)["receipt"]["spamVerdict"] == {"status": "FAIL"}


def test_verdicts_can_be_told_for_the_next_mail_of_a_sender(mail):
    mail.knob("verdicts", sender="mia@example.org", dmarc="FAIL", dmarcPolicy="reject")
    deliver(mail, "support@acme.test")
    receipt = notification(mail)["receipt"]
    assert (receipt["dmarcVerdict"], receipt["dmarcPolicy"]) == ({"status": "FAIL"}, "reject")
    deliver(mail, "support@acme.test")
    assert notification(mail)["receipt"]["dmarcVerdict"] == {"status": "PASS"}


def test_tls_is_offered_and_a_rule_can_require_it(mail):
    rule = mail.ses.describe_receipt_rule(RuleSetName=mail.outputs["RuleSet"], RuleName="support")["Rule"]
    mail.ses.update_receipt_rule(RuleSetName=mail.outputs["RuleSet"], Rule=rule | {"TlsPolicy": "Require"})
    notification(mail)  # the setup mail again, as after every change of a rule
    with pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
        deliver(mail, "support@acme.test")
    assert raised.value.recipients["support@acme.test"][0] == 530
    deliver(mail, "support@acme.test", tls=True)
    assert notification(mail)["receipt"]["recipients"] == ["support@acme.test"]
    mail.ses.update_receipt_rule(RuleSetName=mail.outputs["RuleSet"], Rule=rule)
    notification(mail)


def test_a_mail_beyond_40_mb_is_refused_before_it_is_sent(mail):
    with smtplib.SMTP("127.0.0.1", mail.up.smtp_port, timeout=20) as door:
        door.ehlo()
        assert door.esmtp_features["size"] == "41943040"
        assert door.mail("mia@example.org", ["SIZE=41943041"])[0] == 552


def test_a_rule_needs_the_policies_it_will_use(mail):
    mail.s3.create_bucket(Bucket="not-for-ses")
    action = {"S3Action": {"BucketName": "not-for-ses"}}
    with pytest.raises(mail.ses.exceptions.InvalidS3ConfigurationException, match="Could not write to bucket"):
        mail.ses.create_receipt_rule(RuleSetName=mail.outputs["RuleSet"], Rule={"Name": "a", "Actions": [action]})
    topic = mail.sns.create_topic(Name="not-for-ses")["TopicArn"]
    nobody = '{"Version": "2012-10-17", "Statement": []}'
    mail.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=nobody)
    action = {"SNSAction": {"TopicArn": topic}}
    with pytest.raises(mail.ses.exceptions.InvalidSnsTopicException, match="Could not publish to SNS topic"):
        mail.ses.create_receipt_rule(RuleSetName=mail.outputs["RuleSet"], Rule={"Name": "a", "Actions": [action]})
    with pytest.raises(mail.ses.exceptions.CannotDeleteException):
        mail.ses.delete_receipt_rule_set(RuleSetName=mail.outputs["RuleSet"])
