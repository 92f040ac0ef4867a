"""A team works with its mailbox: from SMTP in to SMTP out."""

import html
import http.client
import urllib.parse
from pathlib import Path

import pytest

from local.outside import until

BILLING, SUPPORT = "billing@acme.test", "support@acme.test"
ADA, BOB = "ada@team.example", "bob@team.example"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"


def question(sender, subject="Invoice 7", text="Why is it so high?", **headers):
    fields = {"From": sender, "To": BILLING, "Subject": subject, "Date": "Sat, 21 Nov 2026 10:00:00 +0000"}
    fields |= {"Message-ID": f"<{sender}-{len(text)}@mail.example>"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + f"\r\n{text}\r\n".encode()


def answer_to(sent, sender, text):
    """What a mail program writes when somebody answers a mail of ours."""
    fields = {
        "In-Reply-To": sent.mail["Message-ID"],
        "References": sent.mail["Message-ID"],
        "To": sent.mail["Reply-To"],
    }
    return question(sender, f"Re: {sent.subject}", text, **fields)


@pytest.fixture
def opened(outside):
    """Delivers a mail and gives the number of the ticket that it opens."""

    def open_ticket(raw, sender, to=BILLING, requester=None):
        known = len(tickets_of(requester or sender))
        outside.deliver(raw, sender=sender, recipients=[to] if isinstance(to, str) else to)
        return until(lambda: tickets_of(requester or sender)[known:], f"a ticket of {requester or sender}")[0]

    def tickets_of(requester):
        events = [e for e in outside.heard("TicketOpened") if e["requester"]["email"] == requester]
        return [event["ticket"] for event in events]

    return open_ticket


@pytest.fixture
def ticket(mailroom):
    return lambda number: mailroom("ticket", "show", str(number), "--json")


def mail_to(outside, address, count=1):
    return until(lambda: outside.mail_to(address)[count - 1 :], f"mail {count} to {address}")[0]


def test_an_answer_reaches_the_customer_in_the_thread_and_theirs_comes_back(
    outside, mailroom, opened, ticket, tmp_path
):
    number = opened(question("kira@example.org"), "kira@example.org")
    (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.7")
    given = ("ticket", "reply", str(number), "--text", "It has two lines.\n\nSee there.", "--by", "Ada")
    mailroom(*given, "--attach", str(tmp_path / "bill.pdf"))
    sent = mail_to(outside, "kira@example.org")
    assert sent.subject == f"Re: Invoice 7 [#{number}]"
    assert sent.mail["From"] == f"Acme Billing <{BILLING}>"
    assert sent.mail["In-Reply-To"] == sent.mail["References"] == "<kira@example.org-18@mail.example>"
    for text in ("It has two lines.", "See there.", "https://billing.acme.test", "> Why is it so high?"):
        assert text in sent.text
    [file] = sent.mail.iter_attachments()
    assert (file.get_filename(), file.get_content()) == ("bill.pdf", b"%PDF-1.7")
    assert ticket(number)["status"] == "pending"
    outside.deliver(
        answer_to(sent, "kira@example.org", "Thanks!"), sender="kira@example.org", recipients=[sent.mail["Reply-To"]]
    )
    until(lambda: ticket(number)["status"] == "open", "the answer opens it again")
    assert [message["reply"] for message in ticket(number)["messages"]] == [
        "Why is it so high?",
        "It has two lines.\n\nSee there.",
        "Thanks!",
    ]


def test_the_same_command_again_is_one_answer(outside, mailroom, opened, ticket):
    number = opened(question("lou@example.org"), "lou@example.org")
    for _ in range(2):
        mailroom("ticket", "reply", str(number), "--text", "It is right.", "--key", "lou-1")
    mailroom("ticket", "note", str(number), "--text", "He was told twice.")
    until(lambda: len(ticket(number)["messages"]) == 3, "the note is there")
    assert len(outside.mail_to("lou@example.org")) == 1


@pytest.mark.parametrize("dmarc", ["PASS", "FAIL"])
def test_who_is_told_of_a_ticket_answers_the_customer_by_mail_if_it_is_surely_them(
    outside, opened, ticket, knob, dmarc
):
    customer = f"pat-{dmarc.lower()}@example.org"
    number = opened(question(customer, f"Invoice {dmarc}"), customer)
    told = until(lambda: [sent for sent in outside.mail_to(ADA) if f"#{number}]" in sent.subject], "Ada is told")[0]
    assert until(lambda: [sent for sent in outside.mail_to(BOB) if f"#{number}]" in sent.subject], "Bob is told")
    assert "Why is it so high?" in told.text
    knob("verdicts", sender=ADA, dmarc=dmarc)
    outside.deliver(answer_to(told, ADA, "A typing error."), sender=ADA, recipients=[told.mail["Reply-To"]])
    last = until(lambda: ticket(number)["messages"][1:], "Ada's answer is on the ticket")[0]
    assert last["kind"] == {"PASS": "answer", "FAIL": "note"}[dmarc]
    assert "A typing error." in last["text"]
    if dmarc == "PASS":
        assert "A typing error." in mail_to(outside, customer).text
    else:
        assert outside.mail_to(customer) == []


def test_a_mail_to_two_mailboxes_and_a_second_copy_of_it_are_one_ticket(outside, mailroom, opened, ticket):
    raw = question("max@example.org")
    number = opened(raw, "max@example.org", to=[BILLING, SUPPORT])
    outside.deliver(raw, sender="max@example.org", recipients=[SUPPORT])
    until(lambda: [m for m in aside(mailroom, "duplicate") if m["sender"] == "max@example.org"], "the copy is known")
    assert len(ticket(number)["messages"]) == 1
    assert [t["number"] for t in mailroom("tickets", "--requester", "max@example.org", "--json")["tickets"]] == [number]


def aside(mailroom, outcome):
    return mailroom("tickets", "--aside", "--outcome", outcome, "--json")


def test_mails_that_name_the_same_unknown_mail_belong_together(outside, opened, ticket):
    root = "<root@elsewhere.example>"
    number = opened(question("ria@example.org", References=root), "ria@example.org")
    outside.deliver(
        question("ria@example.org", text="One more thing.", References=root),
        sender="ria@example.org",
        recipients=[BILLING],
    )
    until(lambda: len(ticket(number)["messages"]) == 2, "the second joins")


def test_an_answer_opens_what_was_solved_and_follows_what_was_closed(outside, mailroom, opened, ticket):
    number = opened(question("sue@example.org"), "sue@example.org")
    mailroom("ticket", "reply", str(number), "--text", "Solved.", "--status", "solved")
    sent = mail_to(outside, "sue@example.org")
    back = [sent.mail["Reply-To"]]
    outside.deliver(answer_to(sent, "sue@example.org", "Not at all."), sender="sue@example.org", recipients=back)
    until(lambda: ticket(number)["status"] == "open", "it is open again")
    mailroom("ticket", "status", str(number), "closed")
    changes = [(e["before"], e["status"]) for e in outside.heard("TicketStatusChanged") if e["ticket"] == number]
    assert changes == [("new", "solved"), ("solved", "open"), ("open", "closed")]
    assert [e["ticket"] for e in outside.heard("TicketClosed") if e["ticket"] == number] == [number]
    following = opened(answer_to(sent, "sue@example.org", "Are you there?"), "sue@example.org", to=back)
    assert ticket(following)["follows"] == number
    assert ticket(number)["followed_by"] == following


def test_a_mail_that_the_team_forwards_is_its_senders_ticket(outside, opened, ticket):
    text = (
        "Please help her.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Una Example <una@customer.example>\r\n"
        "Date: Sat, 21 Nov 2026 at 09:00\r\nSubject: Double charge\r\nTo: Ada <ada@team.example>\r\n\r\n"
        "You charged me twice."
    )
    number = opened(question(ADA, "Fwd: Double charge", text), ADA, requester="una@customer.example")
    assert ticket(number)["requester"] == "una@customer.example"
    assert "You charged me twice." in ticket(number)["messages"][0]["reply"]


@pytest.mark.parametrize(("marker", "outcome", "more"), [(GTUBE, "spam", ()), (EICAR, "quarantined", ("--virus",))])
def test_what_was_held_back_is_let_in_by_hand(outside, mailroom, marker, outcome, more):
    sender = f"held-{outcome}@example.net"
    raw = question(sender, text="It is not what you think. " + marker.decode(), To=SUPPORT)
    outside.deliver(raw, sender=sender, recipients=[SUPPORT])
    [held] = until(lambda: [m for m in aside(mailroom, outcome) if m["sender"] == sender], "it is held back")
    mailroom("inbound", "release", held["ses_id"], *more)
    [found] = until(lambda: mailroom("tickets", "--requester", sender, "--json")["tickets"], "it is a ticket after all")
    assert found["subject"] == "Invoice 7"
    assert [m for m in aside(mailroom, outcome) if m["sender"] == sender] == []


def test_a_mail_that_nobody_was_told_of_is_found_and_handled(outside, mailroom):
    raw = question("zoe@example.org", To=SUPPORT)
    outside.deliver(question("edith@example.org", To=SUPPORT), sender="edith@example.org", recipients=[SUPPORT])
    [known] = until(
        lambda: mailroom("tickets", "--requester", "edith@example.org", "--json")["tickets"], "Edith's ticket"
    )
    key = mailroom("ticket", "show", str(known["number"]), "--json")["messages"][0]["raw_key"]
    s3, bucket = outside.client("s3"), outside.outputs["MailBucket"]
    stored = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    slipped = stored.replace(question("edith@example.org", To=SUPPORT), raw).replace(key[4:].encode(), b"slipped1")
    s3.put_object(Bucket=bucket, Key="raw/slipped1", Body=slipped)
    mailroom("inbound", "retry", "raw/slipped1")
    [found] = until(lambda: mailroom("tickets", "--requester", "zoe@example.org", "--json")["tickets"], "Zoe's ticket")
    mailroom("inbound", "retry", "raw/slipped1")
    assert len(mailroom("ticket", "show", str(found["number"]), "--json")["messages"]) == 1


def test_an_answer_that_comes_back_is_noted_and_opens_the_ticket_again(outside, mailroom, opened, ticket):
    gone = "bounce+gone@simulator.amazonses.com"
    number = opened(question(gone), gone)
    mailroom("ticket", "reply", str(number), "--text", "Here you are.")
    until(lambda: len(ticket(number)["messages"]) == 3, "the bounce is noted")
    note = ticket(number)["messages"][2]
    assert note["kind"] == "note"
    assert note["text"].startswith(f"A mail of this ticket to {gone} came back: Permanent")
    assert ticket(number)["status"] == "open"


def test_tickets_are_found_by_what_they_are(mailroom, opened):
    number = opened(question("quinn@example.org", "A zeppelin for Quinn"), "quinn@example.org")
    mailroom("ticket", "assign", str(number), "Ada")
    mailroom("ticket", "tag", str(number), "--add", "refund")
    mailroom("ticket", "priority", str(number), "high")
    for asked in (
        *(("--text", "ZEPPELIN"), ("--requester", "quinn@example.org"), ("--tag", "refund"), ("--assignee", "Ada")),
        ("--status", "open", "--mailbox", BILLING, "--since", "2026-11-01", "--text", "quinn"),
    ):
        assert [t["number"] for t in mailroom("tickets", *asked, "--json")["tickets"]] == [number]
    assert mailroom("tickets", "--text", "zeppelin", "--status", "closed", "--json")["tickets"] == []


def test_an_attachment_is_had_by_a_link_that_expires(outside, mailroom, opened, tmp_path):
    raw = (Path(__file__).parents[1] / "mail" / "outlook-pdf-attachment.eml").read_bytes()
    sender = "hans.bruegger@example.net"
    number = opened(raw.replace(b"Message-ID: <", b"Message-ID: <again-"), sender)
    mailroom("ticket", "show", str(number), "--html", str(tmp_path / "ticket.html"))
    page = (tmp_path / "ticket.html").read_text()
    [link] = [part.split('"')[0] for part in page.split('href="') if "X-Amz-Expires" in part]
    url = urllib.parse.urlsplit(html.unescape(link))
    connection = http.client.HTTPConnection(url.netloc, timeout=30)
    connection.request("GET", f"{url.path}?{url.query}")
    answer = connection.getresponse()
    assert (answer.status, answer.read()[:4]) == (200, b"%PDF")
    connection.close()


def test_a_person_is_forgotten(outside, mailroom, opened):
    number = opened(question("tim@example.org"), "tim@example.org")
    mailroom("ticket", "reply", str(number), "--text", "Goodbye.")
    mail_to(outside, "tim@example.org")
    assert "tim@example.org" in mailroom("forget", "tim@example.org")
    assert mailroom("ticket", "show", str(number), "--json")["requester"] == "tim@example.org"
    mailroom("forget", "tim@example.org", "--yes")
    mailroom("ticket", "show", str(number), status=1)
    assert mailroom("tickets", "--requester", "tim@example.org", "--json")["tickets"] == []
    assert "tim@example.org" not in mailroom("messages", "--json", "--limit", "200").__repr__()
