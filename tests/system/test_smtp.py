"""An application that sends by SMTP: from the secret to the timeline, and through a change of its password."""

import json
import smtplib
import ssl
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from local.outside import until


def mail_to(address, sender="Acme <hello@acme.test>", **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, address, "From our shop"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("It left this morning.\n")
    return mail


@contextmanager
def logged_in(outside, credentials):
    with smtplib.SMTP("127.0.0.1", outside.aws.submission_port, timeout=30) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=outside.aws.certificate))
        smtp.login(credentials["username"], credentials["password"])
        yield smtp


def secret(outside):
    """As an application reads it."""
    found = outside.client("secretsmanager").get_secret_value(SecretId=outside.outputs["SmtpSecret"])
    return json.loads(found["SecretString"])


def foreign(mailroom, address):
    """The message to this address that Mailroom has only heard of, once it was delivered."""

    def look():
        found = [message for message in mailroom("messages", "--json") if message["recipient"] == address]
        return found[0] if found and found[0]["status"] == "delivered" else None

    return until(look, f"the mail to {address} is delivered")


def test_the_password_is_nowhere_but_in_the_secret(outside, folder):
    password = secret(outside)["password"]
    events = outside.client("cloudformation").describe_stack_events(StackName="Mailroom-local-Outbound")
    assert password not in json.dumps([events, outside.outputs], default=str)
    for log in ("local.log", "deploy.log"):
        assert password not in (folder / ".mailroom" / log).read_text()
    logs = outside.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        if "Smtp" in group["logGroupName"]:
            assert password not in json.dumps(logs.filter_log_events(logGroupName=group["logGroupName"]))


@pytest.mark.parametrize("headers", [{}, {"X_SES_MESSAGE_TAGS": "campaign=spring"}])
def test_mail_by_smtp_is_tracked_like_any_other(outside, mailroom, headers):
    address = f"una+{len(headers)}@example.org"
    with logged_in(outside, secret(outside)) as smtp:
        assert smtp.send_message(mail_to(address, **headers)) == {}
    (sent,) = until(lambda: outside.mail_to(address), "the mail is in the outbox")
    assert (sent.subject, sent.text.strip(), sent.outcome) == ("From our shop", "It left this morning.", "delivered")
    assert not [name for name in sent.mail if name.lower().startswith("x-ses-")]
    message = foreign(mailroom, address)
    assert message["state"] == "foreign"
    assert [happening["kind"] for happening in message["timeline"]] == ["Send", "Delivery"]
    assert [event["ses_id"] for event in outside.heard("MailDelivered") if event["recipients"] == [address]] == [
        message["id"].removeprefix("ses-")
    ]


def test_a_bounce_of_it_suppresses_the_recipient_for_mailrooms_own_mail(outside, mailroom):
    address = "bounce+smtp@simulator.amazonses.com"
    with logged_in(outside, secret(outside)) as smtp:
        smtp.send_message(mail_to(address))
    until(lambda: mailroom("recipient", "show", address, "--json")["suppressions"], "the recipient is suppressed")


def test_the_secret_is_of_a_user_who_may_do_nothing_but_that(outside):
    given = secret(outside)
    with logged_in(outside, given) as smtp, pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(mail_to("una@example.org", sender="Eve <eve@other.test>"), from_addr="hello@acme.test")
    assert refused.value.smtp_code == 554
    assert refused.value.smtp_error.startswith(b"Access denied: User `arn:aws:iam::000000000000:user/")
    with pytest.raises(smtplib.SMTPAuthenticationError), logged_in(outside, given | {"password": "x" * 44}):
        pass


def test_both_passwords_work_until_the_rotation_is_finished(outside, mailroom):
    before = secret(outside)
    rotated = mailroom("smtp", "rotate", "--json")
    after = secret(outside)
    assert (rotated["old_key"]["id"], rotated["key"]["id"]) == (before["username"], after["username"])
    shown = mailroom("smtp", "show", "--password", "--json")
    assert {name: shown[name] for name in ("username", "password")} == {
        name: after[name] for name in ("username", "password")
    }
    assert (shown["host"], shown["port"]) == ("127.0.0.1", outside.aws.submission_port)
    for credentials in (before, after):
        with logged_in(outside, credentials):
            pass
    assert mailroom("smtp", "rotate", "--finish", "--json") == {"deleted": before["username"]}
    with logged_in(outside, after):
        pass
    with pytest.raises(smtplib.SMTPAuthenticationError), logged_in(outside, before):
        pass
