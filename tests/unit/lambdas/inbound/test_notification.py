import pytest

from lambdas.inbound.notification import received

RECEIPT = {
    "timestamp": "2026-11-21T10:00:00.000Z",
    "recipients": ["support@acme.test"],
    "action": {"objectKey": "raw/1"},
}
KINDS = ("spam", "virus", "spf", "dkim", "dmarc")


def read(source="mia@example.org", **verdicts):
    told = {f"{kind}Verdict": {"status": status} for kind, status in verdicts.items()}
    return received({"receipt": RECEIPT | told, "mail": {"messageId": "1", "source": source}})


def test_every_verdict_is_read():
    found = read(spam="GRAY", virus="PASS", spf="FAIL", dkim="PROCESSING_FAILED", dmarc="PASS")
    assert [getattr(found, kind) for kind in KINDS] == ["GRAY", "PASS", "FAIL", "PROCESSING_FAILED", "PASS"]


def test_a_check_that_is_not_in_the_notification_was_not_made():
    assert [getattr(read(), kind) for kind in KINDS] == ["DISABLED"] * 5


@pytest.mark.parametrize("source", ["<>", "", None])
def test_a_bounce_has_no_sender(source):
    assert read(source=source).source == ""
