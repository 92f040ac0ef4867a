"""Notices as many servers' own templates write them (tests/mail/notices), and mail that only sounds like one."""

from pathlib import Path

import pytest

from lambdas.shared.mail.parse import parse

MAILS = Path(__file__).parents[4] / "mail"
# Who failed and with what status, where it is not mia@example.org with 5.1.1.
OTHERS = {
    "exim-two": [("mia@example.org", ""), ("tom@example.org", "")],
    "qmail-yahoo": [("mia@example.org", "")],
    "sendmail-5": [("mia@example.org", "")],
    "sendmail-5-host": [("mia@example.org", "")],
    "exchange-2003": [("mia@example.org", "")],
    "exchange-2003-german": [("mia@example.org", "")],
    "office365": [("mia@example.org", "5.1.10")],
    "domino": [("mia@example.org", "")],
    "notes": [("mia@example.org", "")],
    "communigate-full": [("mia@example.org", "")],
    "imail": [("mia@example.org", "")],
    "imail-unknown": [("mia@example.org", "")],
    "mail-ru-russian": [("mia@example.org", "")],
    "aol": [("miakeller@aol.com", "")],
    "verizon": [("5551234567@vzwpix.example", "")],
    "docomo": [("mia@docomo.ne.example", "")],
    "ezweb": [("mia@ezweb.ne.example", "")],
    "biglobe": [("mia@biglobe.ne.example", "")],
    "bigfoot": [("mia@example.org", "")],
    "groupwise": [("mia@example.org", "")],
    "1und1": [("mia@example.org", "")],
    "sendgrid": [("mia@example.org", "")],
    "amazon-ses": [("mia@example.org", "")],
    "ironport-expired": [("mia@example.org", "5.4.7")],
    "mailman": [("mia@example.org", "")],
    "sina": [("mia@example.org", "")],
    "smtp32": [("mia@example.org", "")],
    "unknown-1": [("mia@example.org", "")],
    "unknown-2": [("mia@example.org", "5.3.0")],
    "barracuda": [("mia@example.org", "")],
    "qmail-quota": [("mia@example.org", "")],
    "netscape": [("mia@example.org", "")],
    "facebook": [("mia@facebook.example", "5.1.1")],
}
DELAYS = {"exim-warning", "opensmtpd-delay", "google-delay"}


@pytest.mark.parametrize("path", sorted((MAILS / "notices").glob("*.eml")), ids=lambda path: path.stem)
def test_a_server_s_notice_says_who_failed_and_why(path):
    mail = parse(path.read_bytes())
    assert mail.kind == ("delay" if path.stem in DELAYS else "bounce")
    usual = [("mia@example.org", "" if path.stem in DELAYS else "5.1.1")]
    assert [(bounced.recipient, bounced.status) for bounced in mail.bounces] == OTHERS.get(path.stem, usual)


@pytest.mark.parametrize("path", sorted((MAILS / "no-notices").glob("*.eml")), ids=lambda path: path.stem)
def test_parcels_persons_and_reports_are_no_notices(path):
    mail = parse(path.read_bytes())
    assert (mail.kind, mail.bounces) == ("mail", ())
