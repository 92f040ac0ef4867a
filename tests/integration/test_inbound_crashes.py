"""The function dies at each of its calls to AWS, and the mail is handled again."""

from dataclasses import replace
from itertools import count

import boto3
import pytest

from tests.integration.post import DONE, letter, stored
from tests.integration.records import drain

MOST = 40  # calls that one mail may make
ANN = "ann@acme.test"


def opened(tickets, n):
    return {"raw": letter(f"Message-ID: <{n}@x>", "Subject: New", sender=f"{n}@example.org")}


def waiting(receive, tickets, n, status):
    """A ticket of somebody's in this status."""
    receive(None, f"first-{n}", **opened(tickets, f"first-{n}"), source=f"first-{n}@example.org")
    ticket = tickets.get(tickets.delivery(f"first-{n}").ticket)
    [message] = tickets.messages(ticket.number)
    changed = replace(ticket, status=status, version=ticket.version + 1)
    tickets.act(changed, replace(message, id=f"change-{n}", kind="change"))
    return changed


def answered(receive, tickets, n, status):
    ticket = waiting(receive, tickets, n, status)
    raw = letter("Subject: Re: New", sender=ticket.requester, text="Once more")
    return {"raw": raw, "to": (f"support+{ticket.token}@acme.test",)}


def by_team(receive, tickets, n):
    ticket = waiting(receive, tickets, n, "open")
    raw = letter("Subject: Re: New", f"Message-ID: <{n}@acme.test>", sender=ANN, text="Yes")
    return {"raw": raw, "to": (f"support+{ticket.team_token}@acme.test",), "source": ANN}


def bounced(receive, tickets, n):
    ticket = waiting(receive, tickets, n, "open")
    tickets.sent(f"0100-{n}", ticket.number)
    raw = stored("postfix-dsn").replace(b"01000192f3a1-support-9", f"0100-{n}".encode())
    return {"raw": raw, "source": ""}


CASES = {
    "a new ticket": (
        lambda receive, tickets, n: opened(tickets, n),
        (1, 1, ["TicketOpened", "acknowledgement", "ticket-notification"], []),
    ),
    "an answer to a solved one": (
        lambda receive, tickets, n: answered(receive, tickets, n, "solved"),
        (0, 1, ["TicketReplied", "TicketStatusChanged", "ticket-notification"], []),
    ),
    "an answer to a closed one": (
        lambda receive, tickets, n: answered(receive, tickets, n, "closed"),
        (1, 1, ["TicketOpened", "acknowledgement", "ticket-notification"], []),
    ),
    "a member's answer": (by_team, (0, 0, [], ["AnswerTicket"])),
    "a bounce": (bounced, (0, 0, [], ["NoteTicket"])),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mail_at_which_the_function_dies_is_handled_once(receive, tickets, heard, death, case):
    """Told twice is what a listener knows again by the event's id; the mails and commands are known so too."""
    prepare, expected = CASES[case]
    for at in count(1):
        n = f"mail-{at}"
        empty_tickets()
        mail = {"source": f"{n}@example.org"} | prepare(receive, tickets, n)
        for queue in ("heard", "tickets"):
            drain(queue)
        tickets_before, messages_before = kept()
        death.calls, death.at = 0, 1 + at  # the first call puts the mail into the bucket
        died = receive(None, f"ses-{n}", **mail) != DONE
        death.at = None
        receive(None, f"ses-{n}", **mail)
        tickets_after, messages_after = kept()
        found = (tickets_after - tickets_before, messages_after - messages_before, said("heard"), said("tickets"))
        assert (at, found) == (at, expected)
        assert tickets.delivery(f"ses-{n}").announced
        if not died:
            break
        assert at < MOST


def empty_tickets():
    """For each transaction moto copies all that is in its tables."""
    with boto3.resource("dynamodb").Table("tickets").batch_writer() as batch:
        for item in items():
            batch.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})


def kept():
    """How many tickets there are, and messages in them."""
    keys = [item["sk"] for item in items()]
    return keys.count("TICKET"), sum(key.startswith("MESSAGE#") for key in keys)


def items():
    """Of one mail they are a single page."""
    return boto3.resource("dynamodb").Table("tickets").scan()["Items"]


def said(queue):
    """What went out, each id once."""
    told = {}
    for body in drain(queue):
        detail = body["detail"]
        name = detail.get("template", body["detail-type"])
        told[name, detail.get("idempotency_key") or detail.get("id") or body["id"]] = name
    return sorted(told.values())
