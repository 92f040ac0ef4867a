"""Once, whatever fails: a mailbox that looks before it writes again, at a system that fails one request in five."""

import pytest

from lambdas.connect.remote import RemoteError
from tests.integration.connect.there import comment, opening

RATE = 0.05  # of each of the kinds
KINDS = ("before", "after", "drop-before", "drop-after")
TRIES = 60


def insist(step):
    """What `step` gives, once it does."""
    for _ in range(TRIES):
        try:
            return step()
        except RemoteError:
            continue
    raise AssertionError(f"failed {TRIES} times")


def opened(client, number):
    """The ticket: looked for, and made if it is not there."""
    first = opening(marker=f"acme-{number}")
    return insist(lambda: client.find(first.marker) or client.create(first))


def said(client, ticket, marker):
    def step():
        there = {each.marker: each.id for each in client.comments(ticket.id)}
        return there.get(marker) or client.comment(ticket.id, comment(marker, f"Word {marker}"))

    return insist(step)


@pytest.mark.parametrize("tickets", [15])
def test_one_ticket_each_and_every_comment_once_and_in_order(remote, tickets):
    client, there = remote
    there.turn("faults", [{"kind": kind, "times": None, "rate": RATE} for kind in KINDS])
    for number in range(tickets):
        ticket = opened(client, number)
        for word in (1, 2):
            said(client, ticket, f"acme-{number}.{word}")
        insist(lambda ticket=ticket: client.set_status(ticket.id, "solved"))
    there.turn("calm")
    assert sum(there.state["faults"].values()) > 10
    assert len(there.tickets) == tickets
    for number in range(tickets):
        ticket = client.find(f"acme-{number}")
        assert [each.marker for each in client.comments(ticket.id)] == [f"acme-{number}.1", f"acme-{number}.2"]
        assert client.status(ticket.id) == "solved"
