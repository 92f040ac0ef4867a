"""What Jira and Zendesk have in common."""

import math
import time
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.connect.jira import Jira
from lambdas.connect.remote import Gone, NotAllowed, Overtaken, TooMany, Touched, Unavailable, Unknown
from tests.integration.connect.there import TOKEN, comment, file, jira_client, opening, zendesk_client


def test_a_ticket_is_created_once_and_found_by_its_marker(remote):
    client, there = remote
    assert client.find("acme-12") is None
    created = client.create(opening())
    assert client.find("acme-12") == created
    assert len(there.tickets) == 1


def test_a_ticket_is_not_found_by_another_marker(remote):
    client, _ = remote
    client.create(opening())
    assert client.find("acme-1") is None


def test_comments_come_back_in_order_known_as_ours(remote):
    client, _ = remote
    ticket = client.create(opening())
    ids = [client.comment(ticket.id, comment(f"acme-12.{n}", f"Word {n}")) for n in range(3)]
    back = client.comments(ticket.id)
    assert [(each.id, each.marker, each.text) for each in back] == [
        (ids[0], "acme-12.0", "Word 0"),
        (ids[1], "acme-12.1", "Word 1"),
        (ids[2], "acme-12.2", "Word 2"),
    ]


def test_a_hundred_and_thirty_comments_come_back(remote):
    client, there = remote
    ticket = client.create(opening())
    for number in range(130):
        there.turn("comment", {"id": ticket.id, "text": f"Word {number}"})
    assert [each.text for each in client.comments(ticket.id)] == [f"Word {number}" for number in range(130)]


def test_an_agents_public_comment_is_public_and_not_ours(remote):
    client, there = remote
    ticket = client.create(opening())
    there.turn("comment", {"id": ticket.id, "text": "Use the extinguisher.", "public": True})
    (said,) = client.comments(ticket.id)
    assert (said.marker, said.public, said.text) == (None, True, "Use the extinguisher.")


def test_an_agents_internal_comment_stays_internal(remote):
    client, there = remote
    ticket = client.create(opening())
    there.turn("comment", {"id": ticket.id, "text": "Not again.", "public": False})
    assert [each.public for each in client.comments(ticket.id)] == [False]


def test_an_internal_note_of_ours_is_internal_there(remote):
    client, _ = remote
    ticket = client.create(opening())
    client.comment(ticket.id, comment(public=False))
    assert [each.public for each in client.comments(ticket.id)] == [False]


def test_what_the_customer_writes_there_is_not_for_the_customer(remote):
    client, there = remote
    ticket = client.create(opening())
    there.turn("comment", {"id": ticket.id, "text": "Me again.", "customer": True})
    assert [each.public for each in client.comments(ticket.id)] == [False]


def test_an_agent_who_quotes_our_comment_with_its_mark_is_not_us(remote):
    client, there = remote
    ticket = client.create(opening())
    there.turn("comment", {"id": ticket.id, "text": "As you said:\n\nMailroom-Ref: acme-12.1"})
    (said,) = client.comments(ticket.id)
    assert said.marker is None
    assert said.text.endswith("Mailroom-Ref: acme-12.1")


@pytest.mark.parametrize("ours", ["open", "solved"])
def test_a_status_of_ours_is_theirs(remote, ours):
    client, _ = remote
    ticket = client.create(opening())
    assert client.set_status(ticket.id, ours) == ours
    assert client.status(ticket.id) == ours


def solved(client):
    """What it is called there."""
    return "Done" if isinstance(client, Jira) else "solved"


def test_a_status_that_a_person_has_changed_is_not_written_over(remote):
    client, there = remote
    ticket = client.create(opening())
    before = client.status(ticket.id)
    there.turn("status", {"id": ticket.id, "status": solved(client)})
    with pytest.raises(Overtaken, match="by now"):
        client.set_status(ticket.id, "pending", before)
    assert client.status(ticket.id) == "solved"


def test_a_status_that_a_person_changes_while_it_is_written_stays_theirs(remote):
    client, there = remote
    ticket = client.create(opening())
    before, made = client.status(ticket.id), math.ceil(time.time())
    while time.time() < made:  # Zendesk's times have no fractions
        time.sleep(0.05)
    there.turn("overtake", {"status": solved(client)})
    with pytest.raises(Overtaken, match="at the same time"):
        client.set_status(ticket.id, "open", before)
    assert client.status(ticket.id) == "solved"


def test_a_status_over_the_one_that_it_was_is_written(remote):
    client, _ = remote
    ticket = client.create(opening())
    assert client.set_status(ticket.id, "open", client.status(ticket.id)) == "open"
    assert client.set_status(ticket.id, "solved", "open") == "solved"
    assert client.status(ticket.id) == "solved"


def test_setting_a_status_again_writes_nothing(remote):
    client, there = remote
    ticket = client.create(opening())
    client.set_status(ticket.id, "solved")
    before = there.state["requests"]
    client.set_status(ticket.id, "solved")
    writes = {name: count for name, count in there.state["requests"].items() if not name.startswith("GET")}
    assert writes == {name: count for name, count in before.items() if not name.startswith("GET")}


def test_touched_tickets_are_listed_since_a_time(remote):
    client, _ = remote
    ticket = client.create(opening())
    assert client.updated(datetime.now(UTC) - timedelta(minutes=5)) == Touched(ids=(ticket.id,))


def test_a_set_up_that_is_right_has_nothing_wrong(remote):
    client, _ = remote
    assert client.check() == []


def test_a_429_says_when_to_the_second(remote):
    client, there = remote
    there.fail("too-many", retry_after="37")
    with pytest.raises(TooMany) as caught:
        client.create(opening())
    assert caught.value.seconds == 37
    assert there.tickets == []


@pytest.mark.parametrize(("kind", "tickets"), [("before", 0), ("after", 1), ("drop-before", 0), ("drop-after", 1)])
def test_a_write_that_got_no_answer_may_have_been_done(remote, kind, tickets):
    client, there = remote
    there.fail(kind)
    with pytest.raises(Unknown):
        client.create(opening())
    assert len(there.tickets) == tickets
    assert bool(client.find("acme-12")) == bool(tickets)


def test_a_comment_that_got_no_answer_is_found_by_its_marker(remote):
    client, there = remote
    ticket = client.create(opening())
    client.comments(ticket.id)
    there.fail("after", path="/comment$|/tickets/[0-9]+$")
    with pytest.raises(Unknown):
        client.comment(ticket.id, comment())
    assert [each.marker for each in client.comments(ticket.id)] == ["acme-12.1"]


def test_a_time_out_after_accepting_may_have_been_done(remote, monkeypatch):
    client, there = remote
    monkeypatch.setattr(
        client._http._pool, "connection_pool_kw", client._http._pool.connection_pool_kw | {"timeout": 0.3}
    )
    client._http._pool.clear()
    there.fail("hang-after", seconds=1)
    with pytest.raises(Unknown) as caught:
        client.create(opening())
    assert caught.value.took >= 0.3
    assert len(there.tickets) == 1


def test_a_read_that_got_no_answer_is_tried_again_later(remote):
    client, there = remote
    there.fail("drop-before")
    with pytest.raises(Unavailable):
        client.find("acme-12")


def test_a_server_that_nobody_runs_was_told_nothing():
    class Nowhere:
        base = "http://127.0.0.1:1"

    for client in (jira_client(Nowhere), zendesk_client(Nowhere)):
        with pytest.raises(Unavailable, match="NewConnectionError"):
            client.create(opening())


def test_a_deleted_ticket_is_gone(remote):
    client, there = remote
    ticket = client.create(opening())
    there.turn("delete", {"id": ticket.id})
    for call in (client.status, client.comments):
        with pytest.raises(Gone):
            call(ticket.id)
    with pytest.raises(Gone):
        client.comment(ticket.id, comment())
    with pytest.raises(Gone):
        client.set_status(ticket.id, "solved")


def test_a_wrong_token_says_what_to_do_and_not_the_token(remote):
    client, there = remote
    there.turn("token", {"token": "another"})
    with pytest.raises(NotAllowed, match="API token is wrong") as caught:
        client.create(opening())
    assert TOKEN not in repr(caught.value)
    assert client.check() != []


def test_a_missing_permission_says_which_are_needed(remote):
    client, there = remote
    there.fail("forbidden")
    with pytest.raises(NotAllowed, match=r"permission|agent"):
        client.create(opening())


def test_no_value_shows_the_token(remote):
    client, _ = remote
    assert TOKEN not in f"{client!r} {client._http!r} {client._http._credentials!r}"


def test_files_with_names_of_all_alphabets_arrive(remote):
    client, there = remote
    files = (file("Brandschutz “Pläne” 図面.pdf"), file("evil.txt", b"evil", "text/plain\r\nX-Evil: 1"))
    first = opening(attachments=files)
    ticket = client.create(first)
    assert client.finish(ticket.id, first) == []
    assert client.finish(ticket.id, first) == []
    (kept,) = there.tickets
    arrived = kept.get("attachments") or kept["comments"][0]["attachments"]
    names = [each.get("filename") or each["file_name"] for each in arrived]
    types = [each.get("mimeType") or each["content_type"] for each in arrived]
    assert names == ["Brandschutz “Pläne” 図面.pdf", "evil.txt"]
    assert types == ["application/pdf", "application/octet-stream"]
    assert [each["size"] for each in arrived] == [11, 4]
