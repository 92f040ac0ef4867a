"""A mail that SES took and checked, and the mailbox that it came to."""

from lambdas.inbound.notification import Received
from lambdas.shared.mail.mail import Attachment
from lambdas.shared.mail.parse import parse
from lambdas.shared.tickets.ticket import Mailbox

PLAIN = parse(b"From: Mia <mia@example.org>\r\nTo: support@acme.test\r\nSubject: Hi\r\n\r\nText")
FILE = Attachment(filename="a.pdf", content_type="application/pdf", size=1, content_id="", inline=False, content=b"%")
MAILBOX = Mailbox(name="Acme Support", address="support@acme.test")


def received(**changes):
    fields = {
        "ses_id": "ses-1",
        "at": "2026-11-21T10:00:00.000Z",
        "source": "mia@example.org",
        "recipients": ("support@acme.test",),
        "raw_key": "raw/ses-1",
        "spam": "PASS",
        "virus": "PASS",
        "spf": "PASS",
        "dkim": "PASS",
        "dmarc": "PASS",
    }
    return Received(**fields | changes)
