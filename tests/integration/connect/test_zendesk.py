"""What is Zendesk's alone."""

import pytest

from lambdas.connect.remote import NotAllowed, Refused, Unknown
from local.standins import zendesk
from tests.integration.connect.there import EMAIL, TOKEN, comment, file, needed, opening, serving, zendesk_client


def test_a_ticket_has_all_that_ours_has(in_zendesk):
    client = zendesk_client(in_zendesk, brand_id=7, group_id=9, tags=("mailroom", "support"))
    created = client.create(opening(attachments=(file(),)))
    (ticket,) = in_zendesk.tickets
    assert created.key == f"#{ticket['id']}"
    assert created.url == f"{in_zendesk.base}/agent/tickets/{ticket['id']}"
    assert (ticket["subject"], ticket["external_id"]) == ("The printer is on fire", "acme-12")
    assert (ticket["brand_id"], ticket["group_id"], ticket["tags"]) == (7, 9, ["mailroom", "support"])
    (first,) = ticket["comments"]
    assert first["body"].endswith("\n\nTicket: https://desk.acme.test/tickets/12")
    assert [each["file_name"] for each in first["attachments"]] == ["plan.pdf"]
    assert first["author_id"] == ticket["requester_id"]


def test_the_same_requester_is_one_user(in_zendesk):
    client = zendesk_client(in_zendesk)
    client.create(opening())
    client.create(opening(marker="acme-13", requester_name="Mia M."))
    assert len({ticket["requester_id"] for ticket in in_zendesk.tickets}) == 1


def test_a_requester_without_a_name_has_the_address_for_one(in_zendesk):
    zendesk_client(in_zendesk).create(opening(requester_name=""))
    assert len(in_zendesk.tickets) == 1


def test_the_same_creation_again_is_answered_with_the_first_ticket(in_zendesk):
    client = zendesk_client(in_zendesk)
    assert client.create(opening()) == client.create(opening())
    assert len(in_zendesk.tickets) == 1


def test_a_key_with_another_body_has_to_be_looked_for(in_zendesk):
    client = zendesk_client(in_zendesk)
    client.create(opening(attachments=(file(),)))
    with pytest.raises(Unknown):
        client.create(opening(attachments=(file(),)))
    assert client.find("acme-12") is not None
    assert len(in_zendesk.tickets) == 1


def test_of_several_tickets_with_our_id_the_oldest_is_ours(in_zendesk):
    client = zendesk_client(in_zendesk)
    first = client.create(opening())
    in_zendesk.turn("forget", None)
    client.create(opening())
    assert len(in_zendesk.tickets) == 2
    assert client.find("acme-12") == first


def test_the_description_is_no_comment(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    assert client.comments(ticket.id) == []


def test_a_comment_that_was_taken_and_cannot_be_read_is_unknown_not_undone(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    in_zendesk.fail("too-many", method="GET", path="/comments$", retry_after="9")
    with pytest.raises(Unknown) as caught:
        client.comment(ticket.id, comment())
    assert caught.value.seconds == 9
    assert [each.marker for each in client.comments(ticket.id)] == ["acme-12.1"]


def test_files_of_a_comment_are_on_it_and_an_empty_one_is_told_of(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    client.comment(ticket.id, comment(attachments=(file(), file("leer.txt", b"", "text/plain"))))
    (back,) = client.comments(ticket.id)
    assert [each.filename for each in back.attachments] == ["plan.pdf"]
    assert back.text.endswith("Not attached:\n- leer.txt: it is empty")


def test_a_long_text_in_letters_of_three_bytes_fits_into_a_comment(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening(text="火" * 30_000))
    in_zendesk.fail("before", times=40, path="/uploads$", status=413)
    client.comment(ticket.id, comment(text="火" * 30_000, attachments=(file(f"{'x' * 250}.pdf"),) * 40))
    first, second = in_zendesk.tickets[0]["comments"]
    assert first["body"].startswith("火" * 19_000)
    assert "Not attached:" in second["body"]
    assert [each.marker for each in client.comments(ticket.id)] == ["acme-12.1"]


def test_on_hold_is_open(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    in_zendesk.turn("status", {"id": ticket.id, "status": "hold"})
    assert client.status(ticket.id) == "open"
    assert client.set_status(ticket.id, "open") == "open"
    assert in_zendesk.tickets[0]["status"] == "hold"


def test_a_ticket_never_gets_new_again(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    client.set_status(ticket.id, "open")
    assert client.set_status(ticket.id, "new") == "open"


def test_a_closed_ticket_refuses_a_comment_and_says_why(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    in_zendesk.turn("status", {"id": ticket.id, "status": "closed"})
    assert client.set_status(ticket.id, "open") == "closed"
    with pytest.raises(Refused, match="closed prevents ticket update"):
        client.comment(ticket.id, comment())


def test_an_upload_token_is_in_no_error(in_zendesk):
    client = zendesk_client(in_zendesk)
    ticket = client.create(opening())
    in_zendesk.turn("status", {"id": ticket.id, "status": "closed"})
    with pytest.raises(Refused) as caught:
        client.comment(ticket.id, comment(attachments=(file(),)))
    assert '"uploads": …' in caught.value.request


def test_an_account_that_is_no_agent_is_said():
    needed("zendesk")
    with serving(zendesk.Zendesk(user=f"{EMAIL}/token", token=TOKEN, role="end-user")) as there:
        assert zendesk_client(there).check() == ["the account is an end user; make it an agent"]


def test_an_account_that_cannot_be_seen_writes_no_comment_it_could_not_know_again():
    needed("zendesk")
    with serving(zendesk.Zendesk(user=f"{EMAIL}/token", token=TOKEN)) as there:
        there.turn("rename", {"email": "other@acme.test"})
        client = zendesk_client(there)
        ticket = client.create(opening())
        with pytest.raises(NotAllowed, match=f"shows no user {EMAIL}"):
            client.comment(ticket.id, comment())
        assert len(there.tickets[0]["comments"]) == 1
