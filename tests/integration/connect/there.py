"""The clients against stand-ins, which hold every request and answer against the published descriptions of the APIs."""

from contextlib import contextmanager

import pytest

from lambdas.connect.jira import Jira, JiraSettings
from lambdas.connect.remote import Comment, File, Opening
from lambdas.connect.zendesk import Zendesk, ZendeskSettings
from local.standins.descriptions import description
from local.standins.server import running
from local.standins.there import There

EMAIL, TOKEN = "mailroom@acme.test", "a-token-that-nobody-may-see"


@contextmanager
def serving(standin):
    with running(standin) as base:
        there = There(base)
        yield there
        assert there.state["wrong"] == []


def needed(name):
    if not description(name):
        pytest.skip(f"{name}.openapi.json is not here: CONTRACTS names the folder of the APIs' descriptions")


def jira_client(there, token=TOKEN, **settings):
    given = {"project": "SUP", "issue_type": "Task", "label": "support"} | settings
    return Jira(there.base, JiraSettings(**given), email=EMAIL, token=token, rest=lambda: 0)


def zendesk_client(there, token=TOKEN, **settings):
    return Zendesk(there.base, ZendeskSettings(**settings), email=EMAIL, token=token, rest=lambda: 0)


def opening(**more):
    given = {
        "marker": "acme-12",
        "subject": "The printer is on fire",
        "text": "Hello,\nit burns.\n\n- paper\n- toner",
        "requester_name": "Mia",
        "requester_email": "mia@example.org",
        "link": "https://desk.acme.test/tickets/12",
    }
    return Opening(**given | more)


def comment(marker="acme-12.1", text="Still burning.", **more):
    return Comment(**{"marker": marker, "text": text, "public": True} | more)


def file(filename="plan.pdf", content=b"%PDF-1.7 \xff\x00", content_type="application/pdf"):
    return File(filename=filename, content_type=content_type, size=len(content), read=lambda: content)
