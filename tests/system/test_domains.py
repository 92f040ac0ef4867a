"""A stage with three domains: one for all, one for newsletters, one that people write to."""

import json
import smtplib
import ssl
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from lambdas.shared.messages import message_id
from local.outside import until

NOTICE = {"template": "notice", "data": {"title": "News", "text": "Much is new."}}
TOURS = "office@acme-tours.test"


def mail_to(outside, address):
    (sent,) = until(lambda: outside.mail_to(address), f"a mail to {address}")
    return sent, json.loads(sent.path.with_suffix(".json").read_text())


def test_a_newsletter_comes_from_the_domain_that_names_it_and_a_code_from_the_first(outside, api):
    outside.put("SendMail", {"to": "nina-news@example.org", "stream": "marketing", **NOTICE})
    assert api("POST", "/codes", {"email": "carl-code@example.org"}) == (202, {})
    news, told = mail_to(outside, "nina-news@example.org")
    assert (news.mail["From"], told["configuration_set"]) == (
        "Acme News <news@news.acme.test>",
        outside.outputs["MarketingSet"],
    )
    code, told = mail_to(outside, "carl-code@example.org")
    assert (code.mail["From"], told["configuration_set"]) == (
        "Acme <hello@acme.test>",
        outside.outputs["TransactionalSet"],
    )


def test_from_the_domain_of_newsletters_nothing_else_is_sent_and_the_message_says_why(outside, mailroom):
    asked = {"to": "olga-refused@example.org", "from": "news@news.acme.test", "idempotency_key": "not-from-here"}
    outside.put("SendMail", asked | NOTICE)
    failed = until(
        lambda: [e for e in outside.heard("MailFailed") if e["recipient"] == "olga-refused@example.org"], "MailFailed"
    )
    assert failed[0]["reason"] == (
        "`from` is of news.acme.test, which is for marketing mail, and this is transactional: leave `from` out, "
        "or use an address of another domain"
    )
    assert mailroom("message", "show", message_id("not-from-here"), "--json")["state"] == "failed"
    assert outside.mail_to("olga-refused@example.org") == []


def test_a_mail_to_a_mailbox_of_a_further_domain_is_answered_from_there_in_its_thread(outside, mailroom):
    def ticket():
        return mailroom("ticket", "show", str(number), "--json")

    raw = question("tom-tours@example.org", "Two places in May?", "<tom-1@mail.example>")
    outside.deliver(raw, sender="tom-tours@example.org", recipients=[TOURS])
    opened = until(lambda: [e for e in outside.heard("TicketOpened") if e["mailbox"] == TOURS], "a ticket")
    number = opened[0]["ticket"]
    mailroom("ticket", "reply", str(number), "--text", "There are two left.")
    answer = until(
        lambda: [sent for sent in outside.mail_to("tom-tours@example.org") if "two left" in sent.text], "the answer"
    )[0]
    assert answer.mail["From"] == f"Acme Tours <{TOURS}>"
    back = answer.mail["Reply-To"]
    assert (back.partition("+")[0], back.partition("@")[2]) == ("office", "acme-tours.test")
    raw = question(
        "tom-tours@example.org",
        "Then I take both.",
        "<tom-2@mail.example>",
        **{"In-Reply-To": answer.mail["Message-ID"]},
    )
    outside.deliver(raw, sender="tom-tours@example.org", recipients=[back])
    until(lambda: len(ticket()["messages"]) == 3, "his answer is in the thread")


def question(sender, text, id, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = sender, TOURS, "Tours", id
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text + "\n")
    return bytes(mail)


@contextmanager
def logged_in(outside):
    secret = outside.client("secretsmanager").get_secret_value(SecretId=outside.outputs["SmtpSecret"])
    credentials = json.loads(secret["SecretString"])
    with smtplib.SMTP("127.0.0.1", outside.aws.submission_port, timeout=30) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=outside.aws.certificate))
        smtp.login(credentials["username"], credentials["password"])
        yield smtp


def by_smtp(sender, to, **headers):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "By SMTP"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Hi\n")
    return mail


def test_by_smtp_too_the_domain_decides_the_stream(outside):
    with logged_in(outside) as smtp:
        assert smtp.send_message(by_smtp("news@news.acme.test", "domains-1@example.org")) == {}
        assert smtp.send_message(by_smtp(TOURS, "domains-2@example.org")) == {}
        other = {"X_SES_CONFIGURATION_SET": outside.outputs["TransactionalSet"]}
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.send_message(by_smtp("news@news.acme.test", "domains-1@example.org", **other))
    assert (refused.value.smtp_code, refused.value.smtp_error[:13]) == (554, b"Access denied")
    assert mail_to(outside, "domains-1@example.org")[1]["configuration_set"] == outside.outputs["MarketingSet"]
    assert mail_to(outside, "domains-2@example.org")[1]["configuration_set"] == outside.outputs["TransactionalSet"]
