"""Every way in: what an application asks for, what it is answered, and what its customers get."""

import base64
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from local.outside import until
from tests.system.sent import sent_to

NOTICE = {"template": "notice", "data": {"title": "Your parcel", "text": "It left this morning."}}
DUE_SECONDS = 40  # what is due within half a minute goes out at once
PDF = bytes(range(256)) * 300
GUIDE = Path(__file__).parents[2] / "docs" / "sending.md"
EXAMPLES = re.findall(r"^```(python|sh)\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
# Runs an example where *.localhost is this machine, as RFC 6761 has it and not every resolver.
PYTHON = """
import socket, sys
found = socket.getaddrinfo
socket.getaddrinfo = lambda host, *more, **named: found(
    "127.0.0.1" if str(host).endswith(".localhost") else host, *more, **named
)
exec(sys.stdin.read())
"""


@pytest.fixture(scope="module", autouse=True)
def scheduled(api):
    """A mail asked for as these tests begin, due before they end."""
    at = datetime.now(UTC) + timedelta(seconds=DUE_SECONDS)
    report = {"filename": "report.txt", "content_type": "text/plain", "content": base64.b64encode(b"1,2,3").decode()}
    body = {"to": "later@example.org", **NOTICE, "send_at": at.isoformat(), "attachments": [report]}
    status, answer = api("POST", "/messages", body, key="scheduled")
    assert (status, answer["messages"][0]["state"]) == (200, "scheduled")
    return answer["messages"][0]["id"], at


def test_only_a_signed_call_is_let_in(api, outside):
    body = {"to": "nobody@example.org", **NOTICE}
    wrong = boto3.Session(outside.aws.access_key_id, "0" * 40).get_credentials()
    assert api("POST", "/messages", body, key="unsigned", credentials=False)[0] == 403
    assert api("POST", "/messages", body, key="unsigned", credentials=wrong)[0] == 403
    assert outside.mail_to("nobody@example.org") == []


def test_a_repeat_gets_the_first_answer_and_sends_nothing(api, outside):
    first = api("POST", "/messages", {"to": "once@example.org", **NOTICE}, key="once")
    status, answer = first
    [told] = answer["messages"]
    assert (status, told["to"], told["state"], told["reason"]) == (200, "once@example.org", "sent", "")
    assert api("POST", "/messages", {"to": "once@example.org", **NOTICE}, key="once") == first
    assert len(outside.mail_to("once@example.org")) == 1


def test_a_key_is_for_one_mail_only(api, outside):
    api("POST", "/messages", {"to": "first@example.org", **NOTICE}, key="taken")
    status, answer = api("POST", "/messages", {"to": "second@example.org", **NOTICE}, key="taken")
    assert (status, answer) == (409, {"error": "another message was asked for with this idempotency key"})
    assert outside.mail_to("second@example.org") == []


def test_each_recipient_of_a_list_gets_a_mail_of_their_own(api, outside):
    people = ["kim-list@example.org", "lou-list@example.net"]
    status, answer = api("POST", "/messages", {"to": people, **NOTICE}, key="list")
    assert (status, [told["to"] for told in answer["messages"]]) == (200, people)
    for person in people:
        [mail] = outside.mail_to(person)
        assert [address.addr_spec for address in mail.mail["To"].addresses] == [person]


def test_what_the_event_asks_for_and_what_the_call_asks_for_is_one_message(api, outside):
    body = {"to": "both@example.org", **NOTICE}
    outside.put("SendMail", body | {"idempotency_key": "both"})
    sent_to(outside, "both@example.org")
    status, answer = api("POST", "/messages", body, key="both")
    assert (status, answer["messages"][0]["state"]) == (200, "sent")
    assert len(outside.mail_to("both@example.org")) == 1


def test_an_attachment_arrives_as_it_was(api, outside):
    file = {"filename": "Plan für März.pdf", "content_type": "application/pdf"}
    file["content"] = base64.b64encode(PDF).decode()
    body = {"to": "files@example.org", **NOTICE, "attachments": [file], "reply_to": "shop@example.net"}
    assert api("POST", "/messages", body, key="files")[0] == 200
    mail = sent_to(outside, "files@example.org").mail
    [attached] = mail.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("Plan für März.pdf", "application/pdf")
    assert attached.get_content() == PDF
    assert mail["Reply-To"] == "shop@example.net"


def test_a_file_in_a_bucket_that_is_not_allowed_fails_the_message(api, outside, mailroom):
    outside.client("s3").create_bucket(Bucket="foreign-files")
    outside.client("s3").put_object(Bucket="foreign-files", Key="secret.txt", Body=b"secret")
    file = {"filename": "a.txt", "content_type": "text/plain", "s3": {"bucket": "foreign-files", "key": "secret.txt"}}
    body = {"to": "foreign@example.org", **NOTICE, "attachments": [file]}
    status, answer = api("POST", "/messages", body, key="foreign")
    [told] = answer["messages"]
    assert (status, told["state"]) == (422, "failed")
    assert told["reason"] == "a.txt: the setting attachment_buckets does not name its bucket"
    assert mailroom("message", "show", told["id"], "--json")["reason"] == told["reason"]
    assert outside.mail_to("foreign@example.org") == []


def test_a_template_that_is_not_there_fails_the_message_and_names_those_that_are(api, mailroom):
    status, answer = api("POST", "/messages", {"to": "x@example.org", "template": "welcome"}, key="unknown")
    [told] = answer["messages"]
    assert (status, told["state"]) == (422, "failed")
    assert told["reason"].startswith("there is no template 'welcome'; there are acknowledgement, alert, ")
    assert mailroom("message", "show", told["id"], "--json")["state"] == "failed"


def test_the_mail_is_in_the_readers_language(api, outside):
    data = {"order": "A-1", "lines": [], "total": "€ 5,00", "link": "https://shop.acme.test/a-1"}
    body = {"to": "leser@example.org", "template": "receipt", "data": data, "locale": "de-CH"}
    assert api("POST", "/messages", body, key="german")[0] == 200
    assert sent_to(outside, "leser@example.org").subject == "Ihre Quittung zur Bestellung A-1"


def test_a_scheduled_mail_can_be_cancelled_until_it_is_due(api, outside, mailroom):
    at = (datetime.now(UTC) + timedelta(days=300)).isoformat()
    body = {"to": "never@example.org", **NOTICE, "send_at": at}
    message_id = api("POST", "/messages", body, key="never")[1]["messages"][0]["id"]
    found = outside.client("scheduler").list_schedules(NamePrefix=message_id)["Schedules"]
    assert [schedule["Name"] for schedule in found] == [message_id]
    assert mailroom("message", "cancel", message_id, "--json") == {"id": message_id, "state": "cancelled"}
    assert outside.client("scheduler").list_schedules(NamePrefix=message_id)["Schedules"] == []
    assert api("DELETE", f"/messages/{message_id}")[0] == 409
    assert api("GET", f"/messages/{message_id}")[1]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("send_at", "reason"),
    [
        ("2001-01-01T00:00:00Z", "send_at has passed"),
        ("2101-01-01T00:00:00Z", "send_at is more than a year ahead"),
        ("2027-01-01T00:00:00", "send_at has no time zone: add Z, or an offset like +01:00"),
    ],
)
def test_a_time_that_cannot_be_kept_fails_the_message(api, send_at, reason):
    status, answer = api("POST", "/messages", {"to": "t@example.org", **NOTICE, "send_at": send_at}, key=send_at)
    assert (status, answer["messages"][0]["reason"]) == (422, reason)


def test_the_application_is_told_of_a_mail_that_was_not_sent(api, outside):
    address = "bounce+sending@simulator.amazonses.com"
    api("POST", "/messages", {"to": address, **NOTICE}, key="bounces")
    until(lambda: [e for e in outside.heard("RecipientSuppressed") if e["recipient"] == address], "the suppression")
    status, answer = api("POST", "/messages", {"to": address, **NOTICE}, key="suppressed")
    [told] = answer["messages"]
    assert (status, told["state"]) == (422, "suppressed")
    assert told["reason"].startswith("permanent bounce (General) since ")
    [event] = until(lambda: [e for e in outside.heard("MailFailed") if e["recipient"] == address], "MailFailed")
    assert (event["message"], event["state"], event["reason"]) == (told["id"], "suppressed", told["reason"])


def test_the_command_sends_and_fails_as_the_api_does(outside, mailroom, tmp_path):
    (tmp_path / "order.json").write_text('{"title": "Grüße"}')
    given = ("send", "notice", "--to", "cli@example.org", "--data-file", str(tmp_path / "order.json"), "--json")
    [failed] = mailroom(*given, status=1)["messages"]
    assert (failed["state"], failed["reason"]) == ("failed", "template 'notice': `text` is missing")
    [told] = mailroom(*given, "--set", "text=Da", "--key", "cli-1")["messages"]
    assert mailroom(*given, "--set", "text=Da", "--key", "cli-1")["messages"] == [told]
    [sent] = outside.mail_to("cli@example.org")
    assert sent.subject == "Grüße"
    said = mailroom(*given[:-1], "--set", "text=Dort", "--key", "cli-1", status=1)
    assert "The API refused it (409): another message was asked for with this idempotency key" in said


@pytest.mark.parametrize(("language", "code"), EXAMPLES)
def test_the_guides_examples_work(outside, folder, language, code):
    command = {"python": [sys.executable, "-c", PYTHON], "sh": ["sh", "-eu"]}[language]
    found = {"MAILROOM_BUS": outside.outputs["BusName"], "MAILROOM_API": outside.outputs["PagesUrl"]}
    path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    done = subprocess.run(
        command,
        input=code,
        cwd=folder,
        env=path | found | outside.aws.environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_guides_examples_sent_what_they_say(outside):
    subjects = {
        *("Ihre Quittung zur Bestellung A-1042", "We have moved", "Your invoice", "Ihr Code für Acme"),
        *("Your order A-1042 is on its way", "Confirm your e-mail address for Acme"),
    }
    until(lambda: subjects <= {sent.subject for sent in outside.mail_to("mia@example.org")}, "all examples' mails")
    assert "Tomorrow" not in {sent.subject for sent in outside.mail_to("mia@example.org")}


def test_a_scheduled_mail_goes_out_when_it_is_due(outside, scheduled, mailroom):
    message_id, at = scheduled
    sent = until(lambda: outside.mail_to("later@example.org"), "the scheduled mail goes out", seconds=120)
    assert len(sent) == 1
    [attached] = sent[0].mail.iter_attachments()
    assert attached.get_content().strip() == "1,2,3"
    found = mailroom("message", "show", message_id, "--json")
    assert found["state"] == "sent"
    assert at <= datetime.fromisoformat(found["sent_at"])
