"""What SES answers, and what is then done."""

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from lambdas.shared.messages import Messages, message_id
from lambdas.shared.timeline import Happening
from tests.integration.records import drain, reasons
from tests.integration.sends import NOTICE, asked, move_clock, refuses, stored, takes_it, waiting

UNVERIFIED = "Email address is not verified. The following identities failed the check in region US-EAST-1: "


def test_in_the_sandbox_an_unverified_recipient_is_refused_for_good(send, heard):
    refuses(send, "MessageRejected", UNVERIFIED + "mia@example.org")
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("refused", f"SES refused it: {UNVERIFIED}mia@example.org")
    assert [(kind, event["state"]) for kind, event in heard()] == [("MailFailed", "refused")]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("MessageRejected", UNVERIFIED + "hello@acme.test"),
        ("NotFoundException", "Configuration set <set-t> does not exist."),
        ("MailFromDomainNotVerifiedException", "Not verified."),
    ],
)
def test_an_installation_that_is_not_ready_loses_no_mail(send, code, text):
    refuses(send, code, text)
    assert send.handler(asked(NOTICE), None) == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    assert stored().state == "held"
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert stored().state == "sent"


@pytest.mark.parametrize(
    ("code", "text", "state"),
    [
        ("TooManyRequestsException", "Daily message quota exceeded.", "over quota"),
        ("SendingPausedException", "Sending paused.", "paused"),
        ("AccountSuspendedException", "Suspended.", "paused"),
        ("LimitExceededException", "Limit.", "over quota"),
    ],
)
def test_what_ses_cannot_take_now_goes_back_to_the_queue_and_out_later(send, code, text, state):
    refuses(send, code, text)
    answer = send.handler(asked(NOTICE), None)
    assert answer == {"batchItemFailures": []}
    assert (stored().state, stored().reason) == (state, f"SES takes no mail now: {text}")
    assert waiting("queue") == 1
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_throttled_mail_is_tried_again_at_once_under_the_same_claim(send):
    for _ in range(3):
        refuses(send, "TooManyRequestsException", "Maximum sending rate exceeded.")
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 1)


def test_a_mail_that_stays_throttled_goes_back_to_the_queue(send):
    for _ in range(4):
        refuses(send, "TooManyRequestsException", "Maximum sending rate exceeded.")
    send.handler(asked(NOTICE), None)
    assert (stored().state, waiting("queue")) == ("throttled", 1)


def test_ses_out_of_reach_releases_the_message(send, monkeypatch):
    fails_with(send, monkeypatch, EndpointConnectionError(endpoint_url="https://ses"))
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().reason) == ("unreachable", "SES cannot be reached (EndpointConnectionError)")


def fails_with(send, monkeypatch, error):
    def raises(**_):
        raise error

    monkeypatch.setattr(send.outbox.ses, "send_email", raises)


def test_after_an_unknown_outcome_nothing_is_sent_until_the_claim_has_run_out(send, monkeypatch):
    with monkeypatch.context() as once:
        fails_with(send, once, ReadTimeoutError(endpoint_url="https://ses"))
        send.handler(asked(NOTICE), None)
    assert stored().state == "claimed"
    send.handler(asked(NOTICE), None)
    assert stored().attempts == 1
    move_clock(send, monkeypatch, minutes=11)
    takes_it(send)
    send.handler(asked(NOTICE), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_server_error_is_an_unknown_outcome(send):
    refuses(send, "InternalFailure", status=500)
    send.handler(asked(NOTICE), None)
    assert stored().state == "claimed"


def test_sess_own_send_event_settles_an_unknown_outcome(send, monkeypatch):
    with monkeypatch.context() as once:
        fails_with(send, once, ReadTimeoutError(endpoint_url="https://ses"))
        send.handler(asked(NOTICE), None)
    messages = Messages(boto3.resource("dynamodb").Table("messages"))
    happening = Happening(key="Send#ses-1", kind="Send", at="2026-11-21T10:00:00.000Z")
    messages.happened(message_id("event-1"), happening, {"ses_id": "ses-1", "sent_at": happening.at})
    move_clock(send, monkeypatch, minutes=11)
    send.handler(asked(NOTICE), None)
    assert (stored().status, stored().ses_id, stored().attempts) == ("sent", "ses-1", 1)
    assert waiting("queue") == 1


def test_a_missing_permission_is_tried_again_and_dead_lettered_at_last(send):
    refuses(send, "AccessDeniedException", "not authorized", status=403)
    assert send.handler(asked(NOTICE), None) == {"batchItemFailures": [{"itemIdentifier": "record-0"}]}
    assert stored().state == "held"
    refuses(send, "AccessDeniedException", "not authorized", status=403)
    assert send.handler(asked(NOTICE, receives=5), None) == {"batchItemFailures": []}
    [reason] = reasons()
    assert reason.startswith("failed 5 times, last with ClientError: An error occurred (AccessDeniedException)")
    assert drain("queue") == []
