from pathlib import Path

import pytest

from lambdas.shared.mail.parse import parse

MAILS = Path(__file__).parents[4] / "mail"
NOTICE = """Return-Path: <>
From: MAILER-DAEMON@mx.example.org
To: hello@acme.test
Subject: failure notice

Hi. This is the qmail-send program at mx.example.org.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<mia@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

"""
SENT = ["To: mia@example.org", "X-Mailroom-Message: m1", "Message-ID: <0100-1@email.amazonses.com>", "Subject: Hi"]


def read(name):
    return parse((MAILS / f"{name}.eml").read_bytes())


@pytest.mark.parametrize(
    ("name", "to", "message_id"),
    [
        ("postfix-dsn", "gone@example.org", "01000192f3a1-support-9@email.amazonses.com"),
        ("exchange-dsn", "full@example.net", "01000192f3a1-support-10@email.amazonses.com"),
        ("arf-complaint", "annoyed@example.net", "01000192f3a1-news-1@email.amazonses.com"),
        (
            "qmail-bounce",
            "nobody.here@example.org, elsewhere@example.net",
            "01000192f3a1-support-11@email.amazonses.com",
        ),
    ],
)
def test_a_report_gives_back_the_header_of_the_mail_it_is_about(name, to, message_id):
    mail = read(name)
    assert (mail.original.raw("To"), mail.original_message_id) == (to, message_id)


@pytest.mark.parametrize(
    "shown",
    [
        "\n".join(["--- Below this line is a copy of the message.", "", *SENT, "", "Hello"]),
        "\n".join(["> --- Below", ">", *[f"> {line}" for line in SENT], ">", "> Hello"]),
        "\n".join(SENT),
    ],
)
def test_a_header_within_a_notices_text_is_found_quoted_or_not(shown):
    mail = parse((NOTICE + shown + "\n").encode())
    assert (mail.kind, mail.original_message_id) == ("bounce", "0100-1@email.amazonses.com")
    assert mail.original.raw("X-Mailroom-Message") == "m1"


def test_where_prose_stands_before_it_the_header_begins_with_the_message_id():
    mail = parse((NOTICE + "The message was:\n" + "\n".join(SENT) + "\n").encode())
    assert mail.original_message_id == "0100-1@email.amazonses.com"
    assert mail.original.raw("X-Mailroom-Message") is None
    assert mail.original.raw("Subject") == "Hi"


def test_what_is_no_report_gives_nothing_back():
    assert read("gmail-reply-with-quote").original is None
    assert read("forward-as-attachment").original is None


def test_a_complaint_says_of_what_type_it_is_and_whom_the_mail_went_to():
    complaint = read("arf-complaint").complaint
    assert (complaint.kind, complaint.recipients, complaint.agent) == (
        "abuse",
        ("annoyed@example.net",),
        "ExampleLoop/2.1",
    )
    assert read("postfix-dsn").complaint is None
