from dataclasses import replace

import boto3
import pytest

from lambdas.shared.ticket import Delivery
from lambdas.shared.tickets import Tickets
from tests.unit.lambdas.inbound.test_thread import TICKET
from tests.unit.lambdas.shared.test_tickets import DELIVERY, MESSAGE

LONG = "x" * 100_000  # eleven of them are more than the 1 MB of a query's page


@pytest.fixture
def tickets(aws):
    return Tickets(boto3.resource("dynamodb").Table("tickets"))


def filed(number):
    message = replace(MESSAGE, ses_id=f"ses-{number:02}", text=LONG, reply=LONG)
    return message, replace(DELIVERY, ses_id=message.ses_id, ticket=1)


def test_all_messages_of_a_long_ticket_are_read(tickets):
    tickets.open(TICKET, *filed(0))
    for number in range(1, 12):
        tickets.add(TICKET, *filed(number), [])
    assert [message.ses_id for message in tickets.messages(1)] == [f"ses-{number:02}" for number in range(12)]


def test_all_of_a_long_list_is_read_up_to_its_limit(tickets):
    for number in range(12):
        delivery = Delivery(**vars(DELIVERY) | {"ses_id": f"ses-{number:02}", "outcome": "spam", "reason": LONG})
        tickets.set_aside(delivery)
    assert len(tickets.aside(12)) == 12
    assert len(tickets.aside(11)) == 11


def test_a_participant_who_joins_is_there_in_the_order_of_the_mail(tickets):
    crowded = replace(TICKET, participants=frozenset({"mia@example.org", *(f"{n}@x.test" for n in range(48))}))
    tickets.open(crowded, *filed(0))
    tickets.add(crowded, *filed(1), ["mia@example.org", "zoe@example.net", "abe@example.net"])
    assert tickets.get(1).participants == crowded.participants | {"zoe@example.net"}


def test_a_mail_of_ours_is_known_by_its_ses_id_and_the_first_ticket_keeps_it(tickets):
    tickets.open(TICKET, *filed(0))
    tickets.sent("0100-1", 1)
    tickets.sent("0100-1", 1)
    tickets.sent("0100-1", 2)
    assert tickets.find("ses-id", "0100-1").number == 1


def test_one_sender_is_answered_five_times_a_day(tickets):
    def answers(day, ids, sender="Mia@example.org"):
        return [tickets.answers(sender, day, f"ses-{n}") for n in ids]

    assert answers("2026-11-21", range(7)) == [True] * 5 + [False] * 2
    assert answers("2026-11-21", range(5), "mia@EXAMPLE.org") == [True] * 5  # the same mails, handled again
    assert answers("2026-11-21", [7], "bo@example.net") == [True]
    assert answers("2026-11-22", [8, 9]) == [True, True]
    assert answers("2026-11-21", [10]) == [False]
