"""What a team asks of tickets, through the function's own handler."""

from dataclasses import replace

import boto3
import pytest

from tests.integration.records import batch, bus_event, reasons
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

MAIL = replace(
    MESSAGE, message_id="question@example.org", reply="Where is it?\n\nMia", attachments=(), raw_key="raw/ses-1"
)
AT = "2026-11-21T12:00:00.000Z"


@pytest.fixture
def team(handler):
    """The function, and a ticket that mia@example.org and bo@example.net take part in, with one mail."""
    module = handler("tickets")
    ticket = replace(TICKET, subject="AW: Parcel", participants=frozenset({"mia@example.org", "bo@example.net"}))
    module.team.tickets.open(ticket, MAIL, replace(DELIVERY, ticket=1, outcome="ticket"))
    boto3.client("s3").put_object(Bucket="mail", Key="raw/ses-1", Body=b"raw")
    return module


@pytest.fixture
def perform(team):
    def perform(kind, id="command-1", at=AT, **detail):
        return team.handler(batch(command(kind, id, at, **detail)), None)

    return perform


def command(kind, id, at, **detail):
    return {"id": id, "detail-type": kind, "time": at, "detail": {"ticket": 1, "by": "ann"} | detail}


@pytest.fixture
def ticket(team):
    return lambda: team.team.tickets.get(1)


@pytest.fixture
def messages(team):
    return lambda: team.team.tickets.messages(1)


def test_an_answer_goes_to_each_who_takes_part_within_the_thread(perform, ticket, messages, heard):
    perform("AnswerTicket", text="It left today.\n\nBest,\nAnn")
    assert ticket().status == "pending"
    answer = messages()[1]
    assert (answer.kind, answer.sender, answer.recipients) == ("answer", "ann", ("mia@example.org", "bo@example.net"))
    (_, to_mia), (_, to_bo), (answered, event), (_, status) = heard()
    assert (to_mia["to"], to_bo["to"]) == ("mia@example.org", "bo@example.net")
    assert to_mia["idempotency_key"] != to_bo["idempotency_key"]
    assert to_mia["from"] == "Acme Support <support@acme.test>"
    assert to_mia["reply_to"] == f"support+{TICKET.token}@acme.test"
    assert to_mia["headers"] == {
        "In-Reply-To": "<question@example.org>",
        "References": "<question@example.org>",
    }
    assert to_mia["data"] == {
        "subject": "Re: Parcel [#1]",
        "paragraphs": ["It left today.", "Best,\nAnn"],
        "signature": "Acme Support, 1 Example Street",
        "history": [{"name": "Mia", "at": "2026-11-21 10:00", "lines": ["Where is it?", "", "Mia"]}],
    }
    assert (status["before"], status["status"], status["by"]) == ("open", "pending", "ann")
    assert (answered, event) == (
        "TicketAnswered",
        {
            "id": "1-command-1",
            "ticket": 1,
            "mailbox": "support@acme.test",
            "subject": "AW: Parcel",
            "status": "pending",
            "requester": {"email": "mia@example.org", "name": "Mia"},
            "message": {
                "from": "ann",
                "kind": "answer",
                "text": "It left today.\n\nBest,\nAnn",
                "attachments": [],
                "at": "2026-11-21T12:00:00.000Z",
            },
        },
    )


def test_a_command_that_comes_again_changes_nothing_and_tells_again(perform, ticket, messages, heard):
    perform("AnswerTicket", text="It left today.")
    first = heard()
    known = ticket()
    perform("AnswerTicket", text="It left today.")
    assert heard() == first
    assert ticket() == known
    assert len(messages()) == 2


def test_a_command_that_is_asked_for_again_later_is_the_same(perform, messages, heard):
    for at in (AT, "2026-11-21T12:00:07.000Z"):
        perform("AnswerTicket", text="It left today.", at=at)
    assert [message.at for message in messages()] == [MESSAGE.at, AT]
    keys = [detail["idempotency_key"] for kind, detail in heard() if kind == "SendMail"]
    assert (len(keys), len(set(keys))) == (4, 2)


def test_what_could_not_be_told_is_told_by_the_next_try(team, perform, messages, heard, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(team.team.emit.__self__, "_name", "no-such-bus")
        assert perform("AnswerTicket", text="It left today.")["batchItemFailures"]
    assert len(messages()) == 2
    perform("AnswerTicket", text="It left today.")
    assert [kind for kind, _ in heard()] == ["SendMail", "SendMail", "TicketAnswered", "TicketStatusChanged"]
    assert len(messages()) == 2


def test_an_answer_that_comes_after_a_later_change_leaves_the_status_as_it_is(perform, ticket, messages, heard):
    perform("ChangeTicket", id="command-2", at="2026-11-21T12:00:01.000Z", status="solved")
    perform("AnswerTicket", text="It left today.")
    assert (ticket().status, [message.kind for message in messages()]) == ("solved", ["mail", "answer", "change"])
    assert [kind for kind, _ in heard()] == ["TicketStatusChanged", "SendMail", "SendMail", "TicketAnswered"]


def test_two_answers_at_the_same_instant_both_stay(perform, messages, heard):
    perform("AnswerTicket", id="command-1", text="It left today.")
    perform("AnswerTicket", id="command-2", text="It left yesterday.", by="bob")
    assert [(message.sender, message.reply) for message in messages()[1:]] == [
        ("ann", "It left today."),
        ("bob", "It left yesterday."),
    ]
    assert [kind for kind, _ in heard()].count("SendMail") == 4


def test_an_answers_files_go_along_from_where_the_outbox_may_read_them(perform, heard):
    boto3.client("s3").put_object(Bucket="mail", Key="attachments/command-1/0", Body=b"%PDF")
    file = {"filename": "label.pdf", "content_type": "application/pdf", "size": 4, "key": "attachments/command-1/0"}
    perform("AnswerTicket", text="See there.", attachments=[file])
    [attached] = heard()[0][1]["attachments"]
    assert (attached["filename"], attached["content_type"]) == ("label.pdf", "application/pdf")
    assert attached["s3"]["key"].startswith("outgoing/")
    assert boto3.client("s3").get_object(Bucket="mail", Key=attached["s3"]["key"])["Body"].read() == b"%PDF"


def test_neither_we_nor_the_team_are_answered(team, perform, heard):
    tickets = team.team.tickets
    known, [message] = tickets.get(1), tickets.messages(1)
    crowd = known.participants | {"ann@acme.test", "billing@acme.test"}
    tickets.act(
        replace(known, participants=crowd, version=known.version + 1), replace(message, id="note-1", kind="note")
    )
    perform("AnswerTicket", text="Hello.")
    assert [detail["to"] for kind, detail in heard() if kind == "SendMail"] == ["mia@example.org", "bo@example.net"]


def test_a_note_is_for_the_team_alone(perform, ticket, messages, heard):
    perform("NoteTicket", text="Ask the depot.")
    assert (messages()[1].kind, ticket().status) == ("note", "open")
    [(kind, event)] = heard()
    assert (kind, event["message"]["kind"], event["message"]["text"]) == ("TicketNoted", "note", "Ask the depot.")


def test_a_change_is_written_down_and_told(perform, ticket, messages, heard):
    perform("ChangeTicket", assignee="bob", priority="high", tags={"add": ["refund", "vip"]}, status="solved")
    changed = ticket()
    assert (changed.assignee, changed.priority, changed.tags, changed.status) == (
        *("bob", "high"),
        *({"refund", "vip"}, "solved"),
    )
    assert messages()[1].text.splitlines() == [
        "assignee: nobody -> bob",
        "priority: normal -> high",
        "tags: none -> refund, vip",
        "status: open -> solved",
    ]
    [(kind, event)] = heard()
    assert (kind, event["before"], event["status"], event["by"]) == ("TicketStatusChanged", "open", "solved", "ann")
    perform("ChangeTicket", id="command-2", assignee=None, tags={"remove": ["vip"]})
    assert (ticket().assignee, ticket().tags) == (None, {"refund"})


def test_an_old_command_that_comes_again_does_not_undo_a_newer_one(perform, ticket):
    perform("ChangeTicket", id="command-1", assignee="ann")
    perform("ChangeTicket", id="command-2", assignee="bob")
    perform("ChangeTicket", id="command-1", assignee="ann")
    assert ticket().assignee == "bob"


def test_a_closed_ticket_stays_as_it_is_but_for_notes(perform, ticket, heard):
    perform("ChangeTicket", id="command-1", status="closed")
    assert [kind for kind, _ in heard()] == ["TicketStatusChanged", "TicketClosed"]
    perform("AnswerTicket", id="command-2", text="One more thing.")
    perform("ChangeTicket", id="command-3", status="open")
    perform("NoteTicket", id="command-4", text="He called again.")
    assert ticket().status == "closed"
    assert reasons() == ["ticket 1 is closed", "ticket 1 is closed"]
    assert [kind for kind, _ in heard()] == ["TicketNoted"]


@pytest.mark.parametrize(
    ("kind", "detail", "reason"),
    [
        ("AnswerTicket", {"ticket": 9, "text": "Hello."}, "there is no ticket 9"),
        ("AnswerTicket", {}, "AnswerTicket: detail must contain"),
        ("ChangeTicket", {"status": "done"}, "ChangeTicket: detail.status must be one of"),
        ("ChangeTicket", {"tags": {"add": [f"tag-{n}" for n in range(50)]}}, None),
        ("BurnTicket", {}, "no command of a ticket: 'BurnTicket'"),
    ],
)
def test_what_cannot_be_done_is_dead_lettered_with_its_reason(perform, kind, detail, reason):
    perform(kind, **detail)
    found = reasons()
    assert len(found) == (1 if reason else 0)
    assert all(told.startswith(reason) for told in found)


def test_more_tags_than_a_ticket_holds_are_refused(perform, ticket):
    perform("ChangeTicket", tags={"add": [f"tag-{n}" for n in range(50)]})
    perform("ChangeTicket", id="command-2", tags={"add": ["one-more"]})
    assert len(ticket().tags) == 50
    assert reasons() == ["a ticket has at most 50 tags"]


def bounced(**facts):
    detail = {"id": "m1-1", "message": "m1", "ses_id": "0100", "recipients": ["mia@example.org"], "ticket": "1"}
    return bus_event("MailBounced", detail | {"at": AT, "facts": facts})


def test_an_answer_that_came_back_is_noted_and_opens_the_ticket_again(team, perform, ticket, messages, heard):
    perform("AnswerTicket", text="It left today.", at="2026-11-21T11:00:00.000Z")
    heard()
    event = bounced(type="Permanent", subtype="General", diagnostic="550 5.1.1 unknown")
    assert team.handler(batch(event, event), None) == {"batchItemFailures": []}
    note = messages()[2]
    assert (note.kind, note.sender) == ("note", "mailroom")
    assert note.text == "A mail of this ticket to mia@example.org came back: Permanent General 550 5.1.1 unknown"
    assert ticket().status == "open"
    assert {(kind, event.get("before"), event["status"]) for kind, event in heard()} == {
        ("TicketNoted", None, "open"),
        ("TicketStatusChanged", "pending", "open"),
    }


def test_an_answer_that_was_not_sent_is_noted_too(team, perform, ticket, messages):
    perform("AnswerTicket", text="It left today.", at="2026-11-21T11:00:00.000Z")
    failed = {
        "id": "m1-suppressed",
        "message": "m1",
        "recipient": "mia@example.org",
        "state": "suppressed",
        "ticket": "1",
    }
    event = bus_event("MailFailed", failed | {"reason": "permanent bounce (General)", "at": AT})
    assert team.handler(batch(event), None) == {"batchItemFailures": []}
    assert messages()[2].text == (
        "A mail of this ticket to mia@example.org was not sent (suppressed): permanent bounce (General)"
    )
    assert ticket().status == "open"


@pytest.mark.parametrize(
    "facts", [{"type": "Transient", "subtype": "General"}, {"type": "Permanent", "reported_by": "mail"}]
)
def test_what_may_be_an_absence_note_or_is_noted_already_wakes_nobody(team, messages, facts):
    team.handler(batch(bounced(**facts)), None)
    assert len(messages()) == 1


def test_a_mail_of_ours_is_remembered_with_its_ticket(team):
    sent = bus_event("MailSent", {"ses_id": "0100-1", "ticket": "1"})
    assert team.handler(batch(sent, sent), None) == {"batchItemFailures": []}
    assert team.team.tickets.find("ses-id", "0100-1").number == 1
    team.handler(batch(bus_event("MailSent", {"ses_id": "0100-1", "ticket": None})), None)
    assert reasons() == ["no MailSent event of a ticket's mail"]
