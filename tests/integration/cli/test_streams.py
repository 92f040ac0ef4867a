"""The commands about streams, on moto; the function `guard` is told what to have done."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import boto3
import pytest

from cli import deployment as module
from cli import wait
from cli.deployment import Stack
from lambdas.shared.guard.decide import State, decide, paused, resumed
from lambdas.shared.guard.policy import Policy
from lambdas.shared.guard.rates import Rate, Since
from lambdas.shared.guard.table import Guarded
from tests.integration.records import drain, queue

NOW = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
BAD = Rate(domain="news.acme.test", kind="bounces", window="day", mails=10_000, happened=420)
FEW = Rate(domain="news.acme.test", kind="complaints", window="day", mails=150, happened=1)
OUTPUTS = {
    "CountsTable": "counts",
    "GuardFunction": "guard-function",
    "TransactionalSet": "set-t",
    "MarketingSet": "set-m",
}


class Functions:
    def get_function_configuration(self, **named):
        assert named == {"FunctionName": "guard-function"}
        return {"Environment": {"Variables": {"GUARD": '{"slowed_by": 4}'}}}


@dataclass
class Ses:
    """`off`: the configuration sets that are switched off."""

    off: tuple[str, ...] = ()

    def get_configuration_set(self, **named):
        return {"SendingOptions": {"SendingEnabled": named["ConfigurationSetName"] not in self.off}}


@dataclass
class Session:
    ses: Ses
    region_name: str = "us-east-1"

    def client(self, service, **options):
        own = {"lambda": Functions(), "sesv2": self.ses}
        return own.get(service) or boto3.client(service)

    def resource(self, service, **options):
        return boto3.resource(service)


@pytest.fixture
def ses(account, monkeypatch):
    outputs = OUTPUTS | {"GuardQueue": queue("guard"), "SendQueue": queue("send"), "SendDeadLetters": queue("dead")}
    stack = Stack(name="Guard", status="CREATE_COMPLETE", at="2026-11-21T10:00:00.000Z", outputs=outputs)
    found = replace(account, session=Session(Ses()), stacks=(*account.stacks, stack))
    monkeypatch.setattr(module, "find", lambda stage: found)
    monkeypatch.setattr(wait, "SECONDS", 0)
    return found.session.ses


@pytest.fixture
def guarded(ses):
    return Guarded(boto3.resource("dynamodb").Table("counts"))


def test_streams_that_nothing_is_known_of_are_sent_as_usual(run, guarded):
    shown = run("streams", "show", columns=120)
    assert shown[:4] == ["marketing", "mail       sent as usual", "looked at  not yet", ""]
    assert shown[-3:] == [
        "Lines of bounces: warn at 2 %, slow at 3 %, pause at 4 %; from 200 mails on",
        "Lines of complaints: warn at 0.05 %, slow at 0.07 %, pause at 0.08 %; from 2,000 mails on",
        "The queue send, of all streams: 0 waiting, 0 in flight, 0 delayed, 0 dead",
    ]


def test_a_paused_stream_is_shown_with_why_its_rates_and_what_waits(run, guarded, ses):
    ses.off = ("set-m",)
    guarded.put("marketing", decide(State(), "marketing", [BAD], Policy(), NOW))
    guarded.look("marketing", [BAD, FEW], NOW)
    boto3.client("sqs").send_message(QueueUrl=queue("send"), MessageBody="{}")
    shown = run("streams", "show", columns=120)
    start = shown.index("marketing")
    assert [" ".join(row.split()) for row in shown[start : start + 8]] == [
        "marketing",
        "mail paused",
        "since 2026-11-21 10:20:00 UTC, by the guard",
        "reason 420 of 10,000 mails of news.acme.test bounced within a day: 4.2 %, and the line to pause is 4 %",
        "looked at 2026-11-21 10:20:00 UTC",
        "mails of within what how many line",
        "news.acme.test day bounced 420 of 10,000: 4.2 % pause",
        "news.acme.test day complained 1 of 150: 0.667 % too few mails",
    ]
    assert "1 waiting" in shown[-1]
    found = run("streams", "show", "--json")
    [marketing] = [stream for stream in found["streams"] if stream["stream"] == "marketing"]
    assert (marketing["level"], marketing["switched_on"], marketing["by"]) == ("paused", False, "guard")
    assert [(rate["rate"], rate["enough"], rate["reached"]) for rate in marketing["rates"]] == [
        (4.2, True, "paused"),
        (0.0134, False, "ok"),
    ]
    assert found["guard"]["slowed_by"] == 4


@pytest.mark.parametrize(
    ("level", "off", "said"),
    [
        ("ok", ("set-m",), "paused in SES, and not by us: `mailroom streams resume marketing` switches it on"),
        ("paused", (), "paused, but SES's switch is on: the guard switches it off within five minutes"),
    ],
)
def test_where_sess_switch_and_ours_disagree_it_is_said(run, guarded, ses, level, off, said):
    ses.off = off
    if level == "paused":
        guarded.put("marketing", paused(State(), NOW, "a try"))
    assert f"mail       {said}" in run("streams", "show", columns=120)


def asked():
    [command] = drain("guard")
    assert command.keys() == {"id", "detail-type", "time", "detail"}
    return command["detail-type"], command["detail"]


def test_a_stream_is_paused_and_resumed_by_the_guard(run, guarded):
    said = run("streams", "pause", "transactional", "--reason", "an incident", status=1)
    assert "asked for, and not done after" in said
    assert "`mailroom status` shows how the queue guard gets on." in said
    assert asked() == ("PauseStream", {"stream": "transactional", "reason": "an incident"})
    run("streams", "resume", "marketing", "--json", status=1)
    assert asked() == ("ResumeStream", {"stream": "marketing", "reason": "by `mailroom streams resume`"})
    assert "--reason has to say why" in run("streams", "pause", "marketing", "--reason", " ", status=2)
    run("streams", "pause", "marketing", "--reason", "x" * 400, status=1)
    assert len(asked()[1]["reason"]) == 300  # what PauseStream takes
    assert "is not one of" in run("streams", "pause", "foreign", status=2)


@pytest.fixture
def obeyed(guarded, monkeypatch):
    """The guard has obeyed a command by the time that one looks."""
    state = guarded.state

    def done(stream):
        for command in drain("guard"):
            change = (
                paused(state(stream), NOW, command["detail"]["reason"])
                if command["detail-type"] == "PauseStream"
                else resumed(state(stream), NOW, "because", Since())
            )
            guarded.put(stream, replace(change, commands=(command["id"],)))
            guarded.told(stream, change.version)
        return state(stream)

    monkeypatch.setattr(Guarded, "state", lambda self, stream: done(stream))
    monkeypatch.setattr(guarded, "state", state)


def test_what_was_done_is_told(run, guarded, obeyed):
    assert run("streams", "pause", "marketing", columns=120) == [
        "marketing is paused, since 2026-11-21 10:20:00 UTC: by `mailroom streams pause`",
        "`mailroom streams resume marketing` goes on.",
    ]
    assert run("streams", "resume", "marketing", columns=120) == [
        "marketing is sent as usual: what waits goes out within 15 minutes."
    ]
    assert run("streams", "pause", "marketing", "--json") == {"stream": "marketing", "level": "paused"}
