import json
import re
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import boto3
import pytest

from cli import deployment as module
from cli import wait
from cli.deployment import Stack
from lambdas.shared.tickets.table import Tickets
from tests.integration.records import batch, drain, queue
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

ROUTES = {
    "/tickets/([^/]+)": "/tickets/{number}",
    "/tickets/([^/]+)/replies": "/tickets/{number}/replies",
    "/tickets/([^/]+)/notes": "/tickets/{number}/notes",
}


class Desk:
    """The help desk's own handler behind HTTP; what it puts into the queue is performed at once, unless `asleep`."""

    def __init__(self, handler):
        self.calls, self.asleep = [], False
        self._answer, self._perform = handler("helpdesk").handler, handler("tickets").handler

    def answer(self, method, target, headers, body):
        url = urlsplit(target)
        path, number = next(
            (path, found[1]) for pattern, path in ROUTES.items() if (found := re.fullmatch(pattern, url.path))
        )
        self.calls.append((method, url.path, json.loads(body or "{}")))
        event = {
            "routeKey": f"{method} {path}",
            "headers": {name.lower(): value for name, value in headers.items()},
            "pathParameters": {"number": number},
            "queryStringParameters": dict(parse_qsl(url.query)),
            "body": body.decode(),
        }
        answer = self._answer(event, None)
        if not self.asleep:
            self._perform(batch(*drain("tickets")), None)
        return answer


@pytest.fixture
def desk(account, handler, monkeypatch):
    monkeypatch.setenv("TICKETS_QUEUE_URL", queue("tickets"))
    store = Tickets(boto3.resource("dynamodb").Table("tickets"))
    store.open(TICKET, replace(MESSAGE, reply="Where is it?\x1b"), replace(DELIVERY, ticket=1))
    found = Desk(handler)

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer = found.answer(self.command, self.path, self.headers, body)
            self.send_response(answer["statusCode"])
            self.send_header("Content-Length", str(len(answer["body"])))
            self.end_headers()
            self.wfile.write(answer["body"].encode())

        do_GET = do_POST = do_PATCH = answer  # noqa: N815 - http.server's names

        def log_message(self, *arguments): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    http = Stack(name="Outbound", status="", at="", outputs={"PagesUrl": f"http://127.0.0.1:{server.server_port}"})
    monkeypatch.setattr(module, "find", lambda stage: replace(account, stacks=(*account.stacks, http)))
    yield found
    server.shutdown()
    server.server_close()


def test_an_answer_is_asked_for_and_shown_once_it_is_on_the_ticket(run, desk, heard):
    assert run("ticket", "reply", 1, "--text", "It left today.\n", "--by", "ann") == [
        "Ticket 1 is answered, to mia@example.org. It is pending now."
    ]
    assert desk.calls[0] == ("POST", "/tickets/1/replies", {"text": "It left today.", "by": "ann"})
    assert heard()[0][1]["data"]["paragraphs"] == ["It left today."]


def test_an_answer_with_files_and_a_status_as_json(run, desk, tmp_path):
    (tmp_path / "label.pdf").write_bytes(b"%PDF")
    (tmp_path / "text.txt").write_text("Siehe Anhang: Größe.", encoding="utf-8")
    said = ("--text-file", tmp_path / "text.txt", "--attach", tmp_path / "label.pdf", "--status", "solved")
    told = run("ticket", "reply", 1, *said, "--key", "k1", "--by", "ann", "--json")
    assert (told["key"], told["ticket"], told["now"]["status"]) == ("k1", 1, "solved")
    assert told["done"]["id"] == told["message"]
    assert (told["done"]["text"], told["done"]["before"], told["done"]["after"]) == (
        "Siehe Anhang: Größe.",
        "open",
        "solved",
    )
    assert [file["filename"] for file in told["done"]["attachments"]] == ["label.pdf"]


def test_the_same_key_is_done_once(run, desk):
    for _ in range(2):
        run("ticket", "note", 1, "--text", "Hm.", "--key", "k1", "--by", "ann")
    shown = run("ticket", "show", 1, "--json")
    assert [message["kind"] for message in shown["messages"]] == ["mail", "note"]


def test_without_a_text_the_editor_is_opened_with_what_is_answered_below(run, desk, monkeypatch, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen\nprintf "It left.\\n" | cat - {tmp_path}/seen > "$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    run("ticket", "reply", 1, "--by", "ann")
    assert (tmp_path / "seen").read_text() == (
        "\n# What is below this line is not part of it.\n\nmia@example.org:\n\nWhere is it?\\x1b\n"
    )
    assert [body["text"] for method, _, body in desk.calls if method == "POST"] == ["It left."]


def test_who_writes_nothing_sends_nothing(run, desk, monkeypatch):
    monkeypatch.setenv("VISUAL", "true")
    assert "There is no text: nothing was sent." in run("ticket", "note", 1, "--by", "ann", status=2)
    assert [method for method, _, _ in desk.calls] == ["GET"]


@pytest.mark.parametrize(
    ("command", "said", "body"),
    [
        (["assign", 1, "bo"], "Ticket 1: assignee: nobody -> bo", {"assignee": "bo"}),
        (["assign", 1, "--nobody"], "Ticket 1: assignee: nobody -> nobody", {"assignee": None}),
        (["status", 1, "solved"], "Ticket 1: status: open -> solved", {"status": "solved"}),
        (["priority", 1, "urgent"], "Ticket 1: priority: normal -> urgent", {"priority": "urgent"}),
        (["tag", 1, "--add", "b", "--add", "a"], "Ticket 1: tags: none -> a, b", {"tags": {"add": ["b", "a"]}}),
        (["tag", 1, "--remove", "a"], "Ticket 1: tags: none -> none", {"tags": {"remove": ["a"]}}),
    ],
)
def test_a_change_is_asked_for_and_told(run, desk, command, said, body):
    assert run("ticket", *command, "--by", "ann") == [said]
    assert desk.calls[0] == ("PATCH", "/tickets/1", body | {"by": "ann"})


def test_who_does_it_is_whom_aws_knows(run, desk):
    assert run("ticket", "note", 1, "--text", "Hm.", "--json")["done"]["sender"] == "moto"


def test_what_is_not_done_in_time_is_said_to_be_queued_with_its_key(run, desk, monkeypatch):
    desk.asleep = True
    monkeypatch.setattr(wait, "SECONDS", 0)
    said = run("ticket", "status", 1, "open", "--by", "ann", "--key", "k1", columns=200)
    assert said == [
        "Ticket 1: the change is in the queue, and not done after 15 seconds. `mailroom status` shows how the queue "
        "gets on.",
        "Idempotency key: k1",
    ]
    told = run("ticket", "status", 1, "open", "--by", "ann", "--json")
    assert (told["done"], told["now"]) == (None, None)


def test_a_ticket_that_is_not_there_or_closed_is_an_error(run, desk):
    assert run("ticket", "note", 8, "--text", "x", "--by", "ann", status=1) == (
        "Error: There is no ticket 8: `mailroom tickets` lists them.\n"
    )
    run("ticket", "status", 1, "closed", "--by", "ann")
    assert run("ticket", "reply", 1, "--text", "x", "--by", "ann", status=1) == (
        "Error: Ticket 1: the answer was refused (409): ticket 1 is closed.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["reply", 1, "--text", "x", "--text-file", __file__], "Give --text or --text-file, not both."),
        (["reply", 1, "--text", " "], "There is no text: nothing was sent."),
        (
            ["note", 1, "--text", "x" * 20_001, "--by", "ann"],
            "This would not be accepted: TicketNote: detail.text must",
        ),
        (["note", 1, "--text", "x", "--by", "ann", "--key", "ü"], "printable ASCII characters only"),
        (["assign", 1], "Give a NAME or --nobody."),
        (["assign", 1, "bo", "--nobody"], "Give a NAME or --nobody."),
        (["tag", 1], "Give --add or --remove."),
        (
            ["tag", 1, "--add", "a b", "--by", "ann"],
            "This would not be accepted: TicketChange: detail.tags.add[0] must",
        ),
        (["status", 1, "gone"], "'gone' is not one of 'new', 'open', 'pending', 'solved', 'closed'."),
    ],
)
def test_a_call_that_cannot_be_accepted_is_refused_at_once(run, desk, arguments, said):
    assert said in run("ticket", *arguments, status=2, columns=300)
    assert desk.calls == []
