from dataclasses import replace
from html import unescape

import boto3
import pytest

from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Attachment
from tests import ticket_values

TICKET = replace(
    ticket_values.TICKET,
    number=7,
    subject="Printer \x1b[31mon fire [bold]now[/bold]",
    status="new",
    requester_name="Mia Müller",
    participants=frozenset({"mia@example.org", "bob@example.net"}),
)
MESSAGE = replace(
    ticket_values.MESSAGE,
    id="ses-7",
    message_id="a@example.org",
    sender_name="Mia Müller",
    subject="Printer on fire",
    text="It burns.\n\n> What does it do?",
    reply="It burns.\x1b]0;owned\x07\n[red]Help![/red]",
    flags=("may be spam",),
    raw_key="raw/ses-7",
    attachments=(Attachment(filename="fire.jpg", content_type="image/jpeg", size=2048, key="attachments/ses-7/0"),),
)


def delivered(ses_id, outcome, *, ticket=None, **fields):
    filed = {"ses_id": ses_id, "outcome": outcome, "raw_key": f"raw/{ses_id}", "ticket": ticket}
    return replace(ticket_values.DELIVERY, **filed, **fields)


@pytest.fixture
def store(account):
    return Tickets(boto3.resource("dynamodb").Table("tickets"))


@pytest.fixture
def ticket(store):
    store.open(TICKET, MESSAGE, delivered("ses-7", "ticket", ticket=7))


def test_tickets_are_listed_with_their_requester_and_no_control_characters(run, ticket):
    assert run("tickets") == [
        "ticket   status   updated (UTC)      from, subject",
        "7        new      2026-11-21 10:00   Mia Müller <mia@example.org>",
        "                                     Printer \\x1b[31mon fire [bold]now[/bold]",
    ]


def test_tickets_as_json_hold_everything_but_the_reply_token(run, ticket):
    listed = run("tickets", "--json")
    assert listed["cursor"] is None
    assert listed["tickets"] == [
        {
            "number": 7,
            "subject": "Printer \x1b[31mon fire [bold]now[/bold]",
            "status": "new",
            "mailbox": "support@acme.test",
            "requester": "mia@example.org",
            "requester_name": "Mia Müller",
            "participants": ["bob@example.net", "mia@example.org"],
            "created_at": "2026-11-21T10:00:00.000Z",
            "updated_at": "2026-11-21T10:00:00.000Z",
            "assignee": None,
            "priority": "normal",
            "tags": [],
            "follows": None,
            "followed_by": None,
        }
    ]


def test_without_tickets_the_listing_says_so(run, account):
    assert run("tickets") == ["No tickets yet."]
    assert run("tickets", "--tag", "refund") == ["No such tickets."]
    assert run("tickets", "--json") == {"tickets": [], "cursor": None}


def test_a_ticket_is_shown_with_the_newly_written_text_its_files_and_flags(run, ticket):
    assert run("ticket", "show", 7) == [
        "Ticket 7: Printer \\x1b[31mon fire [bold]now[/bold]",
        "status        new",
        "mailbox       support@acme.test",
        "requester     Mia Müller <mia@example.org>",
        "participants  bob@example.net, mia@example.org",
        "opened        2026-11-21 10:00:00 UTC",
        "updated       2026-11-21 10:00:00 UTC",
        "",
        "2026-11-21 10:00:00 UTC  Mia Müller <mia@example.org>",
        "  It burns.\\x1b]0;owned\\x07",
        "  [red]Help![/red]",
        "  flags     may be spam",
        "  attached  fire.jpg (image/jpeg, 2048 bytes)",
        "  mail      raw/ses-7",
    ]


def test_a_ticket_as_json_has_its_messages_whole(run, ticket):
    shown = run("ticket", "show", 7, "--json")
    assert shown["number"] == 7
    assert "token" not in shown
    assert shown["messages"] == [
        {
            "id": "ses-7",
            "message_id": "a@example.org",
            "at": "2026-11-21T10:00:00.000Z",
            "sender": "mia@example.org",
            "sender_name": "Mia Müller",
            "subject": "Printer on fire",
            "text": "It burns.\n\n> What does it do?",
            "reply": "It burns.\x1b]0;owned\x07\n[red]Help![/red]",
            "kind": "mail",
            "flags": ["may be spam"],
            "raw_key": "raw/ses-7",
            "attachments": [
                {
                    "filename": "fire.jpg",
                    "content_type": "image/jpeg",
                    "size": 2048,
                    "key": "attachments/ses-7/0",
                }
            ],
            "recipients": [],
            "before": "",
            "after": "",
        }
    ]


def test_a_ticket_is_written_as_a_page_with_its_mails_and_links_to_its_files(run, ticket, tmp_path):
    mail = (
        b"Content-Type: text/html\r\n\r\n<p>It <b>burns</b>.</p><img src=https://spy.example/1.gif><script>x</script>"
    )
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-7", Body=mail)
    path = tmp_path / "ticket.html"
    assert "".join(run("ticket", "show", 7, "--html", path, columns=300)) == str(path)
    page = unescape(path.read_text(encoding="utf-8"))
    assert "<b>burns</b>" in page
    assert "attachments/ses-7/0?" in page
    assert "X-Amz-Expires=900" in page
    assert "spy.example" not in page
    assert run("ticket", "show", 7, "--html", path, "--remote", "--json")["number"] == 7
    assert "https://spy.example/1.gif" in path.read_text(encoding="utf-8")


def test_pictures_from_elsewhere_are_of_the_page_alone(run, ticket):
    assert "say --html FILE too." in run("ticket", "show", 7, "--remote", status=2)


def test_an_unknown_ticket_is_an_error_that_says_where_to_look(run, account):
    assert run("ticket", "show", 8, status=1) == "Error: There is no ticket 8: `mailroom tickets` lists them.\n"


def test_a_ticket_number_that_is_none_is_a_usage_error(run, account):
    assert "'x' is not a valid integer" in run("ticket", "show", "x", status=2)


def test_mails_that_became_no_ticket_are_listed_newest_first_with_their_reason(run, store):
    store.set_aside(delivered("ses-1", "spam", reason="SES takes it for spam", subject="You have won"))
    store.set_aside(delivered("ses-2", "unreadable", reason="the mail is empty", at="2026-11-21T12:00:00.000Z"))
    assert run("tickets", "--aside") == [
        "id, received (UTC)   outcome      from, subject, reason",
        "ses-2                unreadable   mia@example.org",
        "2026-11-21 12:00",
        "                                  the mail is empty",
        "ses-1                spam         mia@example.org",
        "2026-11-21 10:00                  You have won",
        "                                  SES takes it for spam",
    ]
    assert [found["ses_id"] for found in run("tickets", "--aside", "--outcome", "spam", "--json")] == ["ses-1"]


def test_mails_that_became_no_ticket_as_json(run, store):
    store.set_aside(delivered("ses-1", "spam", reason="SES takes it for spam", subject="You have won"))
    assert run("tickets", "--aside", "--json") == [
        {
            "ses_id": "ses-1",
            "outcome": "spam",
            "reason": "SES takes it for spam",
            "at": "2026-11-21T10:00:00.000Z",
            "sender": "mia@example.org",
            "subject": "You have won",
            "mailbox": "support@acme.test",
            "raw_key": "raw/ses-1",
        }
    ]


@pytest.mark.parametrize("columns", [80, 120])
def test_hostile_lengths_fit_the_terminal(run, store, columns):
    long = {"subject": "word " * 300, "requester": f"{'a' * 200}@example.org", "requester_name": "W" * 500}
    store.open(replace(TICKET, **long), MESSAGE, delivered("ses-7", "ticket", ticket=7))
    for command in (("tickets",), ("ticket", "show", 7)):
        rows = run(*command, columns=columns)
        assert max(map(len, rows)) <= columns
        assert len(rows) < 60


@pytest.fixture
def three(store, ticket):
    """Ticket 7, and two that were written to an hour and two hours later."""
    for number, status in ((8, "open"), (9, "solved")):
        later = {
            "number": number,
            "token": f"t{number}",
            "team_token": f"u{number}",
            "status": status,
            "updated_at": f"2026-11-21T1{number - 7}:00:00.000Z",
            "assignee": "ann",
            "priority": "high",
            "tags": frozenset({"refund", f"n{number}"}),
        }
        message = replace(MESSAGE, id=f"ses-{number}", message_id=f"{number}@example.org")
        store.open(replace(TICKET, **later), message, delivered(f"ses-{number}", "ticket", ticket=number))


def test_whose_a_ticket_is_and_how_urgent_is_listed_with_it(run, three):
    assert run("tickets", "--status", "open", columns=100) == [
        "ticket   status   updated (UTC)      from, subject",
        "8        open     2026-11-21 11:00   Mia Müller <mia@example.org>",
        "                                     Printer \\x1b[31mon fire [bold]now[/bold]",
        "                                     for ann, high, n8, refund",
    ]


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ([], [9, 8, 7]),
        (["--status", "solved"], [9]),
        (["--assignee", "ann"], [9, 8]),
        (["--tag", "n8"], [8]),
        (["--mailbox", "Support@Acme.test"], [9, 8, 7]),
        (["--mailbox", "billing@acme.test"], []),
        (["--requester", "mia@example.org", "--since", "2026-11-21T10:30"], [9, 8]),
        (["--text", "PRINTER"], []),
    ],
)
def test_tickets_are_listed_by_what_is_asked(run, three, asked, numbers):
    assert [ticket["number"] for ticket in run("tickets", *asked, "--json")["tickets"]] == numbers


def test_the_next_page_goes_on_where_the_one_before_ended(run, three):
    first = run("tickets", "--limit", 2, "--json")
    assert [ticket["number"] for ticket in first["tickets"]] == [9, 8]
    assert run("tickets", "--limit", 2)[-1] == f"There may be more: --cursor {first['cursor']}"
    second = run("tickets", "--limit", 2, "--cursor", first["cursor"], "--json")
    assert [ticket["number"] for ticket in second["tickets"]] == [7]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "since: must be a day or a time like 2026-11-21 or 2026-11-21T09:30:00Z"),
        (["--cursor", "x"], "the cursor is none that a listing gave: leave it out to begin with the newest."),
        (["--outcome", "spam"], "--outcome is of mails that became no ticket: say --aside too."),
        (["--aside", "--tag", "refund"], "--aside lists mails, not tickets: leave out --tag."),
        (["--status", "gone"], "'gone' is not one of 'new', 'open', 'pending', 'solved', 'closed'."),
    ],
)
def test_a_listing_that_cannot_be_says_why(run, account, arguments, said):
    assert said in run("tickets", *arguments, status=2, columns=200)
