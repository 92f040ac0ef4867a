from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.aggregates import dmarc, limits
from lambdas.shared.aggregates.report import Malformed, NoAggregate, NoReport, Policy, Row
from tests.report_mail import report

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(name):
    return dmarc.read(report(name), NOW)


def changed(name, *changes):
    written = report(name)
    for old, new in changes:
        assert old in written
        written = written.replace(old, new)
    return dmarc.read(written, NOW)


def refused(content):
    with pytest.raises(NoAggregate) as fault:
        dmarc.read(content, NOW)
    return f"{type(fault.value).__name__}: {fault.value}"


def test_googles_report_is_read_whole():
    found = read("google.xml")
    assert (found.id, found.domain) == ("7213349560488123456", "acme.test")
    assert (found.begin, found.end) == ("2026-11-20T00:00:00.000Z", "2026-11-20T23:59:59.000Z")
    assert (found.organisation, found.contact) == ("google.com", "noreply-dmarc-support@google.com")
    assert found.policy == Policy(policy="none", subdomains="none")
    assert found.rows == (
        Row(
            source="54.240.8.12",
            count=412,
            disposition="none",
            dkim=True,
            spf=True,
            header_from="acme.test",
            signatures=(
                ("acme.test", "q3w5e7", "pass"),
                ("amazonses.com", "6gbrjpgwjskckoa6a5zn6fwqkn67xbtw", "pass"),
            ),
            envelope=(("bounce.acme.test", "pass"),),
        ),
        Row(
            source="2001:db8::77",
            count=9,
            disposition="none",
            dkim=False,
            spf=False,
            header_from="acme.test",
            envelope=(("mailer.example.net", "softfail"),),
        ),
    )


def test_records_of_microsoft_that_differ_only_in_whom_they_went_to_are_one_row():
    found = read("microsoft.xml")
    assert found.organisation == "Enterprise Outlook"
    assert [(row.source, row.count) for row in found.rows] == [("54.240.8.12", 5)]


def test_yahoos_report_on_one_line_has_a_policy_for_a_part_of_the_mail():
    found = read("yahoo.xml")
    assert found.policy == Policy(policy="quarantine", percent=25)
    assert found.policy.in_force == "none"
    [row] = found.rows
    assert (row.disposition, row.passed, row.signatures) == (
        "quarantine",
        False,
        (("mcsv.example", "k1", "pass"),),
    )


def test_overrides_tell_of_lists_and_of_chains_that_are_trusted():
    [row] = read("fastmail.xml").rows
    assert row.overrides == ("mailing_list", "arc")
    assert row.signatures[0] == ("acme.test", "q3w5e7", "fail")


def test_a_report_of_rfc_9990_is_read_too():
    found = read("rfc9990.xml")
    assert found.domain == "acme.test"
    assert found.policy == Policy(policy="reject", subdomains="quarantine", testing=True)
    assert found.policy.in_force == "quarantine"
    [row] = found.rows
    assert (row.source, row.disposition, row.dkim, row.spf) == ("192.0.2.9", "pass", True, False)


def test_prefixes_and_capitals_mean_nothing():
    found = read("prefixed.xml")
    assert found.organisation == "Post über Land"
    assert [(row.source, row.dkim, row.spf) for row in found.rows] == [("192.0.2.44", True, False)]


def test_the_faults_of_a_tiny_sender_cost_no_more_than_they_are_about():
    found = read("tiny.xml")
    assert (found.organisation, found.contact) == ("Fish & Chips Hosting", "Postmaster <postmaster@fish.example>")
    assert (found.begin, found.end) == ("2026-11-20T00:00:00.000Z", "2026-11-20T00:00:00.000Z")
    assert len(found.id) == 64
    assert found.rows == (
        Row(
            source="",
            count=2,
            disposition="",
            dkim=False,
            spf=False,
            header_from="acme.test",
            envelope=(("acme.test", "fail"),),
            overrides=("other",),
        ),
    )


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", "utf-8"), ("utf-8", "utf-16"), ("utf-16", "utf-16"), ("cp1252", "utf-8"), ("utf-16-le", "utf-8")],
)
def test_an_encoding_is_that_of_the_bytes_whatever_is_declared(encoding, declared):
    text = report("google.xml").decode().replace("UTF-8", declared).replace("<org_name>google.com", "<org_name>Käse")
    assert dmarc.read(text.encode(encoding), NOW).organisation == "Käse"


@pytest.mark.parametrize("begin", [b"1795132800", b"1795132800.0", b"1795132800000", b"2026-11-20T01:00:00+01:00"])
def test_times_are_read_in_every_form_that_senders_write(begin):
    assert changed("google.xml", (b"1795132800", begin)).begin == "2026-11-20T00:00:00.000Z"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"1795219199", b"1999999999", "Malformed: its period is 2026-11-20T00:00:00.000Z to 2033-05-18"),
        (b"1795219199", b"9999-12-31T23:00:00Z", "Malformed: its period is 2026-11-20T00:00:00.000Z to 9999-12-31"),
        (b"1795132800", b"1695132800", "Malformed: its period is 2023-09-19T14:13:20.000Z to"),
        (b"<domain>acme.test</domain>\n    <adkim>", b"<adkim>", "Malformed: it does not say which domain"),
        (b"<count>", b"<count>-", "Malformed: it has no record with a count"),
        (b"</feedback>", b"", "Malformed: no XML: "),
        (b"feedback>", b"html>", "NoReport: its root is <html>"),
    ],
)
def test_what_is_no_report_that_can_be_counted_is_refused_with_its_reason(old, new, fault):
    content = report("google.xml")
    assert old in content
    assert refused(content.replace(old, new)).startswith(fault)


def test_a_period_without_any_time_is_refused():
    content = report("google.xml").replace(b"1795132800", b"today").replace(b"1795219199", b"")
    assert refused(content) == "Malformed: its period is 'today' to '', which are no times"


def test_a_document_type_is_refused_before_its_entities_are_read():
    bomb = b'<!DOCTYPE feedback [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 50 + b'">]><feedback>&b;</feedback>'
    assert refused(bomb).startswith("Malformed: it has a document type declaration")
    outside = b'<!DOCTYPE feedback SYSTEM "file:///etc/passwd"><feedback/>'
    assert refused(outside).startswith("Malformed: it has a document type declaration")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<feedback>" + b"<a>" * 30, "TooLarge: elements nested more than 20 deep"),
        (b"<feedback>" + b"<a/>" * 1_000, "TooLarge: more than 1000 elements"),
        (b"<feedback " + b" ".join(b'a%d=""' % n for n in range(30_000)) + b"/>", "TooLarge: a tag of more than 65536"),
        (b"<feedback><!--" + b"x" * 200_000 + b"--></feedback>", "TooLarge: a tag of more than 65536"),
    ],
)
def test_xml_that_is_only_large_is_refused(content, fault, monkeypatch):
    monkeypatch.setattr(limits, "ELEMENTS", 1_000)
    assert refused(content).startswith(fault)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["google.xml", "fastmail.xml", "tiny.xml", "rfc9990.xml"]),
    st.integers(0, 3_000),
    st.integers(0, 40),
    st.binary(max_size=30),
)
def test_whatever_is_damaged_is_a_report_or_refused(name, start, length, written):
    content = report(name)
    damaged = content[:start] + written + content[start + length :]
    try:
        found = dmarc.read(damaged, NOW)
    except (Malformed, NoReport):
        return
    assert found.domain
    assert all(row.count > 0 for row in found.rows)
