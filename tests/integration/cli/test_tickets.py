import boto3
import pytest

from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Attachment, Delivery, Ticket, TicketMessage

TICKET = Ticket(
    number=7,
    subject="Printer \x1b[31mon fire [bold]now[/bold]",
    status="new",
    mailbox="support@acme.test",
    requester="mia@example.org",
    requester_name="Mia Müller",
    participants=frozenset({"mia@example.org", "bob@example.net"}),
    token="secret",
    team_token="secret too",
    created_at="2026-11-21T10:00:00.000Z",
    updated_at="2026-11-21T10:00:00.000Z",
)
MESSAGE = TicketMessage(
    id="ses-7",
    message_id="a@example.org",
    at="2026-11-21T10:00:00.000Z",
    sender="mia@example.org",
    sender_name="Mia Müller",
    subject="Printer on fire",
    text="It burns.\n\n> What does it do?",
    reply="It burns.\x1b]0;owned\x07\n[red]Help![/red]",
    kind="mail",
    flags=("may be spam",),
    raw_key="raw/ses-7",
    attachments=(Attachment(filename="fire.jpg", content_type="image/jpeg", size=2048, key="attachments/ses-7/0"),),
)


def delivered(ses_id, outcome, **fields):
    return Delivery(
        ses_id=ses_id,
        outcome=outcome,
        at=fields.pop("at", "2026-11-21T10:00:00.000Z"),
        sender="mia@example.org",
        mailbox="support@acme.test",
        raw_key=f"raw/{ses_id}",
        **fields,
    )


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
    assert run("tickets", "--json") == [
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
    assert run("tickets", "--json") == []


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
        }
    ]


def test_an_unknown_ticket_is_an_error_that_says_where_to_look(run, account):
    assert run("ticket", "show", 8, status=1) == "Error: There is no ticket 8: `mailroom tickets` lists them.\n"


def test_a_ticket_number_that_is_none_is_a_usage_error(run, account):
    assert "'x' is not a valid integer" in run("ticket", "show", "x", status=2)


def test_mails_that_became_no_ticket_are_listed_newest_first_with_their_reason(run, store):
    store.set_aside(delivered("ses-1", "spam", reason="SES takes it for spam", subject="You have won"))
    store.set_aside(delivered("ses-2", "unreadable", reason="the mail is empty", at="2026-11-21T12:00:00.000Z"))
    assert run("tickets", "--aside") == [
        "received (UTC)     outcome      from, subject     reason",
        "2026-11-21 12:00   unreadable   mia@example.org   the mail is empty",
        "2026-11-21 10:00   spam         mia@example.org   SES takes it for spam",
        "                                You have won",
    ]


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
    store.open(Ticket(**{**vars(TICKET), **long}), MESSAGE, delivered("ses-7", "ticket", ticket=7))
    for command in (("tickets",), ("ticket", "show", 7)):
        rows = run(*command, columns=columns)
        assert max(map(len, rows)) <= columns
        assert len(rows) < 60


def test_no_more_tickets_are_listed_than_asked_for(run, store, ticket):
    second = delivered("ses-8", "ticket", ticket=8)
    later = {"number": 8, "token": "other", "updated_at": "2026-11-21T11:00:00.000Z"}
    store.open(
        Ticket(**{**vars(TICKET), **later}),
        TicketMessage(**{**vars(MESSAGE), "id": "ses-8", "message_id": "b@example.org"}),
        second,
    )
    assert [found["number"] for found in run("tickets", "--limit", 1, "--json")] == [8]
    assert [found["number"] for found in run("tickets", "--json")] == [8, 7]
