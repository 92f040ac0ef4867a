"""What is Jira's alone."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from lambdas.connect.remote import Refused
from local.standins import jira
from tests.integration.connect.there import EMAIL, TOKEN, comment, file, jira_client, needed, opening, serving


@pytest.fixture
def in_software():
    needed("jira")
    with serving(jira.Jira(user=EMAIL, token=TOKEN, project_type="software")) as there:
        yield there


def test_an_issue_has_all_that_the_ticket_has(in_jira):
    client = jira_client(in_jira, fields={"customfield_10001": "requester_email", "customfield_10002": "link"})
    created = client.create(opening(text="Look:\n\n- https://acme.test/a\n\n> it burns"))
    (issue,) = in_jira.tickets
    assert created.url == f"{in_jira.base}/browse/{created.key}"
    assert issue["properties"] == {"mailroom": {"marker": "acme-12"}}
    fields = issue["fields"]
    assert fields["summary"] == "The printer is on fire"
    assert fields["labels"] == ["support", "mailroom.acme-12"]
    assert fields["customfield_10001"] == "mia@example.org"
    assert fields["customfield_10002"] == "https://desk.acme.test/tickets/12"
    assert [node["type"] for node in fields["description"]["content"]] == [
        "paragraph",
        "paragraph",
        "bulletList",
        "blockquote",
    ]
    assert fields["description"]["content"][0]["content"][0] == {"type": "text", "text": "From: Mia <mia@example.org>"}


def test_a_long_subject_of_two_lines_becomes_a_summary(in_jira):
    jira_client(in_jira).create(opening(subject="a\nb " + "x" * 500))
    (issue,) = in_jira.tickets
    assert len(issue["fields"]["summary"]) == 255
    assert issue["fields"]["summary"].startswith("a b xxx")


def test_emoji_count_twice_as_jira_counts_them(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening(subject="\U0001f525" * 200, text="\U0001f525" * 20_000))
    client.comment(ticket.id, comment(text="\U0001f525" * 20_000))
    (issue,) = in_jira.tickets
    assert issue["fields"]["summary"].startswith("\U0001f525" * 125)
    assert len(issue["comments"]) == 1


def test_an_issue_that_only_has_the_label_is_not_ours(in_jira):
    client = jira_client(in_jira)
    client.create(opening())
    in_jira.turn("strip", {"property": "mailroom"})
    assert client.find("acme-12") is None


def test_what_was_just_created_is_found_after_the_lag():
    needed("jira")
    with serving(jira.Jira(user=EMAIL, token=TOKEN, lag=0.5)) as there:
        client = jira_client(there)
        client.create(opening())
        assert client.find("acme-12") is None
        deadline = time.monotonic() + 10
        while client.find("acme-12") is None:
            assert time.monotonic() < deadline


def test_a_field_that_is_not_on_the_screen_is_said(in_jira):
    client = jira_client(in_jira, fields={"customfield_99": "requester_email"})
    assert client.check() == ["the field customfield_99 is not on the screen for creating a Task in SUP"]
    with pytest.raises(Refused, match="customfield_99: Field cannot be set") as caught:
        client.create(opening())
    assert caught.value.request.startswith("POST /rest/api/3/issue\n")
    assert "customfield_99" in caught.value.answer
    assert TOKEN not in caught.value.request + caught.value.answer


def test_a_field_that_jira_requires_and_nobody_fills_is_said(in_jira):
    in_jira.turn("require", {"field": "customfield_10001"})
    in_jira.turn("require", {"field": "customfield_20001"})
    client = jira_client(in_jira, fields={"customfield_10001": "requester_email"})
    assert client.check() == [
        "the field customfield_20001 (customfield_20001) is required in a Task in SUP, and Mailroom does not fill it"
    ]
    with pytest.raises(Refused, match="customfield_20001: It is required"):
        client.create(opening())


def test_a_missing_project_and_a_missing_type_are_said(in_jira):
    assert jira_client(in_jira, issue_type="Bug").check() == [
        "the project SUP has no issue type 'Bug' that the account may create; it has Task"
    ]
    (wrong,) = jira_client(in_jira, project="NIX").check()
    assert wrong.startswith("the project NIX is not there, or the account may not see it or create issues in it")


def test_attachments_of_a_comment_are_there_before_it_and_once(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening())
    in_jira.fail("before", path="/comment$")
    said = comment(attachments=(file(), file("b.txt", b"b", "text/plain")))
    with pytest.raises(Exception, match="503"):
        client.comment(ticket.id, said)
    client.comment(ticket.id, said)
    (issue,) = in_jira.tickets
    assert [each["filename"] for each in issue["attachments"]] == ["plan.pdf", "b.txt"]
    (back,) = client.comments(ticket.id)
    assert back.text == "Still burning.\n\nAttachments:\n\n- plan.pdf\n- b.txt"


def test_a_file_of_an_odd_name_is_attached_once_however_often_it_is_tried(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening())
    asked = opening(attachments=(file('C:\\tmp/"a";\r\n b.pdf'), file("Übersicht \u202e.txt", b"b", "text/plain")))
    for _ in range(2):
        assert client.finish(ticket.id, asked) == []
    (issue,) = in_jira.tickets
    assert [each["filename"] for each in issue["attachments"]] == ["C:_tmp__a_;__ b.pdf", "Übersicht \u202e.txt"]


def test_a_long_text_with_many_files_fits_into_a_comment(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening())
    files = tuple(file(f"{number:02}-{'x' * 200}.pdf") for number in range(60))
    client.comment(ticket.id, comment(text="y" * 100_000, attachments=files))
    (back,) = client.comments(ticket.id)
    assert (back.marker, len(in_jira.tickets[0]["attachments"])) == ("acme-12.1", 60)
    assert "yyy" in back.text
    assert "- 00-xxx" in back.text


def test_an_attachment_that_is_too_large_is_told_of(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening())
    in_jira.fail("before", path="/attachments$", status=413)
    client.comment(ticket.id, comment(attachments=(file(),)))
    (back,) = client.comments(ticket.id)
    assert "Not attached:" in back.text
    assert "plan.pdf: Jira answered 413" in back.text


def test_in_a_software_project_a_comment_is_internal_unless_it_is_addressed(in_software):
    client = jira_client(in_software)
    ticket = client.create(opening())
    in_software.turn("comment", {"id": ticket.id, "text": "Probably the toner."})
    in_software.turn("comment", {"id": ticket.id, "text": "@customer: please unplug it."})
    assert [(each.public, each.text) for each in client.comments(ticket.id)] == [
        (False, "Probably the toner."),
        (True, "please unplug it."),
    ]


def test_a_status_that_the_settings_name_is_reached(in_jira):
    client = jira_client(in_jira, statuses={"Waiting for customer": "pending"})
    ticket = client.create(opening())
    assert client.set_status(ticket.id, "pending") == "pending"
    assert in_jira.tickets[0]["status"] == "Waiting for customer"
    assert client.set_status(ticket.id, "open") == "open"
    assert in_jira.tickets[0]["status"] == "In Progress"


def test_without_a_status_of_its_own_pending_reads_as_open(in_jira):
    client = jira_client(in_jira)
    ticket = client.create(opening())
    assert client.set_status(ticket.id, "pending") == "open"
    assert client.status(ticket.id) == "open"


def test_tickets_older_than_the_time_are_not_listed(in_jira):
    client = jira_client(in_jira)
    client.create(opening())
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    client._now = tomorrow.timestamp
    in_jira.turn("age", {"seconds": 3600})
    assert client.updated(tomorrow).ids == ()
