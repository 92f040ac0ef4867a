from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lambdas.inbound.arrival import NotBySes, arrived, authentication
from local.ses.arrival import Arrival

RECEIVED = (
    "Received: from mail.example.org (mail.example.org [192.0.2.7])\r\n by inbound-smtp.us-east-1.amazonaws.com with "
    "SMTP id ses-1\r\n for support@acme.test;\r\n Sat, 21 Nov 2026 10:00:00 +0000 (UTC)"
)
RESULTS = "Authentication-Results: amazonses.com; spf=pass client-ip=192.0.2.7; dkim=pass header.i=@x; dmarc=pass"
TOP = (
    "Return-Path: <mia@example.org>",
    RECEIVED,
    "X-SES-Spam-Verdict: PASS",
    "X-SES-Virus-Verdict: PASS",
    "Received-SPF: pass client-ip=192.0.2.7;",
    RESULTS,
    "X-SES-RECEIPT: AEFB",
)
KINDS = ("spam", "virus", "spf", "dkim", "dmarc")


def read(*top, own=("From: mia@example.org",), ses_id="ses-1"):
    raw = "\r\n".join([*top, *own, "", "Text"]).encode()
    return arrived(ses_id, f"raw/{ses_id}", raw, {"support@acme.test", "billing@acme.test"})


def verdicts(found):
    return [getattr(found, kind) for kind in KINDS]


def test_a_mail_is_read_as_the_notification_would_have_told_of_it():
    found = read(*TOP)
    assert (found.ses_id, found.raw_key, found.at) == ("ses-1", "raw/ses-1", "2026-11-21T10:00:00.000Z")
    assert (found.source, found.recipients) == ("mia@example.org", ("support@acme.test",))
    assert verdicts(found) == ["PASS"] * 5


def test_the_embedded_ses_writes_what_is_read_here():
    arrival = Arrival(
        id="ses-1",
        at=datetime(2026, 11, 21, 10, tzinfo=UTC),
        sender="mia@example.org",
        recipients=("support@acme.test",),
        client="mail.example.org",
        region="us-east-1",
        verdicts=dict(zip(KINDS, ("PASS", "GRAY", "PASS", "GRAY", "FAIL"), strict=True)),
        dmarc_policy="none",
        raw=b"From: mia@example.org\r\nX-SES-Spam-Verdict: FAIL\r\n\r\nText",
    )
    found = arrived("ses-1", "raw/ses-1", arrival.stored(), set())
    assert (found.source, found.recipients, found.at) == (
        "mia@example.org",
        ("support@acme.test",),
        "2026-11-21T10:00:00.000Z",
    )
    assert verdicts(found) == ["PASS", "GRAY", "PASS", "GRAY", "FAIL"]


def test_a_bounce_has_no_sender():
    assert read("Return-Path: <>", *TOP[1:]).source == ""


def test_mailboxes_of_ours_in_to_and_cc_are_recipients_too():
    own = ("From: mia@example.org", "To: Acme <support+abc@acme.test>, bo@x", "Cc: billing@acme.test")
    found = read(TOP[0], RECEIVED.replace("\r\n for support@acme.test", ""), own=own)
    assert found.recipients == ("support+abc@acme.test", "billing@acme.test")


FORGED = tuple(line.replace("mia@example.org", "ceo@acme.test") for line in TOP)


@pytest.mark.parametrize("missing", range(2, 7))
def test_of_what_stands_further_down_nothing_is_believed(missing):
    """Whatever SES left out, the sender's copy of it follows fields that SES does not write before it."""
    top = [line.replace("PASS", "FAIL").replace("=pass", "=fail") for line in TOP]
    own = ("From: mia@example.org", *FORGED)
    found = read(*top[:missing], *top[missing + 1 :], own=own)
    assert "PASS" not in verdicts(found)
    assert found.source == "mia@example.org"


def test_the_senders_copy_of_the_whole_block_is_not_believed():
    top = [line.replace("PASS", "FAIL").replace("=pass", "=fail") for line in TOP]
    assert verdicts(read(*top, own=FORGED)) == ["FAIL"] * 5


@pytest.mark.parametrize("above", ["X-Mine: 1", "Received: by mx.example.org; Sat, 21 Nov 2026 10:00:00 +0000"])
def test_what_does_not_begin_with_sess_fields_is_none_of_its_mails(above):
    with pytest.raises(NotBySes, match="does not begin with the Received field that SES writes"):
        read(above, *TOP)


def test_the_field_names_the_object_that_it_is_in():
    with pytest.raises(NotBySes, match="with the id ses-2"):
        read(*TOP, ses_id="ses-2")


def test_a_field_without_a_date_is_none_of_sess():
    with pytest.raises(NotBySes, match="has no date"):
        read(TOP[0], RECEIVED.replace("Sat, 21 Nov 2026 10:00:00 +0000 (UTC)", "today"))


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("amazonses.com; dmarc=pass header.from=example.org;", "PASS"),
        ("amazonses.com; dmarc=fail header.from=example.org;", "FAIL"),
        ("amazonses.com; dmarc=none header.from=example.org;", "GRAY"),
        ("amazonses.com; dmarc=temperror", "GRAY"),
        ("mx.example.org; dmarc=pass", None),
        ("amazonses.com.x.test; dmarc=pass", None),
        ("amazonses.com; spf=none helo=dmarc=pass;", None),
        ("amazonses.com; spf=none helo=a; dmarc=pass; dmarc=fail header.from=example.org", "FAIL"),
        ("amazonses.com; spf=none helo=a; dmarc=pass; dmarc=none header.from=example.org", "GRAY"),
        ('amazonses.com; spf=none envelope-from="a; dmarc=pass; b"@x; dmarc=none header.from=x', "GRAY"),
        ("amazonses.com; spf=none (helo is a; dmarc=pass); dmarc=none header.from=x", "GRAY"),
        ("", None),
    ],
)
def test_what_the_sender_chose_decides_nothing(results, verdict):
    assert authentication(results).get("dmarc") == verdict


def test_of_several_signatures_all_have_to_pass():
    assert authentication("amazonses.com; dkim=pass header.i=@a; dkim=pass header.i=@b") == {"dkim": "PASS"}
    assert authentication("amazonses.com; dkim=pass header.i=@a; dkim=neutral header.i=@b") == {"dkim": "GRAY"}


@given(st.binary(max_size=400))
@example(RECEIVED.encode() + b"\r\n\r\n")
def test_of_any_bytes_it_is_read_or_said_what_is_missing(raw):
    with suppress(NotBySes):
        assert arrived("ses-1", "raw/ses-1", raw, set()).ses_id == "ses-1"
