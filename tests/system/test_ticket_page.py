"""A ticket's page in a real browser: what a hostile mail gets done there, which is nothing."""

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cli.ticket_page import ticket_page
from lambdas.shared.mail.parse import parse
from tests import ticket_values

MAIL = (Path(__file__).parents[1] / "mail" / "hostile-html.eml").read_bytes()
EVE = "eve@example.net"
TICKET = replace(ticket_values.TICKET, number=7, subject="Look at this", requester=EVE, requester_name="Eve")
MESSAGE = replace(ticket_values.MESSAGE, sender=EVE, sender_name="Eve", text="", reply="")


@pytest.fixture
def tracker():
    """(address, the paths that were asked for) of a server that the mail's addresses lead to."""
    asked = []

    class Tracker(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Tracker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def hostile(tracker):
    return MAIL.replace(b"http://tracker.example", tracker.encode())


@pytest.mark.parametrize("remote", [False, True])
def test_a_hostile_mail_runs_nothing_and_fetches_nothing(browser, tracker, tmp_path, remote):
    """With `remote` too: these addresses are http, and the page lets images come by https alone."""
    address, asked = tracker
    page = tmp_path / "ticket.html"
    mail = hostile(address)
    page.write_text(ticket_page(TICKET, [MESSAGE], lambda _: mail, lambda file: file.key, remote=remote))
    printed = browser(page, "--dump-dom")
    assert "<title>Ticket 7: Look at this</title>" in printed
    assert "Hello, this is what a person reads." in printed
    assert asked == []


def test_the_same_mail_unsafely_shown_would(browser, tracker, tmp_path):
    """That the test above can see what it looks for."""
    address, asked = tracker
    page = tmp_path / "mail.html"
    stays = {'http-equiv="refresh"': "", "this.form.submit()": ""}  # what would leave the page before it is looked at
    html = parse(hostile(address)).html
    for found, instead in stays.items():
        html = html.replace(found, instead)
    page.write_text(html)
    assert "<title>owned</title>" in browser(page, "--dump-dom")
    assert {"/base/x", "/image.gif", "/script.js", "/sheet.css", "/frame.html", "/svg.gif"} <= set(asked)
