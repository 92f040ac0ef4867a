from dataclasses import replace

import boto3
import pytest

from lambdas.shared.queue import Later
from lambdas.shared.tickets import find
from lambdas.shared.tickets.change import acted, received, searched
from lambdas.shared.tickets.limit import Limit
from lambdas.shared.tickets.table import Tickets
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

LONG = "x" * 100_000  # eleven of them are more than the 1 MB of a query's page


@pytest.fixture
def table(aws):
    return boto3.resource("dynamodb").Table("tickets")


@pytest.fixture
def tickets(table):
    return Tickets(table)


def filed(number, ticket=1):
    message = replace(MESSAGE, id=f"ses-{ticket}-{number:02}", text=LONG, reply=LONG)
    return message, replace(DELIVERY, ses_id=message.id, ticket=ticket)


def test_all_messages_of_a_long_ticket_are_read(tickets):
    tickets.open(TICKET, *filed(0))
    ticket = TICKET
    for number in range(1, 12):
        message, delivery = filed(number)
        ticket = received(ticket, message)
        tickets.add(ticket, message, delivery)
    assert [message.id for message in tickets.messages(1)] == [f"ses-1-{number:02}" for number in range(12)]
    assert tickets.get(1) == ticket


def test_of_two_writers_at_once_the_later_looks_again(tickets):
    tickets.open(TICKET, *filed(0))
    first, second = filed(1), filed(2)
    tickets.add(received(TICKET, first[0]), *first)
    with pytest.raises(Later, match="look again"):
        tickets.add(received(TICKET, second[0]), *second)
    tickets.add(received(tickets.get(1), second[0]), *second)
    assert [message.id for message in tickets.messages(1)] == ["ses-1-00", "ses-1-01", "ses-1-02"]


def test_what_a_member_does_is_written_with_the_ticket(tickets):
    tickets.open(TICKET, *filed(0))
    note = replace(MESSAGE, id="note-1", kind="note", at="2026-11-21T11:00:00.000Z")
    tickets.act(acted(TICKET, note), note)
    assert tickets.message(1, note.at, note.id) == note
    assert tickets.get(1).updated_at == "2026-11-21T11:00:00.000Z"


def test_a_second_copy_of_a_mail_is_known_by_its_content_whatever_became_of_the_first(tickets):
    message, delivery = filed(0)
    tickets.open(TICKET, message, replace(delivery, content="digest"))
    tickets.set_aside(replace(DELIVERY, ses_id="ses-2", outcome="bounce", content="another"))
    assert tickets.original("digest", "ses-9").ses_id == delivery.ses_id
    assert tickets.original("another", "ses-9").outcome == "bounce"
    assert tickets.original("digest", delivery.ses_id) is None
    assert tickets.original("a third", "ses-9") is None


def test_of_two_copies_that_are_written_at_once_the_later_looks_again(tickets):
    tickets.set_aside(replace(DELIVERY, ses_id="ses-1", outcome="bounce", content="digest"))
    with pytest.raises(Later, match="look again"):
        tickets.set_aside(replace(DELIVERY, ses_id="ses-2", outcome="bounce", content="digest"))
    message, delivery = filed(0)
    with pytest.raises(Later, match="look again"):
        tickets.open(TICKET, message, replace(delivery, content="digest"))
    tickets.set_aside(replace(DELIVERY, ses_id="ses-1", outcome="bounce", content="digest"))  # itself again


def test_mails_that_name_the_same_unknown_mail_are_found_by_it(tickets):
    message, delivery = filed(0)
    tickets.open(TICKET, replace(message, message_id="a@example.org"), delivery, ["root@example.org", "a@example.org"])
    assert tickets.find("message-id", "root@example.org").number == 1
    assert tickets.find("message-id", "a@example.org").number == 1
    assert tickets.find("token", TICKET.token) == tickets.find("team-token", TICKET.team_token) == tickets.get(1)


@pytest.mark.parametrize("message_ids", [("a@example.org", "b@example.org"), ("same@example.org", "same@example.org")])
def test_nothing_of_an_erased_ticket_is_left(tickets, table, message_ids):
    for number, message_id in enumerate(message_ids):
        message, delivery = filed(number)
        message = replace(message, message_id=message_id)
        if number:
            tickets.add(received(TICKET, message), message, delivery)
        else:
            tickets.open(TICKET, message, delivery)
    tickets.erase(tickets.get(1))
    assert table.scan()["Items"] == []


def test_all_of_a_long_list_is_read_up_to_its_limit(tickets, table):
    for number in range(12):
        delivery = replace(DELIVERY, ses_id=f"ses-{number:02}", outcome="spam", reason=LONG)
        tickets.set_aside(delivery)
    assert len(find.aside(table, 12)) == 12
    assert len(find.aside(table, 11)) == 11
    assert find.aside(table, 12, "bounce") == []


@pytest.fixture
def many(tickets):
    """Tickets 1 to 9, the highest last written to; odd ones open, even ones solved."""
    for number in range(1, 10):
        ticket = replace(
            TICKET,
            number=number,
            status="open" if number % 2 else "solved",
            token=f"token-{number}",
            team_token=f"team-token-{number}",
            updated_at=f"2026-11-2{number % 3}T10:00:00.000Z",
            requester="mia@example.org" if number < 5 else "bo@example.org",
            assignee="ann" if number == 3 else None,
            tags=frozenset({"refund"}) if number in {2, 3} else frozenset(),
            search=searched("Straße", f"number {number}"),
        )
        tickets.open(ticket, *filed(0, number))


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [8, 5, 2, 7, 4, 1, 9, 6, 3]),
        ({"status": "solved"}, [8, 2, 4, 6]),
        ({"status": "closed"}, []),
        ({"assignee": "ann"}, [3]),
        ({"requester": "Mia@EXAMPLE.org"}, [2, 4, 1, 3]),
        ({"tag": "refund"}, [2, 3]),
        ({"text": "STRASSE"}, [8, 5, 2, 7, 4, 1, 9, 6, 3]),
        ({"text": "number 7"}, [7]),
        ({"since": "2026-11-22"}, [8, 5, 2]),
        ({"since": "2026-11-22", "status": "open", "requester": "bo@example.org"}, [5]),
        ({"mailbox": "billing@acme.test"}, []),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_tickets_are_found_newest_first_page_by_page(many, table, wanted, numbers, limit):
    found, cursor = [], None
    while True:
        page = find.find(table, find.Wanted(**wanted), limit, cursor)
        assert len(page.tickets) <= limit
        found += [ticket.number for ticket in page.tickets]
        cursor = page.cursor
        if not cursor:
            break
    assert found == numbers


@pytest.mark.parametrize("cursor", ["x", "é", "MjAyNg==", "MjAyNiB4"])
def test_a_cursor_of_somebody_elses_is_refused(table, cursor):
    with pytest.raises(find.BadCursor, match="leave it out"):
        find.find(table, find.Wanted(), 10, cursor)


def test_what_lies_long_is_found_the_oldest_first(many, table):
    assert [ticket.number for ticket in find.older(table, "solved", "2026-11-22")] == [6, 4]


def test_a_mail_of_ours_is_known_by_its_ses_id_and_the_first_ticket_keeps_it(tickets):
    tickets.open(TICKET, *filed(0))
    tickets.sent("0100-1", 1)
    tickets.sent("0100-1", 1)
    tickets.sent("0100-1", 2)
    assert tickets.find("ses-id", "0100-1").number == 1


def test_one_address_is_written_to_twice_an_hour_and_five_times_a_day_by_itself(tickets):
    def admits(time, *ids, whom="mia@example.org", kind="acknowledgement"):
        at = f"2026-11-{time}:00.000Z"
        return [tickets.admits(kind, whom, at, f"ses-{n}", Limit(hour=2, day=5)) for n in ids]

    assert admits("21T10:00", 0, 1, 2) == [True, True, False]
    assert admits("21T10:59", 0, 1, 2) == [True, True, False]  # the same mails, handled again
    assert admits("21T11:00", 3, 4, 5) == [True, True, False]
    assert admits("21T13:00", 6, 7) == [True, False]
    assert admits("21T13:00", 7, whom="bo@example.net") == admits("21T13:00", 7, kind="notification") == [True]
    assert admits("22T10:00", 8, 9, 10) == [True, True, False]
    assert admits("22T09:59", 11) == [False]
    assert admits("21T09:00", 12) == [False]  # it came late, and nobody knows any more how many there were


def test_while_another_mail_is_counted_this_one_waits(tickets, table, monkeypatch):
    limit = Limit(hour=2, day=5)
    assert tickets.admits("acknowledgement", "mia@example.org", MESSAGE.at, "ses-1", limit)
    monkeypatch.setattr(tickets, "_item", lambda key: None)
    with pytest.raises(Later, match="look again"):
        tickets.admits("acknowledgement", "mia@example.org", MESSAGE.at, "ses-2", limit)


def test_a_mail_that_was_only_named_is_known_as_root_until_it_comes(tickets):
    message, delivery = filed(0)
    tickets.open(TICKET, message, delivery, ["root@example.org"])
    assert tickets.root("root@example.org").number == 1
    message, delivery = filed(1)
    message = replace(message, message_id="root@example.org")
    tickets.add(received(TICKET, message), message, delivery)
    assert tickets.root("root@example.org") is None


def test_a_root_that_comes_to_another_ticket_stays_with_the_first(tickets):
    tickets.open(TICKET, *filed(0), ["root@example.org"])
    message, delivery = filed(0, 2)
    other = replace(TICKET, number=2, token="t2", team_token="u2")
    tickets.open(other, replace(message, message_id="root@example.org"), delivery)
    assert tickets.find("message-id", "root@example.org").number == 1
    assert tickets.root("root@example.org").number == 1


def test_of_two_tickets_that_go_on_with_a_closed_one_the_later_looks_again(tickets):
    tickets.open(TICKET, *filed(0))
    second, third = (replace(TICKET, number=n, token=f"t{n}", team_token=f"u{n}", follows=1) for n in (2, 3))
    tickets.open(second, *filed(0, 2), closed=TICKET)
    with pytest.raises(Later, match="look again"):
        tickets.open(third, *filed(0, 3), closed=TICKET)
    assert (tickets.get(1).followed_by, tickets.get(2).follows, tickets.get(3)) == (2, 1, None)


def test_a_mail_that_is_handed_over_is_known_and_its_copy_too(tickets, table):
    delivery = replace(DELIVERY, outcome="answer", ticket=1, content="digest")
    tickets.hand_over(delivery, 1, "a@example.org")
    assert tickets.delivery("ses-1") == delivery
    assert tickets.original("digest", "ses-9") == delivery
    assert find.aside(table, 10) == []


def test_a_bounce_that_is_handed_over_is_listed_as_one(tickets, table):
    tickets.hand_over(replace(DELIVERY, outcome="bounce", ticket=1), 1, None)
    assert [found.ticket for found in find.aside(table, 10)] == [1]


def test_one_message_is_read_by_itself(tickets):
    tickets.open(TICKET, *filed(0))
    assert tickets.message(1, MESSAGE.at, "ses-1-00") == filed(0)[0]
    assert tickets.message(1, MESSAGE.at, "ses-2") is None
