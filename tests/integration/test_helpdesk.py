import base64
import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from lambdas.shared.messages import message_id
from lambdas.shared.tickets.change import acted
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Attachment
from tests.integration.records import drain, queue
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

ANSWER = {"text": "It is on its way.", "by": "ann@acme.test"}
NOTE = {"filename": "plan.txt", "content_type": "text/plain", "content": base64.b64encode(b"Plan").decode()}
HTML_MAIL = (
    b'Content-Type: multipart/related; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n'
    b'<p onclick="steal()">Look</p><script>steal()</script><img src="cid:logo@x"><img src="https://spy.example/1.gif">'
    b"\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\niVBO\r\n--b--"
)


@pytest.fixture
def tickets(aws, monkeypatch):
    monkeypatch.setenv("TICKETS_QUEUE_URL", queue("tickets"))
    store = Tickets(boto3.resource("dynamodb").Table("tickets"))
    store.open(TICKET, MESSAGE, replace(DELIVERY, ticket=1))
    return store


@pytest.fixture
def desk(tickets, handler):
    """Calls the help desk: `desk("POST /tickets/{number}/notes", body, key="k")` gives status and answer."""
    module = handler("helpdesk")

    def call(route, body=None, key="k", number="1", query=None, **path):
        event = {
            "routeKey": route,
            "headers": {"idempotency-key": key} if key else {},
            "pathParameters": {"number": number} | path,
            "body": body if isinstance(body, str) else json.dumps(body),
        } | ({"queryStringParameters": query} if query else {})
        answer = module.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return call


REPLY, NOTES, CHANGE = "POST /tickets/{number}/replies", "POST /tickets/{number}/notes", "PATCH /tickets/{number}"
LIST, SHOW, HTML = "GET /tickets", "GET /tickets/{number}", "GET /tickets/{number}/messages/{id}/html"


@pytest.mark.parametrize(
    ("route", "body", "command"),
    [
        (REPLY, ANSWER | {"status": "solved"}, "AnswerTicket"),
        (NOTES, {"text": "Ask Bo first.", "by": "ann"}, "NoteTicket"),
        (CHANGE, {"by": "ann", "status": "open", "assignee": None, "priority": "high"}, "ChangeTicket"),
        (CHANGE, {"by": "ann", "tags": {"add": ["refund"], "remove": ["new"]}}, "ChangeTicket"),
    ],
)
def test_what_is_asked_is_put_into_the_queue_as_a_command(desk, route, body, command):
    status, answer = desk(route, body, key="k1")
    assert (status, answer) == (202, {"ticket": 1, "message": message_id("ticket|1|k1")})
    [put] = drain("tickets")
    assert put.pop("time").endswith("Z")
    assert put == {"id": message_id("ticket|1|k1"), "detail-type": command, "detail": {"ticket": 1, **body}}


def test_the_files_of_an_answer_are_in_the_bucket_before_the_command_is_in_the_queue(desk):
    _, answer = desk(REPLY, ANSWER | {"attachments": [NOTE]})
    [put] = drain("tickets")
    key = f"attachments/{answer['message']}/0"
    assert put["detail"]["attachments"] == [
        {"filename": "plan.txt", "content_type": "text/plain", "size": 4, "key": key}
    ]
    assert boto3.client("s3").get_object(Bucket="mail", Key=key)["Body"].read() == b"Plan"


def test_the_same_key_is_the_same_command_and_another_ticket_has_its_own(desk, tickets):
    tickets.open(
        replace(TICKET, number=2, token="2", team_token="2t"), MESSAGE, replace(DELIVERY, ses_id="2", ticket=2)
    )
    first, again, other = (desk(REPLY, ANSWER, number=number)[1]["message"] for number in ("1", "1", "2"))
    assert first == again != other


def performed(tickets, id, text, status=None, **fields):
    ticket = tickets.get(1)
    message = replace(MESSAGE, id=id, kind="answer", text=text, reply=text, at="2026-11-21T12:00:00.000Z", raw_key="")
    tickets.act(replace(acted(ticket, message, status), **fields), message)


def test_a_repeat_after_it_was_done_is_answered_as_before_even_where_it_closed_the_ticket(desk, tickets):
    performed(tickets, message_id("ticket|1|k"), ANSWER["text"], "closed")
    assert desk(REPLY, ANSWER) == (202, {"ticket": 1, "message": message_id("ticket|1|k")})
    assert drain("tickets") == []


def test_a_key_that_another_answer_had_is_refused(desk, tickets):
    performed(tickets, message_id("ticket|1|k"), "Something else.")
    said = {"error": "something else was asked of this ticket with this idempotency key"}
    assert desk(REPLY, ANSWER) == (409, said)


def test_a_key_that_another_file_had_is_refused_and_the_first_file_stays(desk):
    _, answer = desk(REPLY, ANSWER | {"attachments": [NOTE]})
    assert desk(REPLY, ANSWER | {"attachments": [NOTE]})[0] == 202
    assert desk(REPLY, ANSWER | {"attachments": [NOTE | {"content": "AAAA"}]})[0] == 409
    kept = boto3.client("s3").get_object(Bucket="mail", Key=f"attachments/{answer['message']}/0")
    assert kept["Body"].read() == b"Plan"


@pytest.mark.parametrize(
    ("route", "body", "key", "error"),
    [
        (REPLY, ANSWER, None, "the header Idempotency-Key is missing: it makes a repeat one answer"),
        (NOTES, ANSWER, None, "the header Idempotency-Key is missing: it makes a repeat one note"),
        (CHANGE, {"by": "ann", "status": "open"}, None, "the header Idempotency-Key is missing: it makes a repeat one"),
        (REPLY, "{", "k", "the body is not JSON"),
        (REPLY, '{"text": "\\ud800", "by": "ann"}', "k", "the body has half a character"),
        (REPLY, {"text": "Hi"}, "k", "TicketReply: detail must contain ['by'] properties"),
        (REPLY, {"text": " \n", "by": "ann"}, "k", "TicketReply: detail.text must match pattern"),
        (
            REPLY,
            {"text": "x" * 20_001, "by": "ann"},
            "k",
            "TicketReply: detail.text must be shorter than or equal to 2",
        ),
        (REPLY, {"text": "Hi", "by": "ann\nBcc: eve"}, "k", "TicketReply: detail.by must match pattern"),
        (
            REPLY,
            ANSWER | {"status": "done"},
            "k",
            "TicketReply: detail.status must be one of ['new', 'open', 'pending'",
        ),
        (REPLY, ANSWER | {"attachments": [NOTE | {"content": "?"}]}, "k", "plan.txt: its content is not base64"),
        (NOTES, ANSWER | {"status": "open"}, "k", "TicketNote: detail must not contain {'status'} properties"),
        (CHANGE, {"by": "ann"}, "k", "there is nothing to change: give one of status, assignee, priority, tags"),
        (
            CHANGE,
            {"by": "ann", "status": "gone"},
            "k",
            "TicketChange: detail.status must be one of ['new', 'open', 'pen",
        ),
        (
            CHANGE,
            {"by": "ann", "priority": "top"},
            "k",
            "TicketChange: detail.priority must be one of ['low', 'normal'",
        ),
        (CHANGE, {"by": "ann", "tags": {"add": ["a b"]}}, "k", "TicketChange: detail.tags.add[0] must match pattern"),
    ],
)
def test_a_bad_request_says_what_to_change_and_asks_for_nothing(desk, route, body, key, error):
    status, answer = desk(route, body, key=key)
    assert status == 400
    assert answer["error"].startswith(error)
    assert drain("tickets") == []


@pytest.mark.parametrize("number", ["7", "x", "-1", "²", "1" * 16])
@pytest.mark.parametrize("route", [SHOW, REPLY, HTML])
def test_there_is_no_such_ticket(desk, route, number):
    assert desk(route, ANSWER, number=number, id="x") == (404, {"error": f"there is no ticket {number}"})


@pytest.mark.parametrize(("next_one", "more"), [(None, ""), (9, ": ticket 9 goes on with it")])
def test_a_closed_ticket_takes_notes_alone_and_names_the_one_that_goes_on_with_it(desk, tickets, next_one, more):
    performed(tickets, "m1", "Bye.", "closed", followed_by=next_one)
    said = {"error": f"ticket 1 is closed{more}"}
    assert desk(REPLY, ANSWER) == desk(CHANGE, {"by": "ann", "status": "open"}) == (409, said)
    assert desk(NOTES, ANSWER)[0] == 202


def test_a_ticket_has_only_so_many_tags(desk, tickets):
    performed(tickets, "m1", "Hi", tags=frozenset(map(str, range(50))))
    assert desk(CHANGE, {"by": "ann", "tags": {"add": ["x"]}}) == (409, {"error": "a ticket has at most 50 tags"})
    assert desk(CHANGE, {"by": "ann", "tags": {"add": ["x"], "remove": ["0"]}})[0] == 202


def test_a_ticket_is_shown_without_its_tokens_and_with_links_to_its_files_that_expire(desk, tickets):
    file = Attachment(filename='Plan "März".pdf', content_type="text/html", size=4, key="attachments/a1/0")
    message = replace(MESSAGE, id="a1", kind="answer", attachments=(file,), recipients=("mia@example.org",))
    tickets.act(acted(tickets.get(1), message), message)
    status, shown = desk(SHOW)
    assert (status, shown["number"], shown["participants"], shown["left_out"]) == (200, 1, ["mia@example.org"], 0)
    assert not {"token", "team_token", "search", "version"} & shown.keys()
    answer, mail = sorted(shown["messages"], key=lambda shown: shown["id"])
    assert (mail["id"], mail["reply"]) == ("ses-1", "Text")
    assert answer["mails"] == [{"to": "mia@example.org", "id": message_id("ticket|1|a1|mia@example.org")}]
    [file] = answer["attachments"]
    assert file.keys() == {"filename", "content_type", "size", "url"}
    link = urlsplit(file["url"])
    said = parse_qs(link.query)
    assert link.path.endswith("attachments/a1/0")
    assert said["X-Amz-Expires"] == ["900"]
    assert said["response-content-type"] == ["application/octet-stream"]
    assert said["response-content-disposition"] == [
        "attachment; filename=\"Plan _M_rz_.pdf\"; filename*=UTF-8''Plan%20%22M%C3%A4rz%22.pdf"
    ]


def test_a_ticket_is_shown_as_its_messages_have_made_it(desk, tickets, monkeypatch):
    read = Tickets.messages

    def late(self, number):
        monkeypatch.setattr(Tickets, "messages", read)
        performed(tickets, "m1", "Bye.", "solved")
        return read(self, number)

    monkeypatch.setattr(Tickets, "messages", late)
    _, shown = desk(SHOW)
    assert (shown["status"], [message["id"] for message in shown["messages"]]) == ("solved", ["ses-1", "m1"])


def test_of_a_ticket_that_no_answer_can_hold_the_newest_messages_are_shown(desk, tickets):
    for number in range(12):
        message = replace(MESSAGE, id=f"n{number:02}", text="x" * 100_000, reply="x" * 100_000)
        tickets.act(acted(tickets.get(1), replace(message, kind="note")), message)
    _, shown = desk(SHOW)
    assert [message["id"] for message in shown["messages"]] == [f"n{n:02}" for n in range(3, 12)] + ["ses-1"]
    assert shown["left_out"] == 3


def test_tickets_are_listed_by_what_is_asked_page_by_page(desk, tickets):
    for number in (2, 3):
        ticket = replace(TICKET, number=number, token=f"{number}", team_token=f"t{number}", assignee="ann")
        tickets.open(ticket, MESSAGE, replace(DELIVERY, ses_id=f"ses-{number}", ticket=number))
    status, page = desk(LIST, query={"assignee": "ann", "limit": "1", "mailbox": "Support@acme.test"})
    assert (status, [ticket["number"] for ticket in page["tickets"]]) == (200, [3])
    assert "token" not in page["tickets"][0]
    page = desk(LIST, query={"assignee": "ann", "limit": "1", "cursor": page["cursor"]})[1]
    assert [ticket["number"] for ticket in page["tickets"]] == [2]
    assert desk(LIST, query={"assignee": "ann", "cursor": page["cursor"]})[1] == {"tickets": [], "cursor": None}
    assert len(desk(LIST)[1]["tickets"]) == 3
    assert desk(LIST, query={"since": "2026-11-22"})[1]["tickets"] == []
    assert len(desk(LIST, query={"since": "2026-11-21T11:00:00+01:00"})[1]["tickets"]) == 3


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"status": "done"}, "status: must be one of new, open, pending, solved, closed; it is 'done'"),
        (
            {"stauts": "new"},
            "stauts: there is no such filter; there are status, mailbox, assignee, requester, tag, text, s",
        ),
        (
            {"since": "yesterday"},
            "since: must be a day or a time like 2026-11-21 or 2026-11-21T09:30:00Z; it is 'yesterd",
        ),
        ({"limit": "0"}, "limit: must be 1 to 100; it is '0'"),
        ({"limit": "101"}, "limit: must be 1 to 100"),
        ({"limit": "many"}, "limit: must be 1 to 100"),
        ({"cursor": "x"}, "the cursor is none that a listing gave"),
    ],
)
def test_a_bad_filter_says_what_to_change(desk, query, error):
    status, answer = desk(LIST, query=query)
    assert status == 400
    assert answer["error"].startswith(error)


def mailed(tickets, raw, id="ses-9"):
    boto3.client("s3").put_object(Bucket="mail", Key=f"raw/{id}", Body=raw)
    picture = Attachment(filename="logo.png", content_type="image/png", size=3, key=f"attachments/{id}/0")
    message = replace(MESSAGE, id=id, raw_key=f"raw/{id}", attachments=(picture,))
    tickets.act(acted(tickets.get(1), replace(message, kind="note")), message)


def test_the_html_of_a_mail_is_safe_and_has_its_own_pictures(desk, tickets):
    mailed(tickets, HTML_MAIL)
    status, shown = desk(HTML, id="ses-9")
    assert (status, shown["blocked"]) == (200, 1)
    assert "<p>Look</p>" in shown["html"]
    assert "attachments/ses-9/0?" in shown["html"]
    assert not [evil for evil in ("script", "steal", "spy.example", "cid:") if evil in shown["html"]]
    assert "https://spy.example/1.gif" in desk(HTML, id="ses-9", query={"remote": "true"})[1]["html"]


@pytest.mark.parametrize(
    ("raw", "id", "error"),
    [
        (b"Subject: x\r\n\r\nplain", "ses-9", "there is no HTML of this message: its mail is plain text"),
        (HTML_MAIL, "ses-1", "there is no HTML of this message: its mail is not kept any more"),
        (HTML_MAIL, "other", "ticket 1 has no message of this id"),
    ],
)
def test_there_is_no_html_and_why(desk, tickets, raw, id, error):
    mailed(tickets, raw)
    assert desk(HTML, id=id) == (404, {"error": error})


def test_a_word_that_is_neither_true_nor_false_is_refused(desk, tickets):
    mailed(tickets, HTML_MAIL)
    said = {"error": "remote: must be true or false; it is 'yes'"}
    assert desk(HTML, id="ses-9", query={"remote": "yes"}) == (400, said)
