from datetime import UTC, datetime

import boto3
import pytest

from cli import messages as module
from lambdas.shared.messages import Messages, Outgoing
from lambdas.shared.recipients import Recipients, Suppression
from lambdas.shared.timeline import Happening

NOW = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
OUTGOING = Outgoing(
    id="mfrggzdfmztwq2lk", recipient="mia@example.org", stream="transactional", template="verification", fingerprint="f"
)
BOUNCE = Happening(
    key="Bounce#feedback-1",
    kind="Bounce",
    at="2026-11-21T10:00:02.000Z",
    facts={"type": "Permanent", "subtype": "General", "diagnostic": "smtp; 550 5.1.1 \x1b[2Junknown"},
)


@pytest.fixture
def store(account, monkeypatch):
    monkeypatch.setattr(module, "now", lambda: NOW)
    return Messages(boto3.resource("dynamodb").Table("messages"))


@pytest.fixture
def bounced(store):
    store.claim(OUTGOING, "Please confirm [your] address", NOW, 600, from_domain="acme.test")
    store.sent(OUTGOING.id, "0100-ses", NOW.replace(second=1))
    store.happened(OUTGOING.id, BOUNCE, {"ses_id": "0100-ses"})


def test_messages_are_listed_with_what_became_of_them(run, bounced):
    assert run("messages") == [
        "message, created (UTC)   status    to, subject",
        "mfrggzdfmztwq2lk         bounced   mia@example.org",
        "2026-11-21 10:00:00                Please confirm [your] address",
    ]


def test_mail_that_another_application_sent_is_listed_as_foreign_with_its_id(run, store):
    ses_id = "010001a200108e94-23c6f73d-e0e1-43d9-b7e1-8926de8e85f7-000000"
    at = "2026-11-21T09:59:59.000Z"
    known = {"recipient": "mia@example.org", "sent_at": at, "created_at": at, "day": at[:10]}
    store.happened(f"ses-{ses_id}", BOUNCE, known)
    assert run("messages") == [
        "message, created (UTC)   status    to, subject",
        "foreign                  bounced   mia@example.org",
        "2026-11-21 09:59:59                ses-010001a200108e94-23c6f73d-e0e1-43d9-b7e1-",
        "                                   8926de8e85f7-000000",
    ]


def test_messages_as_json_have_state_status_and_timeline(run, bounced):
    message = {
        "id": "mfrggzdfmztwq2lk",
        "recipient": "mia@example.org",
        "stream": "transactional",
        "template": "verification",
        "subject": "Please confirm [your] address",
        "state": "sent",
        "status": "bounced",
        "reason": None,
        "created_at": "2026-11-21T10:00:00.000Z",
        "sent_at": "2026-11-21T10:00:01.000Z",
        "ses_id": "0100-ses",
        "send_at": None,
        "resend_after": "2026-11-21T10:10:00.000Z",
        "attempts": 1,
        "ticket": None,
        "timeline": [
            {"key": "Send", "kind": "Send", "at": "2026-11-21T10:00:01.000Z", "facts": {}},
            {
                "key": "Bounce#feedback-1",
                "kind": "Bounce",
                "at": "2026-11-21T10:00:02.000Z",
                "facts": {
                    "type": "Permanent",
                    "subtype": "General",
                    "diagnostic": "smtp; 550 5.1.1 \x1b[2Junknown",
                },
            },
        ],
    }
    assert run("messages", "--json") == [message]
    assert run("message", "show", "mfrggzdfmztwq2lk", "--json") == message


def test_a_message_is_shown_with_its_timeline_in_order(run, bounced):
    assert run("message", "show", "mfrggzdfmztwq2lk") == [
        "Message mfrggzdfmztwq2lk: Please confirm [your] address",
        "to        mia@example.org",
        "status    bounced",
        "state     sent",
        "stream    transactional",
        "template  verification",
        "attempts  1",
        "SES id    0100-ses",
        "",
        "at (UTC)              what      facts",
        "2026-11-21 10:00:00   created",
        "2026-11-21 10:00:01   Send",
        "2026-11-21 10:00:02   Bounce    type: Permanent",
        "                                subtype: General",
        "                                diagnostic: smtp; 550 5.1.1 \\x1b[2Junknown",
    ]


def test_a_suppressed_message_says_why(run, store):
    store.close(OUTGOING, "suppressed", "complaint (abuse) since 2026-11-20 (message x)", NOW)
    assert run("message", "show", OUTGOING.id, "--json")["status"] == "suppressed"
    assert "reason    complaint (abuse) since 2026-11-20 (message x)" in run("message", "show", OUTGOING.id)


def test_an_unknown_message_is_an_error_that_says_where_to_look(run, account):
    said = run("message", "show", "none", status=1)
    assert said == "Error: There is no message none: `mailroom messages` lists the newest.\n"


def test_without_messages_the_listing_says_so(run, account):
    assert run("messages") == ["No messages in the last 90 days."]
    assert run("messages", "--json") == []


@pytest.fixture
def suppressed(account):
    Recipients(boto3.resource("dynamodb").Table("recipients")).suppress(
        "mia@example.org",
        Suppression(
            scope="all",
            reason="permanent bounce (General)",
            message_id="mfrggzdfmztwq2lk",
            evidence="Bounce#feedback-1",
            at="2026-11-21T10:00:02.000Z",
            by="feedback",
        ),
    )


def test_a_suppressed_recipient_is_shown_with_the_evidence(run, suppressed):
    assert run("recipient", "show", "Mia@Example.org") == [
        "mia@example.org",
        "suppressed  all mail",
        "since       2026-11-21 10:00:02 UTC",
        "by          feedback",
        "reason      permanent bounce (General)",
        "message     mfrggzdfmztwq2lk",
        "evidence    Bounce#feedback-1",
    ]


def test_a_suppressed_recipient_as_json(run, suppressed):
    assert run("recipient", "show", "mia@example.org", "--json") == {
        "address": "mia@example.org",
        "suppressions": [
            {
                "scope": "all",
                "reason": "permanent bounce (General)",
                "message_id": "mfrggzdfmztwq2lk",
                "evidence": "Bounce#feedback-1",
                "at": "2026-11-21T10:00:02.000Z",
                "by": "feedback",
                "until": None,
            }
        ],
        "soft": {},
        "lifted": {},
        "on_ses": None,
    }


def test_a_recipient_nobody_knows_may_be_written_to(run, account):
    assert run("recipient", "show", "bob@example.net") == ["bob@example.net: nothing is suppressed."]
    assert run("recipient", "show", "bob@example.net", "--json") == {
        "address": "bob@example.net",
        "suppressions": [],
        "soft": {},
        "lifted": {},
        "on_ses": None,
    }
