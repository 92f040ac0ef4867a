"""Aggregate reports of tests/reports, packed and mailed as their senders do."""

import email.policy
import gzip
import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

REPORTS = Path(__file__).parent / "reports"
KINDS = {".gz": ("application", "gzip"), ".zip": ("application", "zip"), ".xml": ("text", "xml")}
KINDS |= {".json": ("application", "tlsrpt+json"), ".bin": ("application", "octet-stream")}


def report(name):
    return (REPORTS / name).read_bytes()


def gzipped(content):
    return gzip.compress(content, mtime=0)


def zipped(**files):
    """A zip of these files: `zipped(report=b"<feedback>…")`."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.xml", content)
    return packed.getvalue()


def mailed(*files, sender="noreply-dmarc-support@google.com", to="reports@acme.test", text="", **fields):
    """A mail with these (filename, content); `fields` of its header have _ for -."""
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Report domain: acme.test"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text or "This is an aggregate report.")
    for filename, content in files:
        main, sub = KINDS[Path(filename).suffix]
        mail.add_attachment(content, maintype=main, subtype=sub, filename=filename)
    return mail.as_bytes()
