import smtplib
from pathlib import Path

import pytest

from lambdas.shared.tickets.table import Tickets
from local.outside import until

MAILS = Path(__file__).parents[1] / "mail"
SUPPORT = "support@acme.test"
ANSWERED = b"01000192f3a1-support-1@email.amazonses.com"
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def mail(name, sender=None):
    """A mail of tests/mail, from somebody else so that tests do not meet in one thread."""
    raw = (MAILS / f"{name}.eml").read_bytes()
    if sender:
        raw = raw.replace(b"mia@example.org", sender.encode()).replace(b"mia+question1", sender.encode())
    return raw


def deliver(outside, raw, sender, to=SUPPORT):
    outside.deliver(raw, sender=sender, recipients=[to])


def opened_by(outside, sender):
    """The TicketOpened event of the ticket that a sender's mail became."""
    return until(
        lambda: [event for event in outside.heard("TicketOpened") if event["requester"]["email"] == sender],
        f"a ticket of {sender}",
    )[-1]


def aside(mailroom, sender):
    return until(
        lambda: [found for found in mailroom("tickets", "--aside", "--json") if found["sender"] == sender],
        f"a mail of {sender} set aside",
    )[0]


def test_a_mail_by_smtp_becomes_a_ticket_that_can_be_shown(outside, mailroom):
    deliver(outside, mail("gmail-new-question", "tom@example.org"), "tom@example.org")
    number = opened_by(outside, "tom@example.org")["ticket"]
    assert number in [ticket["number"] for ticket in mailroom("tickets", "--json")["tickets"]]
    shown = mailroom("ticket", "show", str(number), "--json")
    assert shown["subject"] == "Can I change the delivery address of order 4711?"
    assert shown["messages"][0]["sender"] == "tom@example.org"
    assert "Can I change the delivery address" in mailroom("ticket", "show", str(number))


def test_the_sender_gets_one_acknowledgement_and_the_answer_to_it_joins_the_ticket(outside, mailroom):
    deliver(outside, mail("gmail-new-question", "una@example.org"), "una@example.org")
    number = opened_by(outside, "una@example.org")["ticket"]
    [sent] = until(lambda: outside.mail_to("una@example.org"), "the acknowledgement")
    assert (sent.mail["Auto-Submitted"], f"[#{number}]" in sent.subject) == ("auto-replied", True)
    assert sent.mail["In-Reply-To"] == "<CAF2u7wKq9una@example.org@mail.gmail.com>"
    answer = mail("iphone-reply-with-quote", "una@example.org").replace(
        ANSWERED, sent.mail["Message-ID"][1:-1].encode()
    )
    deliver(outside, answer, "una@example.org", to=sent.mail["Reply-To"])
    until(lambda: [e for e in outside.heard("TicketReplied") if e["ticket"] == number], "the answer joins it")
    shown = mailroom("ticket", "show", str(number), "--json")
    assert [message["sender"] for message in shown["messages"]] == ["una@example.org", "una@example.org"]
    assert shown["status"] == "new"
    assert len(outside.mail_to("una@example.org")) == 1


def test_an_answer_from_a_phone_to_the_plain_mailbox_names_our_mail_by_its_ses_id_and_joins_the_ticket(
    outside, mailroom
):
    deliver(outside, mail("gmail-new-question", "ivo@example.org"), "ivo@example.org")
    number = opened_by(outside, "ivo@example.org")["ticket"]
    [sent] = until(lambda: outside.mail_to("ivo@example.org"), "the acknowledgement")
    tickets = Tickets(outside.table("TicketsTable"))
    message_id = sent.mail["Message-ID"][1:-1]
    until(lambda: tickets.find("ses-id", message_id.partition("@")[0]), "the acknowledgement's id is known")
    answer = mail("iphone-reply-with-quote", "ivo@example.org").replace(ANSWERED, message_id.encode())
    deliver(outside, answer, "ivo@example.org", to=SUPPORT)
    until(lambda: [e for e in outside.heard("TicketReplied") if e["ticket"] == number], "the answer joins it")
    assert mailroom("ticket", "show", str(number), "--json")["status"] == "new"


@pytest.mark.parametrize("by", ["token", "message-id"])
def test_a_forged_sender_takes_part_in_no_ticket_and_brings_nobody_into_one(outside, mailroom, knob, by):
    victim, forger = f"victim-{by}@example.org", f"forger-{by}@example.net"
    deliver(outside, mail("gmail-new-question", victim), victim)
    number = opened_by(outside, victim)["ticket"]
    [sent] = until(lambda: outside.mail_to(victim), "the acknowledgement")
    forged = mail("iphone-reply-with-quote", victim).replace(ANSWERED, f"CAF2u7wKq9{victim}@mail.gmail.com".encode())
    forged = forged.replace(b"\r\nTo:", f"\r\nCc: {forger}\r\nTo:".encode(), 1)
    knob("verdicts", sender=forger, dmarc="FAIL")
    deliver(outside, forged, forger, to=sent.mail["Reply-To"] if by == "token" else SUPPORT)
    until(lambda: opened_by(outside, victim)["ticket"] != number, "a ticket of its own")
    shown = mailroom("ticket", "show", str(opened_by(outside, victim)["ticket"]), "--json")
    assert shown["messages"][0]["flags"] == [
        "sender not authenticated (DMARC failed)",
        f"answers ticket {number}, but its sender is not authenticated",
    ]
    assert shown["participants"] == [victim]
    assert mailroom("ticket", "show", str(number), "--json")["participants"] == [victim]
    assert len(mailroom("ticket", "show", str(number), "--json")["messages"]) == 1


def test_a_mail_with_a_forged_envelope_is_not_acknowledged_to_its_victim(outside, knob):
    knob("verdicts", sender="innocent@example.net", spf="FAIL", dmarc="GRAY")
    deliver(outside, mail("gmail-new-question", "ned@example.org"), "innocent@example.net")
    told(outside, "ned@example.org")
    assert answers(outside, "innocent@example.net") == []


def told(outside, sender, number=1):
    """Waits until that many tickets of a sender are announced, and their acknowledgements asked for."""
    opened = until(
        lambda: [e for e in outside.heard("TicketOpened") if e["requester"]["email"] == sender][number - 1 :],
        f"{number} tickets of {sender}",
    )
    until(lambda: Tickets(outside.table("TicketsTable")).delivery(opened[0]["id"]).announced, "it is announced")


def answers(outside, recipient):
    return [event for event in outside.heard("SendMail") if event["to"] == recipient]


def test_two_programs_that_answer_each_other_without_saying_so_stop_after_two_rounds(outside):
    robot = "hal@example.org"

    def thanks(rounds):
        raw = f"From: {robot}\r\nTo: {SUPPORT}\r\nSubject: Thank you\r\n\r\nThis is my mail number {rounds}.\r\n"
        deliver(outside, raw.encode(), robot)

    thanks(0)
    for rounds in range(1, 3):
        until(lambda number=rounds: len(outside.mail_to(robot)) == number, f"acknowledgement {rounds}")
        thanks(rounds)
    told(outside, robot, 3)
    assert len(answers(outside, robot)) == 2
    assert len(outside.mail_to(robot)) == 2


def test_an_attachment_is_in_the_bucket(outside, mailroom):
    deliver(outside, mail("outlook-pdf-attachment"), "hans.bruegger@example.net")
    number = opened_by(outside, "hans.bruegger@example.net")["ticket"]
    [file] = mailroom("ticket", "show", str(number), "--json")["messages"][0]["attachments"]
    stored = outside.client("s3").get_object(Bucket=outside.outputs["MailBucket"], Key=file["key"])
    assert len(stored["Body"].read()) == file["size"]


@pytest.mark.parametrize(("marker", "outcome"), [(GTUBE, "spam"), (EICAR, "quarantined")])
def test_spam_and_viruses_become_no_ticket(outside, mailroom, marker, outcome):
    sender = f"{outcome}@example.net"
    raw = f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: Look\r\n\r\n".encode() + marker + b"\r\n"
    deliver(outside, raw, sender)
    assert aside(mailroom, sender)["outcome"] == outcome
    assert outside.mail_to(sender) == []


def test_an_auto_reply_and_a_bounce_open_no_ticket_and_get_no_answer(outside, mailroom):
    deliver(outside, mail("exchange-out-of-office"), "sandra.meier@example.net")
    deliver(outside, mail("postfix-dsn"), "")
    assert aside(mailroom, "sandra.meier@example.net")["outcome"] == "auto-reply"
    assert aside(mailroom, "MAILER-DAEMON@mx.example.org")["outcome"] == "bounce"
    assert outside.mail_to("sandra.meier@example.net") == []


def test_what_cannot_be_read_is_kept_dead_lettered_and_visible(outside, mailroom):
    deliver(outside, mail("truncated-unreadable"), "broken@example.net")
    found = aside(mailroom, "broken@example.net")
    assert found["outcome"] == "unreadable"
    raw = outside.client("s3").get_object(Bucket=outside.outputs["MailBucket"], Key=found["raw_key"])["Body"].read()
    assert raw.endswith(mail("truncated-unreadable"))
    [inbound] = [queue for queue in mailroom("status", "--json")["queues"] if queue["name"] == "inbound"]
    assert f"{found['raw_key']} cannot be read" in inbound["dead_letters"][0]["reason"]


def test_nobody_at_this_address(outside):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        deliver(outside, mail("gmail-new-question"), "mia@example.org", to="nobody@acme.test")
    code, _ = refused.value.recipients["nobody@acme.test"]
    assert code == 550


def test_our_own_mail_to_a_domain_we_receive_comes_back_in(outside, mailroom):
    data = {"title": "Please look at order 4711", "text": "A customer waits."}
    outside.put("SendMail", {"to": SUPPORT, "template": "notice", "data": data})
    event = opened_by(outside, "hello@acme.test")
    assert event["subject"] == "Please look at order 4711"


def test_the_command_delivers_a_file(outside, mailroom):
    mailroom("deliver", str(MAILS / "thunderbird-latin1.eml"), "--to", SUPPORT)
    event = opened_by(outside, "andre@example.net")
    assert event["requester"]["name"] == "André Müller-Lüdenscheidt"
