"""`mailroom report` on moto: figures as counted, and whether they are what a recount gives while mail goes on."""

import csv
import dataclasses
import io
import itertools
import json
from datetime import UTC, datetime, timedelta
from functools import partial

import boto3
import pytest
from botocore.client import BaseClient

from cli import deployment, verify
from cli.deployment import Stack
from lambdas.counts.fold import Fold
from lambdas.shared.counts.stream import Stream
from lambdas.shared.counts.table import Counts
from lambdas.shared.timestamps import iso, now
from tests.integration.records import queue

NOW = datetime.now(UTC).replace(hour=0, minute=0, second=1, microsecond=0)
TODAY, BEFORE = iso(NOW)[:10], iso(NOW - timedelta(days=1))[:10]
BOUNCE = {"kind": "Bounce", "at": iso(NOW), "facts": {"type": "Permanent", "subtype": "General"}}
COMPLAINT = {"kind": "Complaint", "at": iso(NOW), "facts": {"type": "abuse"}}


@pytest.fixture
def messages(account, monkeypatch):
    """The messages table with its stream, in a stage that has the queue of `counts`."""
    stack = Stack(name="Feedback", status="CREATE_COMPLETE", at=iso(NOW), outputs={"CountsQueue": queue("count")})
    monkeypatch.setattr(deployment, "find", lambda _: dataclasses.replace(account, stacks=(*account.stacks, stack)))
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    boto3.client("dynamodb").update_table(TableName="messages", StreamSpecification=stream)
    for name in ("LATE_SECONDS", "SECONDS_BETWEEN_LOOKS"):
        monkeypatch.setattr(verify, name, 0.0)
    monkeypatch.setattr("cli.recount.TRANSACTION_SECONDS", 0.0)
    return boto3.resource("dynamodb").Table("messages")


@pytest.fixture
def fold(messages):
    messages.load()
    stream = Stream(boto3.client("dynamodbstreams"), messages.latest_stream_arn)
    counts = Counts(boto3.resource("dynamodb").Table("counts"))
    return lambda: Fold(stream=stream, counts=counts, now=now).run(lambda: True, at_once=True)


def put(table, number, *events, day=TODAY, domain="example.org", stream="transactional", template="welcome"):
    item = {"id": f"m{number}", "sent_at": f"{day}T00:00:01.000Z", "recipient": f"a{number}@{domain}"}
    item |= {"stream": stream, "template": template} if stream else {}
    table.put_item(Item=item | {f"event#{index}": event for index, event in enumerate(events)})


@pytest.fixture
def mails(messages, fold):
    for number in range(4):
        put(messages, number, {"kind": "Delivery", "at": iso(NOW)})
    put(messages, 4, BOUNCE, day=BEFORE, domain="example.net")
    put(messages, 5, COMPLAINT, stream="marketing", template="newsletter")
    put(messages, 6, stream=None, domain="=cmd|x")
    fold()


def test_a_report_has_every_day_and_rates(run, mails):
    found = run("report", "--since", "3d", "--json")
    assert [(row["name"], row["sent"]) for row in found["rows"]][1:] == [(BEFORE, 1), (TODAY, 6)]
    assert (found["since"], found["until"], found["by"]) == (found["rows"][0]["name"], TODAY, "day")
    whole = {"sent": 7, "delivered": 4, "bounced_permanent": 1, "complained": 1, "failed": 0}
    assert {name: found["total"][name] for name in whole} == whole
    assert found["total"]["bounce_rate"] == pytest.approx(1 / 7)
    assert found["rows"][0]["bounce_rate"] is None
    assert found["thresholds"]["complaint_rate"] == {"review": 0.001, "pause": 0.005}
    assert found["counted_to"].startswith(iso(now())[:10])


def test_a_report_is_by_template_or_domain_and_of_a_stream(run, mails):
    def rows(*arguments):
        return {row["name"]: row["sent"] for row in run("report", *arguments, "--json")["rows"]}

    assert rows("--by", "template") == {"welcome": 5, "newsletter": 1, "": 1}
    assert rows("--by", "domain", "--stream", "transactional") == {"example.org": 4, "example.net": 1}
    assert rows("--by", "domain", "--since", TODAY) == {"example.org": 5, "=cmd|x": 1}


def test_a_terminal_shows_all_and_a_spreadsheet_computes_nothing(run, mails):
    shown = run("report", "--by", "template")
    assert [line.split()[:2] for line in shown if line.startswith(("welcome", "newsletter"))] == [
        ["welcome", "5"],
        ["newsletter", "1"],
    ]
    rows = list(csv.DictReader(io.StringIO("\n".join(run("report", "--by", "domain", "--csv")))))
    assert [(row["name"], row["sent"]) for row in rows] == [
        ("example.org", "5"),
        ("'=cmd|x", "1"),
        ("example.net", "1"),
    ]


def test_a_page_is_written(run, mails, tmp_path):
    assert run("report", "--html", tmp_path / "report.html") == [str(tmp_path / "report.html")]
    assert "<svg" in (tmp_path / "report.html").read_text()
    assert "cannot be written" in run("report", "--html", tmp_path / "no" / "report.html", status=1)


@pytest.mark.parametrize(
    "wrong", [["--since", "2999-01-01"], ["--since", "0d"], ["--since", "x"], ["--repair"], ["--csv", "--json"]]
)
def test_a_wrong_call_says_so(run, account, wrong):
    assert "Error: " in run("report", *wrong, status=2)


def test_counters_that_are_right_are_said_to_be(run, mails):
    found = run("report", "--verify", "--json")
    assert (found["messages"], found["uncounted"], found["differences"]) == (7, 0, [])
    assert run("report", "--verify") == [f"7 messages recounted: all {found['counters']} counters are right."]


def spoil():
    counts = boto3.resource("dynamodb").Table("counts")
    key = {"pk": f"DAY#{TODAY}", "sk": "transactional#template#welcome"}
    counts.update_item(
        Key=key, UpdateExpression="ADD sent :one, clicked :one REMOVE delivered", ExpressionAttributeValues={":one": 1}
    )


def test_a_counter_that_is_wrong_is_named_and_repaired(run, mails):
    spoil()
    found = run("report", "--verify", "--json", status=1)["differences"]
    assert [(one["counter"], one["counted"], one["recounted"]) for one in found] == [
        ("clicked", 1, 0),
        ("delivered", 0, 4),
        ("sent", 5, 4),
    ]
    assert {tuple(one["row"]) for one in found} == {(f"DAY#{TODAY}", "transactional#template#welcome")}
    assert any(line.startswith(f"DAY#{TODAY}") for line in run("report", "--verify", status=1, columns=120))
    assert run("report", "--verify", "--repair")[-1].endswith("counters were corrected.")
    assert run("report", "--verify", "--json")["differences"] == []


def test_messages_from_before_there_were_counters_are_counted_by_a_repair(run, messages, fold, mails):
    counts = boto3.resource("dynamodb").Table("counts")
    for item in counts.scan()["Items"]:
        if item["pk"] != "SHARDS":
            counts.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    counts.update_item(
        Key={"pk": "SHARDS", "sk": next(item["sk"] for item in counts.scan()["Items"])},
        UpdateExpression="SET gap_at = :at",
        ExpressionAttributeValues={":at": iso(NOW)},
    )
    assert "were lost" in " ".join(run("report"))
    run("report", "--verify", "--repair")
    put(messages, 0, {"kind": "Delivery", "at": iso(NOW)}, COMPLAINT)
    fold()
    assert run("report", "--verify", "--json")["differences"] == []
    assert "were lost" not in " ".join(run("report"))
    assert run("report", "--json")["total"]["sent"] == 7


def test_what_goes_on_while_it_is_recounted_makes_no_difference(run, messages, fold, mails, monkeypatch):
    """Between calls mails come, bounce and are erased, and some of it is counted on."""
    call, busy, numbers = BaseClient._make_api_call, [], itertools.count(100)

    def go_on():
        number = next(numbers)
        if number % 4:
            return
        put(messages, number, domain=f"d{number}.test")
        put(messages, number - 4, BOUNCE, domain=f"d{number}.test")
        messages.delete_item(Key={"id": f"m{number - 8}"})
        put(messages, number // 4 % 7, COMPLAINT)
        if number % 12 == 0:
            fold()

    def amid(client, operation, arguments):
        answer = call(client, operation, arguments)
        if not busy:
            busy.append(operation)
            go_on()
            busy.clear()
        return answer

    monkeypatch.setattr(verify, "LOOKS", 0)
    monkeypatch.setattr("cli.recount.pages", partial(small_pages, size=2))
    with monkeypatch.context() as patched:
        patched.setattr(BaseClient, "_make_api_call", amid)
        found = run("report", "--verify", "--json")
    assert found["differences"] == []
    assert next(numbers) > 140


def small_pages(table, size):
    start = {}
    while True:
        page = table.scan(ConsistentRead=True, Limit=size, **start)
        yield page["Items"]
        if not (last := page.get("LastEvaluatedKey")):
            return
        start = {"ExclusiveStartKey": last}


def test_what_is_not_counted_yet_is_asked_for_and_left_out(run, messages, fold, mails, monkeypatch):
    monkeypatch.setattr(verify, "LOOKS", 1)
    put(messages, 9)
    found = run("report", "--verify", "--json")
    assert (found["uncounted"], found["differences"]) == (1, [])
    asked = boto3.client("sqs").receive_message(
        QueueUrl=boto3.client("sqs").get_queue_url(QueueName="count")["QueueUrl"]
    )
    command = json.loads(asked["Messages"][0]["Body"])
    assert (command["detail-type"], command["detail"]) == ("Count", {"at_once": True})


def test_of_two_corrections_the_first_ends(run, messages, mails, monkeypatch):
    spoil()
    compare = verify.compare

    def disturbed(*arguments):
        found = compare(*arguments)
        monkeypatch.setattr(verify, "compare", compare)
        run("report", "--verify", "--repair")
        return found

    monkeypatch.setattr(verify, "compare", disturbed)
    assert "say it again" in run("report", "--verify", "--repair", status=1)
    assert run("report", "--verify", "--json")["differences"] == []
