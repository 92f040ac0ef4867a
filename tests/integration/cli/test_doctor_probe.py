"""The probe of `mailroom doctor --send` on moto: `inbound` itself opens the ticket, the API is told what to answer."""

from datetime import UTC, datetime

import boto3
import pytest

from cli.api import Answer, NoAnswer
from cli.deployment import AwsFailed
from cli.doctor import probe as module
from cli.doctor import probe_erase
from cli.doctor.case import Case
from cli.doctor.names import Names
from cli.doctor.probe import probe, quietest
from infra.settings import Settings
from infra.settings_standby import in_standby
from lambdas.shared.messages import Messages, Outgoing, message_id
from lambdas.shared.timeline import Happening
from tests.integration.cli.test_forget import everything

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
COUNTER = {"pk": "COUNTER", "sk": "COUNTER", "last_number": 1}
MAILBOX = {"name": "Support", "address": "support@acme.test", "team": ["ann@acme.test"]}
STAGE = {"region": "us-east-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>", "mailboxes": [MAILBOX]}


def messages():
    return Messages(boto3.resource("dynamodb").Table("messages"))


def goes_out(id, to, ticket=None):
    """A mail that SES takes and delivers."""
    outgoing = Outgoing(id=id, recipient=to, stream="marketing", template="t", fingerprint="f", ticket=ticket)
    messages().claim(outgoing, "Hi", NOW, 600, from_domain="acme.test")
    messages().sent(id, f"ses-{id}", NOW)
    messages().happened(id, Happening(key="d", kind="Delivery", at="2026-11-21T10:00:01.000Z"), {})


@pytest.fixture
def probed(account, monkeypatch):
    """The lines of a probe, as (check, level); `answer` is what the API does with the request's body."""
    monkeypatch.setattr(probe_erase, "LATE", 0)

    def run(answer, *, settings=STAGE, address=None, standby=False):
        def call(_deployment, _method, _path, body, **_headers):
            return answer(body)

        monkeypatch.setattr(module, "call", call)
        read = Settings.read("example", settings)
        case = Case(
            settings=in_standby(read, read.standby) if standby else read,
            there=account,
            list_stacks=lambda: account.stacks,
            names=Names(look_up=None),
            now=NOW,
        )
        return [(line.check, line.level, line.said) for line in probe(case, address, 0)]

    return run


def sent(_body):
    goes_out("m1", "support@acme.test")
    return Answer(
        status=202, body={"messages": [{"id": "m1", "to": "support@acme.test", "state": "sent", "reason": ""}]}
    )


def test_a_mail_that_comes_in_is_told_and_leaves_nothing(probed, receive):
    def answer(body):
        raw = f"From: hello@acme.test\r\nTo: support@acme.test\r\nSubject: {body['data']['title']}\r\n\r\nprobe\r\n"
        receive("", "ses-1", source="0102-1@bounce.acme.test", raw=raw.encode())
        goes_out(message_id("notification|ses-1|ann@acme.test"), "ann@acme.test", "1")
        return sent(body)

    lines = probed(answer)
    assert [line[:2] for line in lines] == [
        ("probe-send", "ok"),
        ("probe-receive", "ok"),
        ("probe-authentication", "error"),  # nobody has put SES's fields on top
        ("probe-dkim", "error"),
        ("probe-feedback", "ok"),
        ("probe-erase", "ok"),
    ]
    assert everything() == ([COUNTER], [])


def test_a_mail_that_is_kept_apart_is_told_as_such_and_leaves_nothing(probed, receive):
    def answer(body):
        raw = f"From: hello@acme.test\r\nTo: support@acme.test\r\nSubject: {body['data']['title']}\r\n\r\nprobe\r\n"
        receive("", "ses-1", raw=raw.encode(), spamVerdict="FAIL", spam="FAIL")
        return sent(body)

    lines = probed(answer)
    assert lines[1][:2] == ("probe-receive", "error")
    assert "became no ticket: spam" in lines[1][2]
    assert everything() == ([], [])


def test_a_mail_that_does_not_come_is_told_and_may_come_late(probed):
    lines = probed(sent)
    assert [line[:2] for line in lines] == [
        ("probe-send", "ok"),
        ("probe-receive", "error"),
        ("probe-feedback", "ok"),
        ("probe-erase", "warning"),
    ]
    assert lines[-1][2] == "not erased: the mail itself, if it comes later"


def test_in_the_standby_nothing_is_sent_for_tickets_are_the_first_regions(probed):
    twin = STAGE | {"standby": {"region": "eu-central-1"}}
    [line] = probed(never, settings=twin, standby=True)
    assert line == ("probe-send", "warning", "no probe: what comes in becomes tickets in us-east-1 alone")


@pytest.mark.parametrize(
    ("hinders", "words"),
    [
        (AwsFailed("AWS refused Query (AccessDeniedException)"), "not looked at: AWS refused Query"),
        (KeyboardInterrupt(), "broken off before all was seen"),
    ],
)
def test_what_hinders_it_once_the_mail_is_out_hides_nothing_of_what_is_left(probed, monkeypatch, hinders, words):
    def seen(look, seconds):
        raise hinders

    monkeypatch.setattr(module, "seen", seen)
    lines = probed(sent)
    assert [line[:2] for line in lines] == [
        ("probe-send", "ok"),
        ("probe-send", "warning"),
        ("probe-erase", "warning"),
    ]
    assert lines[1][2].startswith(words)
    assert lines[2][2] == ("not erased: message m1, of which SES may yet tell; the mail itself, if it comes later")


def never(_body):
    raise NoAnswer("The API gave no answer (502)")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (never, "the API did not take the mail: The API gave no answer (502)"),
        (
            lambda _: Answer(status=400, body={"error": "no such template"}),
            "the API refused the mail (400): no such template",
        ),
        (
            lambda _: Answer(
                status=202, body={"messages": [{"id": "m1", "state": "failed", "reason": "it breaks rules"}]}
            ),
            "the mail ended as failed: it breaks rules",
        ),
    ],
)
def test_a_mail_that_does_not_go_out_says_why(probed, answer, words):
    lines = probed(answer)
    assert lines[0] == ("probe-send", "error", words)
    assert [line[:2] for line in lines[1:]] == ([("probe-erase", "ok")] if "ended" in words else [])


def test_a_mailbox_where_it_disturbs_least_is_chosen():
    boxes = [
        {"name": "A", "address": "a@acme.test", "team": ["x@y.test", "z@y.test"]},
        {"name": "B", "address": "b@acme.test", "team": ["x@y.test"]},
        {"name": "C", "address": "c@acme.test", "destinations": ["hook"]},
    ]
    hook = {"destinations": {"hook": {"kind": "webhook", "url": "https://hooks.acme.test/"}}}
    read = Settings.read("example", STAGE | hook | {"mailboxes": boxes})
    assert quietest(read.mailboxes).address == "b@acme.test"
    assert quietest(read.mailboxes[2:]) is None


def test_a_stage_whose_tickets_all_go_elsewhere_is_not_probed_unasked(probed):
    hook = {"destinations": {"hook": {"kind": "webhook", "url": "https://hooks.acme.test/"}}}
    boxes = [{"name": "C", "address": "c@acme.test", "destinations": ["hook"]}]
    lines = probed(sent, settings=STAGE | hook | {"mailboxes": boxes})
    assert lines[0][:2] == ("probe-send", "warning")
    assert probed(sent, address="d@acme.test")[0][2] == "no probe: d@acme.test is no mailbox of the stage"
    assert probed(sent, settings=STAGE | hook | {"mailboxes": boxes}, address="c@acme.test")[0][:2] == (
        "probe-send",
        "ok",
    )
