import base64
import json
from datetime import UTC, datetime, timedelta

import boto3
from botocore.stub import ANY

from lambdas.shared.messages import message_id
from tests.integration.records import batch
from tests.integration.sends import NOTICE, asked, move_clock, stored, takes_it, waiting


def test_files_go_along_from_the_request_and_from_an_allowed_bucket(send):
    boto3.client("s3").put_object(Bucket="shop-files", Key="bill.pdf", Body=b"%PDF")
    files = [
        {"filename": "note.txt", "content_type": "text/plain", "content": base64.b64encode(b"Hi").decode()},
        {"filename": "bill.pdf", "content_type": "application/pdf", "s3": {"bucket": "shop-files", "key": "bill.pdf"}},
    ]
    body = {
        "Subject": ANY,
        "Body": ANY,
        "Headers": ANY,
        "Attachments": [
            {"FileName": "note.txt", "ContentType": "text/plain", "RawContent": b"Hi"},
            {"FileName": "bill.pdf", "ContentType": "application/pdf", "RawContent": b"%PDF"},
        ],
    }
    names = ("FromEmailAddress", "Destination", "ReplyToAddresses", "ConfigurationSetName", "EmailTags")
    expected = dict.fromkeys(names, ANY) | {"Content": {"Simple": body}}
    send.ses.add_response("send_email", {"MessageId": "ses-1"}, expected)
    send.handler(asked(NOTICE | {"attachments": files}), None)
    assert stored().state == "sent"


def test_files_that_are_too_large_together_fail_the_message(send):
    boto3.client("s3").put_object(Bucket="shop-files", Key="big", Body=bytes(15 * 1024 * 1024))
    big = {"filename": "big", "content_type": "a/b", "s3": {"bucket": "shop-files", "key": "big"}}
    send.handler(asked(NOTICE | {"attachments": [big, big]}), None)
    assert stored().reason == "big: larger than 28 MB with the others"


def soon(**by):
    return (datetime.now(UTC) + timedelta(**by)).isoformat()


def test_a_mail_for_later_waits_in_a_schedule_with_its_files(send, monkeypatch):
    note = {"filename": "n.txt", "content_type": "text/plain", "content": base64.b64encode(b"Hi").decode()}
    later = NOTICE | {"send_at": soon(hours=1), "attachments": [note]}
    send.handler(asked(later), None)
    send.handler(asked(later), None)
    assert stored().state == "scheduled"
    schedule = boto3.client("scheduler").get_schedule(Name=message_id("event-1"), GroupName="mailroom")
    assert schedule["ActionAfterCompletion"] == "DELETE"
    due = json.loads(schedule["Target"]["Input"])
    assert due["detail"]["attachments"][0]["s3"] == {"bucket": "mail", "key": f"outgoing/{message_id('event-1')}/0"}
    send.handler(batch(due), None)
    assert (stored().state, waiting("queue")) == ("scheduled", 0)
    move_clock(send, monkeypatch, hours=1)
    takes_it(send)
    send.handler(batch(due), None)
    assert (stored().state, stored().attempts) == ("sent", 2)


def test_a_mail_for_within_the_minute_goes_at_once(send):
    takes_it(send)
    send.handler(asked(NOTICE | {"send_at": soon(seconds=20)}), None)
    assert stored().state == "sent"


def test_a_cancelled_mail_does_not_go_out_when_it_is_due(send, monkeypatch):
    send.handler(asked(NOTICE | {"send_at": soon(hours=1)}), None)
    due = json.loads(
        boto3.client("scheduler").get_schedule(Name=message_id("event-1"), GroupName="mailroom")["Target"]["Input"]
    )
    send.outbox.cancel(message_id("event-1"))
    move_clock(send, monkeypatch, hours=1)
    send.handler(batch(due), None)
    assert stored().state == "cancelled"
    assert boto3.client("scheduler").list_schedules()["Schedules"] == []
