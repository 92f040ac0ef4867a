"""Mail that SES receives for us, and what became of it."""

from pathlib import Path

import boto3

from lambdas.shared.tickets import find
from tests.integration.records import batch, sns

MAILS = Path(__file__).parents[1] / "mail"
QUESTION_ID = b"CAF2u7wKq9mia+question1@mail.gmail.com"
SUPPORT_ID = b"01000192f3a1-support-1@email.amazonses.com"
PASS = {"status": "PASS"}
DONE = {"batchItemFailures": []}


def stored(name):
    return (MAILS / f"{name}.eml").read_bytes()


def letter(*fields, text="Where is it?", sender="mia@example.org"):
    """A mail of a few lines."""
    return "\r\n".join([f"From: {sender}", "To: support@acme.test", *fields, "", text]).encode()


def receiving(inbound):
    """Delivers a mail of tests/mail, or `raw`, as SES does: `deliver("gmail-new-question", "ses-1")`."""

    def deliver(
        name, ses_id, *, source="mia@example.org", to=("support@acme.test",), raw=None, at=None, receives=1, **verdicts
    ):
        boto3.client("s3").put_object(Bucket="mail", Key=f"raw/{ses_id}", Body=stored(name) if raw is None else raw)
        return inbound.handler(batch(notice(ses_id, source, to, verdicts, at), receives=receives), None)

    deliver.module = inbound
    return deliver


def notice(ses_id, source, to, verdicts, at=None):
    given = dict.fromkeys(("spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict", "dmarcVerdict"), PASS)
    given |= {f"{name}Verdict": {"status": status} for name, status in verdicts.items()}
    action = {"type": "S3", "bucketName": "mail", "objectKey": f"raw/{ses_id}"}
    at = at or f"2026-11-21T10:00:0{ses_id[-1]}.000Z"
    receipt = {"timestamp": at, "recipients": list(to), "action": action, **given}
    return sns({"notificationType": "Received", "receipt": receipt, "mail": {"messageId": ses_id, "source": source}})


def newest(limit):
    return list(find.find(boto3.resource("dynamodb").Table("tickets"), find.Wanted(), limit).tickets)


def aside(limit):
    return find.aside(boto3.resource("dynamodb").Table("tickets"), limit)


def told(heard):
    """What went out, as (detail-type, ticket), or (template, ticket) of a mail."""
    return [(detail.get("template", kind), int(detail["ticket"])) for kind, detail in heard()]
