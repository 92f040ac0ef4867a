"""Failures told in plain text by servers, and mails of people who write about failures."""

import pytest

from lambdas.shared.mail.parse import parse

RETURNED = """
--- Below this line is a copy of the message.

Return-Path: <support@acme.test>
To: mia@example.org
"""


def mail(text, **fields):
    header = {"From": "MAILER-DAEMON@mx.example.net", "To": "support@acme.test", "Subject": "failure notice"} | {
        name.replace("_", "-"): value for name, value in fields.items()
    }
    lines = [f"{name}: {value}" for name, value in header.items() if value]
    return parse("\r\n".join([*lines, "", text.replace("\n", "\r\n")]).encode())


def bounced(found):
    return [(bounced.recipient, bounced.status, bounced.permanent) for bounced in found.bounces]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Delivery failed.\n\n<mia@example.org>:\n550 5.1.1 unknown", [("mia@example.org", "5.1.1", True)]),
        ("Undeliverable Address: mia@example.org\nReason: over quota", [("mia@example.org", "", True)]),
        ("The message addressed to 'mia@example.org'\nfailed.", [("mia@example.org", "", True)]),
        ("could not be delivered:\n\n  mia@example.org ... unknown host", [("mia@example.org", "", True)]),
        ("User unknown: mia@example.org", [("mia@example.org", "", True)]),
        (
            "fatal errors\n<mia@example.org>\n  (reason: 552 5.2.2 full)\n"
            "jo@example.net\n  (expanded from: <team@example.net>)",
            [
                ("mia@example.org", "5.2.2", True),
                ("jo@example.net", "5.2.2", True),
                ("team@example.net", "5.2.2", True),
            ],
        ),
        ("undeliverable: c=US;a= ;p=ORG;dda:SMTP=mia@example.org; on Fri", [("mia@example.org", "", True)]),
        (
            "not delivered to the following recipients:\n\tmiak\n\tjob\n",
            [("miak@mx.example.net", "", True), ("job@mx.example.net", "", True)],
        ),
        ("delivery failed\nPlease contact help@mx.example.net" + RETURNED, [("mia@example.org", "", True)]),
        (
            "has been delayed, will be retried\n\n<mia@example.org>: 4.4.1 timeout",
            [("mia@example.org", "4.4.1", False)],
        ),
        (
            "The address 192.0.2.5.1.1 is not a status of\n<mia@example.org>: unknown user",
            [("mia@example.org", "", True)],
        ),
        (
            "A gateway made one text of it.\n\nReporting-MTA: dns; x\n\n"
            "Final-Recipient: rfc822; mia@example.org\nAction: failed\nStatus: 5.1.1\n",
            [("mia@example.org", "5.1.1", True)],
        ),
    ],
)
def test_a_server_s_notice_names_the_failed(text, expected):
    assert bounced(mail(text)) == expected


def test_the_failed_may_be_in_a_field():
    assert bounced(mail("No text.", X_Failed_Recipients="mia@example.org")) == [("mia@example.org", "", True)]


def test_each_failed_one_in_a_field_has_its_own_words():
    text = "fatal\n\n  mia@example.org\n    550 5.1.1 unknown\n  jo@example.org\n    552 5.2.2 full\n"
    assert bounced(mail(text, X_Failed_Recipients="mia@example.org, jo@example.org")) == [
        ("mia@example.org", "5.1.1", True),
        ("jo@example.org", "5.2.2", True),
    ]


def test_our_own_address_is_not_the_failed_one():
    assert bounced(mail("Delivery failed from support@acme.test to <mia@example.org>")) == [
        ("mia@example.org", "", True)
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "Mail Delivery System <noreply@example.net>"},
        {"From": "<>"},
        {"From": "postmaster@example.net", "Subject": "Undeliverable: hello"},
        {"From": "x@example.net", "Return_Path": "<>", "Subject": "Returned mail"},
        {"From": "gateway@example.net", "Subject": "Delivery failure notification"},
    ],
)
def test_servers_write_under_many_names(fields):
    text = "This message was created automatically. It could not be delivered to:\n\n  mia@example.org\n"
    assert mail(text, **fields).kind == "bounce"


PERSON = {"From": "Mia Keller <mia@example.org>"}


@pytest.mark.parametrize(
    ("subject", "text", "fields"),
    [
        ("Delivery problem", "My order was not delivered. The address 12 Low Road does not exist, it says.", {}),
        ("delivery failed", "My parcel could not be delivered, and now? It was returned to you.", {}),
        (
            "Re: Undelivered Mail Returned to Sender",
            "Is this right?\n\n> could not be delivered\n> <a@example.org>",
            {},
        ),
        (
            "Fwd: failure notice",
            "What is this?\n\n---------- Forwarded message ---------\nFrom: x\n\nundeliverable",
            {},
        ),
        (
            "Undeliverable mails",
            "I was unable to deliver the papers; see the 550 5.1.1 error below.",
            {"User_Agent": "x"},
        ),
        ("Question", "Your mail to me was rejected by our server: 550 5.7.1. Please send it again.", {}),
        ("User unknown", "user unknown, mailbox full, quota exceeded: what do they mean?", {"In_Reply_To": "<1@x>"}),
        ("Re: Automatic reply: holidays", "Thanks, I will write again then.", {}),
        ("Out of office chairs", "Do you sell them?", {}),
        ("Automatic reply to questions", "Do you offer that?", {}),
        ("Vacation rental", "Is it free in May?", {}),
    ],
)
def test_people_who_write_about_failures_are_people(subject, text, fields):
    assert mail(text, Subject=subject, **PERSON, **fields).kind == "mail"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"Subject": "Automatic reply: hello"}, "auto-reply"),
        ({"Subject": "Abwesenheitsnotiz: Hallo"}, "auto-reply"),
        ({"Subject": "Réponse automatique : bonjour"}, "auto-reply"),
        ({"Subject": "x", "Auto_Submitted": "auto-generated"}, "auto-reply"),
        ({"Subject": "x", "Auto_Submitted": "no"}, "mail"),
        ({"Subject": "x", "X_Autoreply": "yes"}, "auto-reply"),
        ({"Subject": "x", "Precedence": "auto_reply"}, "auto-reply"),
        ({"Subject": "x", "Return_Path": "<>"}, "auto-reply"),
        ({"Subject": "x", "Precedence": "bulk"}, "list"),
        ({"Subject": "x", "List_Id": "<lamps.example.org>"}, "list"),
        ({"Subject": "unsubscribe", "X_Apple_Unsubscribe": "true", "Auto_Submitted": "auto-replied"}, "complaint"),
    ],
)
def test_machines_are_known_by_their_fields(fields, kind):
    assert mail("Hello", **PERSON, **fields).kind == kind


A, B = "Final-Recipient: rfc822; a@example.org\n", "Final-Recipient: rfc822; b@example.org\n"
JUNK = """From: staff@hotmail.com
To: support@acme.test
Subject: complaint about message from 192.0.2.7
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: message/rfc822

From: hello@acme.test
To: mia@example.org
Subject: Lamps

--b--
"""


def test_microsoft_s_junk_reports_are_complaints():
    assert parse(JUNK.encode()).kind == "complaint"
    assert parse(JUNK.replace("message/rfc822", "text/plain").encode()).kind == "mail"


REPORT = """From: postmaster@example.net
To: support@acme.test
Subject: Delivery report
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

See below.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; example.net

{}
--b--
"""


@pytest.mark.parametrize(
    ("groups", "kind", "expected"),
    [
        (
            A + "Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.1.1 no",
            "bounce",
            [("a@example.org", "5.1.1", True)],
        ),
        (
            A + "Action: failed\nStatus: 4.4.7\nDiagnostic-Code: smtp; 452 4.2.2 full",
            "bounce",
            [("a@example.org", "4.2.2", True)],
        ),
        (
            "Original-Recipient: rfc822;info@example.org\n" + A + "Action: failed\nStatus: 5.1.1",
            "bounce",
            [("info@example.org", "5.1.1", True)],
        ),
        (
            A + "Action: failed\nStatus: 5.1.1\n\n" + B + "Action: delayed\nStatus: 4.4.1",
            "bounce",
            [("a@example.org", "5.1.1", True), ("b@example.org", "4.4.1", False)],
        ),
        (A + "Action: delivered\nStatus: 2.0.0", "auto-reply", []),
        (A + "Action: deliverable\nStatus: 2.1.5", "auto-reply", []),
    ],
)
def test_standard_reports_are_read_by_their_fields(groups, kind, expected):
    found = parse(REPORT.format(groups).encode())
    assert (found.kind, bounced(found)) == (kind, expected)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Lamp", "Out of Office AutoReply: Lamp", "[Auto-Reply] Lamp", "Auto: Re: Lamp",
        "Automatische Antwort: Lampe", "Abwesenheitsnotiz: Lampe", "Réponse automatique : Lampe",
        "Respuesta automática: Lámpara", "Risposta automatica: Lampada", "Fuori ufficio: Lampada",
        "Resposta automática: Lâmpada", "Automatisch antwoord: Lamp", "Odpowiedź automatyczna: Lampa",
        "Automatiskt svar: Lampa", "Automatisk svar: Lampe", "Автоматический ответ: Лампа", "自動応答: ランプ",
        "自动答复: 灯",
    ],
)  # fmt: skip
def test_programs_that_answer_alone_say_so_in_the_subject(subject):
    assert mail("I am back on Monday.", From="tom@example.net", Subject=subject).kind == "auto-reply"


@pytest.mark.parametrize(
    "subject", ["Vacation planning", "I am away from the office", "Automatic lamp: question", "Autos: question"]
)
def test_people_write_of_absence_too(subject):
    assert mail("Can you help?", From="tom@example.net", Subject=subject).kind == "mail"


def test_a_notice_may_greet_where_it_has_all_signs():
    text = "Dear Sender,\n\nYour mail could not be delivered:\n\n<mia@example.org>: user unknown\n\n"
    sender = {"From": "postmaster@example.net", "Subject": "Undeliverable mail"}
    assert mail(text + "This is an automated message.", **sender).kind == "bounce"
    assert mail(text, **sender).kind == "mail"


def test_a_program_s_exit_status_means_what_the_transcript_says():
    head = "Content-Type: multipart/report; boundary=a\nSubject: x\n\n--a\n\n554 5.3.0 unknown mailer error 255\n--a\n"
    group = "Final-Recipient: rfc822; mia@example.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: {}; 255\n"
    report = head + "Content-Type: message/delivery-status\n\n" + group
    assert [one.status for one in parse(report.format("X-Unix").encode()).bounces] == ["5.3.0"]
    assert [one.status for one in parse(report.format("SMTP").encode()).bounces] == ["5.0.0"]
