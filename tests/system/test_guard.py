"""A list that bounces: marketing is paused, told to the operators, and resumed by a person."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lambdas.shared.guard.level import Level
from lambdas.shared.guard.table import Guarded
from lambdas.shared.messages import message_id
from local.outside import until

NOTICE = {"template": "notice", "data": {"title": "News", "text": "Much is new."}}
BOUNCES = 12


def send(outside, to, key, stream):
    outside.put("SendMail", {"to": to, "idempotency_key": key, "stream": stream, **NOTICE})


def command(outside, queue, kind, **detail):
    body = json.dumps({"id": "by hand", "detail-type": kind, "detail": detail})
    outside.client("sqs").send_message(QueueUrl=outside.outputs[queue], MessageBody=body)


def counted(outside):
    rows = [item for item in outside.items("CountsTable") if item["sk"] == "marketing#news.acme.test"]
    return sum(int(row.get("sent", 0)) for row in rows), sum(int(row.get("bounced", 0)) for row in rows)


def marketing(mailroom):
    [found] = [each for each in mailroom("streams", "show", "--json")["streams"] if each["stream"] == "marketing"]
    return found


@pytest.fixture
def operators(outside):
    """What the topic of alarms has told, but for alarms: subjects and texts."""
    sqs, sns = outside.client("sqs"), outside.client("sns")
    [topic] = [each["TopicArn"] for each in sns.list_topics()["Topics"] if "AlarmsTopic" in each["TopicArn"]]
    url = sqs.create_queue(QueueName="operators")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:*", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    told = []

    def run():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            told.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [(each["Subject"], each["Message"]) for each in told if each["Subject"].startswith("Mailroom local: ")]

    yield run
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def in_the_end_resumed(mailroom):
    yield
    mailroom("streams", "resume", "marketing", "--json")


def look(outside, mailroom):
    before = marketing(mailroom)["looked_at"]
    command(outside, "GuardQueue", "LookAtRates")
    until(lambda: marketing(mailroom)["looked_at"] != before, "the guard has looked", seconds=60)


def test_a_bad_list_pauses_marketing_and_a_person_resumes_it(outside, mailroom, operators, in_the_end_resumed):
    sent, bounced = counted(outside)
    good = [f"reader-{number}@example.org" for number in range(40)]
    bad = [f"bounce+list-{number}@simulator.amazonses.com" for number in range(BOUNCES)]
    send(outside, good, "list-good", "marketing")
    send(outside, bad, "list-bad", "marketing")
    until(lambda: all(outside.mail_to(address) for address in (good[-1], *bad)), "the list goes out", seconds=60)

    def all_counted():
        command(outside, "CountsQueue", "Count", at_once=True)
        return counted(outside) >= (sent + 52, bounced + BOUNCES)

    until(all_counted, "all are counted", seconds=60, pause=0.5)
    look(outside, mailroom)
    found = until(lambda: paused(mailroom), "marketing is paused")
    assert (found["by"], found["switched_on"]) == ("guard", False)
    assert "mails of news.acme.test bounced within an hour" in found["reason"]
    until(lambda: outside.heard("SendingPaused"), "SendingPaused")
    [(_, text)] = until(lambda: [told for told in operators() if "is paused" in told[0]], "the operators are told")
    assert found["reason"] in text

    send(outside, "late@example.org", "news-while-paused", "marketing")
    send(outside, "reset@example.org", "reset-while-paused", "transactional")
    until(lambda: outside.mail_to("reset@example.org"), "transactional mail goes out")
    until(lambda: state(mailroom, "news-while-paused") == "paused", "marketing waits")
    assert outside.mail_to("late@example.org") == []

    mailroom("streams", "resume", "marketing")
    look(outside, mailroom)
    assert (marketing(mailroom)["level"], marketing(mailroom)["switched_on"]) == ("ok", True)
    send(outside, "resumed@example.org", "news-again", "marketing")
    until(lambda: outside.mail_to("resumed@example.org"), "marketing goes out again")


def test_marketing_that_is_slowed_down_is_taken_by_the_api_and_waits_for_its_turn(
    outside, mailroom, api, in_the_end_resumed
):
    guarded = Guarded(outside.table("CountsTable"))
    before = guarded.state("marketing")
    slowed = replace(before, level=Level.SLOWED, since=datetime.now(UTC), by="guard", version=before.version + 1)
    assert guarded.put("marketing", slowed)
    asked = {"to": "slowly@example.org", "stream": "marketing", **NOTICE}
    status, answer = api("POST", "/messages", asked, key="slowed-1")
    assert (status, answer["messages"][0]["state"]) == (200, "slowed")
    until(lambda: outside.mail_to("slowly@example.org"), "it has its turn", seconds=60)
    again = api("POST", "/messages", asked, key="slowed-1")
    assert (again[0], again[1]["messages"][0]["state"]) == (200, "sent")


def paused(mailroom):
    found = marketing(mailroom)
    return found if found["level"] == "paused" else None


def state(mailroom, key):
    try:
        return mailroom("message", "show", message_id(key), "--json")["state"]
    except AssertionError:  # not there yet
        return None
