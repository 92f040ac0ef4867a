"""The function `guard` on moto's tables, topic and bus; SES's switch is a stub, which moto lacks."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.shared.guard.level import Level
from lambdas.shared.guard.rates import hour_of
from tests.integration.records import batch, drain, queue, reasons

NOW = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
LOOK = {"id": "look", "detail-type": "LookAtRates", "time": "2026-11-21T10:20:00Z", "detail": {}}

WARNING = {
    "domain": "acme.test",
    "kind": "bounces",
    "window": "hour",
    "mails": 10_000,
    "happened": 220,
    "rate": 2.2,
    "line": 2,
}


@pytest.fixture
def guard(handler, monkeypatch):
    """The function's module, with `run(*commands)`, at a time that `move(hours=1)` changes; SES answers nothing that is
    not expected by `switched(set, on)`."""
    arn = boto3.client("sns").create_topic(Name="alarms")["TopicArn"]
    url = queue("operators")
    to = boto3.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    boto3.client("sns").subscribe(TopicArn=arn, Protocol="sqs", Endpoint=to)
    module = handler("guard")
    clock = [NOW]
    object.__setattr__(module.guard, "now", lambda: clock[0])
    # A warm function has read the hours of the last days before; in a fresh one they are 230 queries.
    module.guard._read.update({hour_of(NOW) - age: [] for age in range(241)})
    module.run = lambda *commands: module.handler(batch(*(commands or (LOOK,))), None)
    module.move = lambda **by: clock.__setitem__(0, clock[0] + timedelta(**by))
    with Stubber(module.guard.acting.ses) as stub:

        def switched(configuration_set, *, on):
            expected = {"ConfigurationSetName": configuration_set, "SendingEnabled": on}
            stub.add_response("put_configuration_set_sending_options", {}, expected)

        module.switched, module.stub = switched, stub
        yield module
        stub.assert_no_pending_responses()


def happened(stream="marketing", hour=10, domain="acme.test", **counters):
    boto3.resource("dynamodb").Table("counts").put_item(
        Item={"pk": f"HOUR#2026-11-21T{hour:02}", "sk": f"{stream}#{domain}", **counters}
    )


def command(kind, id="command-1", stream="marketing", reason="a try"):
    return {"id": id, "detail-type": kind, "time": "t", "detail": {"stream": stream, "reason": reason}}


def operators():
    return [(message["Subject"], message["Message"]) for message in drain("operators")]


def figures(printed):
    """What was published of each stream."""
    found = {}
    for line in printed.splitlines():
        told = json.loads(line)
        names = [metric["Name"] for metric in told["_aws"]["CloudWatchMetrics"][0]["Metrics"]]
        assert (told["_aws"]["CloudWatchMetrics"][0]["Dimensions"], told["Stage"]) == ([["Stage", "Stream"]], "test")
        found[told["Stream"]] = {name: round(told[name], 3) for name in names}
    return found


def test_where_nothing_is_wrong_it_publishes_rates_and_tells_nobody(guard, heard, capsys):
    happened(sent=10_000, bounced=100, complained=1)
    happened("transactional", sent=100, bounced=50)  # too few to mean anything
    assert guard.run() == {"batchItemFailures": []}
    assert figures(capsys.readouterr().out) == {"marketing": {"BounceRate": 1.0, "ComplaintRate": 0.0}}
    assert (heard(), operators()) == ([], [])
    looked = guard.guard.guarded.looked("marketing")
    assert (looked.at, looked.rates[0].mails, looked.rates[0].happened) == (NOW, 10_000, 100)


def test_a_fresh_function_reads_ten_days_and_a_warm_one_the_last_hours(guard):
    guard.guard._read.clear()
    happened(hour=1, sent=10_000, bounced=350)
    guard.run()
    assert guard.guard.guarded.state("marketing").level is Level.SLOWED
    assert len(guard.guard._read) == 241
    happened("transactional", hour=1, sent=10_000, bounced=350)
    guard.run()
    assert guard.guard.guarded.state("transactional").level is Level.OK
    guard.move(hours=1)  # what was counted late is seen once the hour is over
    guard.run()
    assert guard.guard.guarded.state("transactional").level is Level.WARNED
    assert len(guard.guard._read) == 241


def test_a_warning_is_told_once(guard, heard):
    happened(sent=10_000, bounced=220)
    guard.run()
    guard.move(minutes=5)
    guard.run()
    [(kind, event)] = heard()
    assert kind == "SendingWarned"
    assert event == {
        "id": "guard-marketing-1",
        "stream": "marketing",
        "level": "warned",
        "was": "ok",
        "at": "2026-11-21T10:20:00.000Z",
        "by": "guard",
        "reason": "220 of 10,000 mails of acme.test bounced within an hour: 2.2 %, and the line to warn is 2 %",
        "rate": WARNING,
    }
    [(subject, text)] = operators()
    assert subject == "Mailroom test: marketing mail is near the line"
    assert "220 of 10,000 mails of acme.test bounced" in text
    assert text.endswith("Runbook: docs/runbooks/bounce-rate.md")


def test_marketing_is_slowed_down_then_paused_and_transactional_is_only_warned_about(guard, heard, capsys):
    happened(sent=10_000, bounced=320)
    happened("transactional", sent=10_000, bounced=900)
    guard.run()
    assert guard.guard.guarded.state("marketing").level is Level.SLOWED
    assert figures(capsys.readouterr().out)["marketing"] == {
        "BounceRate": 3.2,
        "ComplaintRate": 0.0,
        "SendingSlowed": 1,
    }
    happened(sent=10_000, bounced=420)
    guard.switched("set-m", on=False)
    guard.run()
    assert figures(capsys.readouterr().out) == {
        "marketing": {"BounceRate": 4.2, "ComplaintRate": 0.0, "SendingPaused": 1},
        "transactional": {"BounceRate": 9.0, "ComplaintRate": 0.0},
    }
    assert [kind for kind, _ in heard()] == ["SendingSlowed", "SendingWarned", "SendingPaused"]
    texts = dict(operators())
    assert "mailroom --stage test streams resume marketing" in texts["Mailroom test: marketing mail is paused"]
    guard.switched("set-m", on=False)  # a deployment may have switched it on
    guard.move(minutes=5)
    guard.run()
    assert (heard(), operators()) == ([], [])


def test_a_resumed_stream_is_not_paused_again_by_the_same_old_figures(guard, heard):
    happened(sent=2000, bounced=400)
    guard.switched("set-m", on=False)
    guard.run()
    guard.move(minutes=10)
    guard.switched("set-m", on=True)
    guard.run(command("ResumeStream", reason="the list is gone"))
    guard.move(minutes=10)
    guard.run()
    assert [(kind, event["was"], event["by"]) for kind, event in heard()] == [
        ("SendingPaused", "ok", "guard"),
        ("SendingResumed", "paused", "command"),
    ]
    happened(sent=3000, bounced=520)  # and 120 more are something new
    guard.switched("set-m", on=False)
    guard.run()
    assert [kind for kind, _ in heard()] == ["SendingPaused"]


def test_by_hand_either_stream_is_paused_once_however_often_the_queue_says_so(guard, heard):
    pause = command("PauseStream", stream="transactional", reason="an incident")
    guard.switched("set-t", on=False)
    guard.switched("set-t", on=False)
    guard.run(pause, pause)
    state = guard.guard.guarded.state("transactional")
    assert (state.level, state.by, state.reason, state.version) == (Level.PAUSED, "command", "an incident", 1)
    guard.switched("set-t", on=True)
    guard.run(command("ResumeStream", "command-2", "transactional"))
    guard.run(command("PauseStream", "command-3", "transactional") | {"detail": {"stream": "foreign", "reason": "x"}})
    assert [kind for kind, _ in heard()] == ["SendingPaused", "SendingResumed"]
    assert reasons()[0].startswith("PauseStream: detail.stream must be one of")


def test_a_pause_by_hand_of_what_is_paused_keeps_since_when_and_why(guard):
    guard.switched("set-m", on=False)
    guard.run(command("PauseStream", reason="the first"))
    guard.move(minutes=5)
    guard.switched("set-m", on=False)
    guard.run(command("PauseStream", "command-2", reason="the second"))
    state = guard.guard.guarded.state("marketing")
    assert (state.reason, state.since, state.commands) == ("the first", NOW, ("command-1", "command-2"))


def test_a_command_that_comes_again_after_another_is_not_obeyed_again(guard, heard):
    first, second = command("ResumeStream", "command-1"), command("PauseStream", "command-2")
    guard.switched("set-m", on=True)
    guard.guard.acting.sns.meta.events.register_first("before-send.sns.Publish", refused)
    assert guard.run(first)["batchItemFailures"]
    guard.guard.acting.sns.meta.events.unregister("before-send.sns.Publish", refused)
    guard.switched("set-m", on=False)
    guard.run(second)
    guard.switched("set-m", on=False)
    guard.run(first)
    assert guard.guard.guarded.state("marketing").level is Level.PAUSED
    assert [kind for kind, _ in heard()] == ["SendingPaused"]


def refused(**_):
    raise ConnectionError("SNS does not answer")


def test_a_look_that_began_before_a_stream_was_resumed_does_not_leave_it_switched_off(guard):
    guard.switched("set-m", on=False)
    guard.run(command("PauseStream"))
    guard.move(minutes=5)
    guarded, found = guard.guard.guarded, guard.guard.guarded.state

    def stale(stream):
        guarded.state = found
        seen = found(stream)
        guard.run(command("ResumeStream", "command-2"))
        return seen

    guarded.state = stale
    for on in (True, False, True):  # by the command, by the look, and by the look that sees what it has done
        guard.switched("set-m", on=on)
    guard.guard.look()
    assert guarded.state("marketing").level is Level.OK


def test_what_fails_about_one_stream_keeps_none_of_the_others_from_being_looked_at(guard, heard):
    happened(sent=2000, bounced=400)
    happened("transactional", sent=10_000, bounced=220)
    guard.stub.add_client_error("put_configuration_set_sending_options", "AccessDeniedException")
    assert guard.run()["batchItemFailures"]
    assert [(kind, event["stream"]) for kind, event in heard()] == [("SendingWarned", "transactional")]


def test_what_a_run_could_not_do_the_next_one_does(guard, heard):
    happened(sent=2000, bounced=400)
    guard.stub.add_client_error("put_configuration_set_sending_options", "TooManyRequestsException")
    assert guard.run()["batchItemFailures"]
    guard.move(minutes=1)
    guard.run()  # another run may still be at it
    assert (heard(), operators()) == ([], [])
    guard.move(minutes=4)
    guard.switched("set-m", on=False)
    guard.run()
    assert [kind for kind, _ in heard()] == ["SendingPaused"]
    assert len(operators()) == 1


def test_a_warning_between_a_resumption_that_failed_and_its_repetition_leaves_nothing_switched_off(guard, heard):
    guard.switched("set-m", on=False)
    guard.run(command("PauseStream"))
    guard.stub.add_client_error("put_configuration_set_sending_options", "TooManyRequestsException")
    assert guard.run(command("ResumeStream", "command-2"))["batchItemFailures"]
    happened(sent=10_000, bounced=220)
    guard.switched("set-m", on=True)
    guard.run()
    guard.run(command("ResumeStream", "command-2"))
    assert guard.guard.guarded.state("marketing").level is Level.WARNED
    told = [(kind, event["was"], event["level"]) for kind, event in heard()]
    assert told == [("SendingPaused", "ok", "paused"), ("SendingResumed", "paused", "warned")]


def test_of_two_runs_at_once_one_gives_way(guard, heard, caplog):
    happened(sent=10_000, bounced=320)
    caplog.set_level("INFO")
    guarded = guard.guard.guarded
    put = guarded.put

    def late(stream, state):
        guarded.put = put
        guard.guard.look()  # the other one is faster
        return put(stream, state)

    guarded.put = late
    guard.run()
    assert "another run has changed this stream" in [record.message for record in caplog.records]
    assert [kind for kind, _ in heard()] == ["SendingSlowed"]
    assert len(operators()) == 1


def test_chat_is_told_in_the_form_that_it_shows(guard):
    sent = []
    guard.guard.acting.sns.meta.events.register_first(
        "provide-client-params.sns.Publish", lambda params, **_: sent.append(params)
    )
    happened(sent=10_000, bounced=220)
    guard.run()
    told = json.loads(sent[0]["Message"])
    chat = json.loads(told["https"])
    assert (chat["version"], chat["source"]) == ("1.0", "custom")
    assert chat["content"]["title"] == sent[0]["Subject"]
    assert chat["content"]["description"] == told["default"]


def test_what_is_no_command_of_the_guard_is_dead_lettered(guard):
    guard.run({"detail-type": "SendMail"})
    assert reasons() == ["no command of the guard: 'SendMail'"]
