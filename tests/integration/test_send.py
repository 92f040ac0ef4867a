import dataclasses

import boto3
import pytest
from botocore.stub import ANY

from lambdas.shared.messages import message_id
from lambdas.shared.recipients import Recipients, Suppression
from tests.integration.records import batch, drain, reasons
from tests.integration.sends import NOTICE, asked, stored, takes_it

MAIL = {"Destination": ANY, "ReplyToAddresses": [], "EmailTags": ANY, "Content": ANY}


def test_a_mail_goes_to_ses_rendered_tagged_and_is_settled(send):
    send.ses.add_response(
        "send_email",
        {"MessageId": "ses-1"},
        {
            "FromEmailAddress": "Acme <hello@acme.test>",
            "Destination": {"ToAddresses": ["mia@example.org"]},
            "ReplyToAddresses": [],
            "ConfigurationSetName": "set-t",
            "EmailTags": [
                {"Name": "mailroom-message", "Value": message_id("order-7")},
                {"Name": "mailroom-stream", "Value": "transactional"},
                {"Name": "mailroom-template", "Value": "notice"},
                {"Name": "ses:feedback-id-a", "Value": "transactional"},
                {"Name": "ses:feedback-id-b", "Value": "notice"},
            ],
            "Content": {
                "Simple": {
                    "Subject": {"Data": "Hi & <bye>", "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": "Hi & <bye>\n\n<b>Text</b>\n\nAcme\n", "Charset": "UTF-8"},
                        "Html": {"Data": ANY, "Charset": "UTF-8"},
                    },
                    "Headers": [{"Name": "X-Mailroom-Message", "Value": message_id("order-7")}],
                }
            },
        },
    )
    answer = send.handler(asked(NOTICE | {"idempotency_key": "order-7"}), None)
    message = stored("order-7")
    assert answer == {"batchItemFailures": []}
    assert (message.state, message.ses_id, message.attempts) == ("sent", "ses-1", 1)
    assert (message.recipient, message.subject) == ("mia@example.org", "Hi & <bye>")


def test_a_repeated_request_is_one_mail(send):
    takes_it(send)
    send.handler(asked(NOTICE), None)
    send.handler(asked(NOTICE), None)
    assert stored().attempts == 1


def test_one_idempotency_key_in_two_events_is_one_mail(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}, "event-1"), None)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}, "event-2"), None)


def test_the_stream_chooses_the_configuration_set_and_headers_go_along(send):
    expected = {
        "ConfigurationSetName": "set-m",
        "FromEmailAddress": "Acme Support <support@acme.test>",
        "ReplyToAddresses": ["support+abc@acme.test"],
        "Destination": ANY,
        "EmailTags": ANY,
        "Content": {
            "Simple": {
                "Subject": ANY,
                "Body": ANY,
                "Headers": [
                    {"Name": "List-Unsubscribe", "Value": ANY},
                    {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
                    {"Name": "In-Reply-To", "Value": "<a@example.org>"},
                    {"Name": "X-Mailroom-Message", "Value": message_id("event-1")},
                ],
            }
        },
    }
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, expected)
    extra = {
        "stream": "marketing",
        "from": "Acme Support <support@acme.test>",
        "reply_to": "support+abc@acme.test",
        "headers": {"In-Reply-To": "<a@example.org>"},
    }
    send.handler(asked(NOTICE | extra), None)


def test_marketing_comes_from_the_domain_that_names_it(send):
    named = {"FromEmailAddress": "Acme News <news@news.acme.test>", "ConfigurationSetName": "set-m"}
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, MAIL | named)
    send.handler(asked(NOTICE | {"stream": "marketing"}), None)


def test_no_other_mail_comes_from_there_and_the_message_says_what_to_change(send, heard):
    send.handler(asked(NOTICE | {"from": "Acme News <news@news.acme.test>"}), None)
    message = stored()
    assert message.state == "failed"
    assert message.reason == (
        "`from` is of news.acme.test, which is for marketing mail, and this is transactional: leave `from` out, "
        "or use an address of another domain"
    )
    assert [kind for kind, _ in heard()] == ["MailFailed"]


def test_mails_of_a_stage_with_a_tenant_are_sent_for_it(sending, monkeypatch):
    monkeypatch.setenv("TENANT", "Acme")
    send = sending("send")
    named = {"FromEmailAddress": "Acme <hello@acme.test>", "ConfigurationSetName": "set-t", "TenantName": "Acme"}
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, MAIL | named)
    send.handler(asked(NOTICE), None)


@pytest.mark.parametrize("scope", ["all", "transactional"])
def test_a_suppressed_recipient_gets_no_mail_and_the_message_says_why(send, scope):
    suppress("Mia@Example.org", scope)
    send.handler(asked(NOTICE), None)
    message = stored()
    assert message.state == "suppressed"
    assert message.reason == "permanent bounce (General) since 2026-11-21T10:00:00.000Z (message m0)"


def test_a_complaint_about_marketing_does_not_stop_other_mail(send):
    suppress("mia@example.org", "marketing")
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert stored().state == "sent"


def test_a_suppression_that_has_ended_stops_nothing(send):
    suppress("mia@example.org", "all", until="2026-11-21T09:59:59.999Z")
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert stored().state == "sent"


def test_a_suppression_that_ends_later_says_when(send):
    suppress("mia@example.org", "all", until="2999-12-05T10:00:00.000Z")
    send.handler(asked(NOTICE), None)
    why = "permanent bounce (General) since 2026-11-21T10:00:00.000Z until 2999-12-05T10:00:00.000Z (message m0)"
    assert stored().reason == why


def suppress(address, scope, until=None):
    suppression = Suppression(
        scope=scope,
        reason="permanent bounce (General)",
        message_id="m0",
        evidence="Bounce#f1",
        at="2026-11-21T10:00:00.000Z",
        by="feedback",
        until=until,
    )
    Recipients(boto3.resource("dynamodb").Table("recipients")).suppress(address, suppression)


def test_a_missing_variable_fails_the_message_with_its_name(send):
    send.handler(asked(NOTICE | {"data": {"title": "Hi"}}), None)
    message = stored()
    assert message.state == "failed"
    assert message.reason == "template 'notice': `text` is missing"


def test_an_unknown_template_fails_the_message_and_names_those_there_are(send):
    send.handler(asked(NOTICE | {"template": "nonesuch"}), None)
    assert stored().reason.startswith("there is no template 'nonesuch'; there are acknowledgement, ")


def test_a_request_that_does_not_fit_its_schema_is_dead_lettered(send):
    send.handler(asked({"to": "mia@example.org", "templat": "notice"}), None)
    assert reasons() == ["SendMail: detail must contain ['template'] properties"]


def test_a_value_cannot_add_a_line_to_the_subject(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"data": {"title": "Hi\r\nBcc: eve@example.net", "text": ""}}), None)
    assert stored().subject == "Hi Bcc: eve@example.net"


def test_a_value_with_markup_is_text_in_the_html(send):
    rendered = send.outbox.templates.render("notice", {"title": "Hi", "text": "<script>x</script>"})
    assert "&lt;script&gt;x&lt;/script&gt;" in rendered.html.replace("&#x2f;", "/")
    assert "<script>" not in rendered.html
    assert "<script>x</script>" in rendered.text


def test_another_mail_with_the_same_key_is_refused(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"idempotency_key": "k"}), None)
    send.handler(asked(NOTICE | {"idempotency_key": "k", "data": {"title": "Other", "text": ""}}, "event-2"), None)
    assert reasons() == ["another message was asked for with this idempotency key"]


def test_each_of_a_list_of_recipients_gets_a_mail_of_their_own(send):
    send.handler(asked(NOTICE | {"to": ["mia@example.org", "bo@example.net", "mia@example.org"]}), None)
    parts = drain("queue")
    assert [part["detail"]["to"] for part in parts] == ["mia@example.org", "bo@example.net"]
    for _ in range(2):
        takes_it(send)
    send.handler(batch(*parts, *parts), None)
    assert stored("event-1|mia@example.org").state == stored("event-1|bo@example.net").state == "sent"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"to": "mïa@example.org"}, "the part of an address before the @ must be ASCII: SES delivers to no other"),
        ({"to": f"mia@{'a' * 64}.example"}, "the part of an address after the @ is no domain"),
        ({"to": f"{'m' * 65}@example.org"}, "the address is longer than SMTP allows (RFC 5321)"),
        ({"send_at": "2020-01-01T00:00:00Z"}, "send_at has passed"),
        ({"send_at": "2036-01-01T00:00:00Z"}, "send_at is more than a year ahead"),
        ({"send_at": "2026-12-24"}, "send_at has no time zone: add Z, or an offset like +01:00"),
        ({"send_at": "tomorrow"}, "send_at is no time as ISO 8601 has it, like 2026-12-24T18:00:00Z"),
        (
            {"attachments": [{"filename": "a.txt", "content_type": "text/plain", "content": "%%"}]},
            "a.txt: its content is not base64",
        ),
        (
            {"attachments": [{"filename": "a", "content_type": "a/b", "s3": {"bucket": "foreign", "key": "k"}}]},
            "a: the setting attachment_buckets does not name its bucket",
        ),
        (
            {"attachments": [{"filename": "a", "content_type": "a/b", "s3": {"bucket": "shop-files", "key": "k"}}]},
            "a: there is no such object, or we may not read it",
        ),
    ],
)
def test_what_cannot_be_sent_fails_with_what_to_change_and_tells_the_application(send, heard, change, reason):
    send.handler(asked(NOTICE | change), None)
    assert (stored().state, stored().reason) == ("failed", reason)
    [(kind, event)] = heard()
    assert (kind, event["state"], event["reason"]) == ("MailFailed", "failed", reason)
    send.handler(asked(NOTICE | change), None)
    assert heard() == []


def test_a_domain_that_is_not_ascii_is_sent_to_in_punycode(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"to": "mia@bücher.example"}), None)
    assert stored().recipient == "mia@xn--bcher-kva.example"


def test_a_suppressed_message_is_told_to_the_application_once(send, heard):
    suppress("mia@example.org", "all")
    send.handler(asked(NOTICE), None)
    send.handler(asked(NOTICE), None)
    assert [(kind, event["state"]) for kind, event in heard()] == [("MailFailed", "suppressed")]


def test_a_failure_that_could_not_be_told_is_told_by_the_next_delivery(send, heard, monkeypatch):
    def broken(*_):
        raise RuntimeError("the bus is out of reach")

    suppress("mia@example.org", "all")
    with monkeypatch.context() as once:
        once.setattr(send, "outbox", dataclasses.replace(send.outbox, emit=broken))
        assert send.handler(asked(NOTICE), None)["batchItemFailures"]
    send.handler(asked(NOTICE), None)
    assert [kind for kind, _ in heard()] == ["MailFailed"]
