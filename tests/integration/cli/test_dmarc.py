"""`mailroom dmarc` on reports that are in the table, on the domain of stage example."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from cli import deployment
from lambdas.shared.aggregates import dmarc, tls
from lambdas.shared.aggregates.report import Sender
from lambdas.shared.aggregates.table import Reports
from lambdas.shared.timestamps import iso
from tests.report_mail import report
from tests.zone import serving

DATED = datetime(2026, 11, 22, tzinfo=UTC)


def days_ago(days):
    return iso(datetime.now(UTC) - timedelta(days=days))


@pytest.fixture
def put(account):
    """Keeps a report of tests/reports as if it had come about example.com: `put("google.xml", "google.com")`."""
    reports = Reports(boto3.resource("dynamodb").Table("reports"))

    def keep(name, by, days=1, domain="example.com", at="example.com"):
        if name.endswith(".xml"):
            found = dmarc.read(report(name).replace(b"acme.test", b"example.com"), DATED)
        else:
            [found] = tls.read(report(name).replace(b"acme.test", b"example.com"), "example.com", DATED)
        dated = replace(found, domain=domain, begin=days_ago(days), end=days_ago(days), id=f"{name}-{days}")
        sender = Sender(
            organisation=found.organisation, contact="", domain=by, spf="PASS", dkim="PASS", dmarc="PASS", mail="ses-1"
        )
        assert reports.put(at, dated, sender)

    return keep


def test_sources_are_shown_with_what_they_look_like_and_what_to_do(run, put):
    for days in range(1, 15):
        put("google.xml", "google.com", days)
    put("microsoft.xml", "microsoft.com")
    put("yahoo.xml", "yahoo.com", 2)
    put("tiny.xml", "")
    shown = run("dmarc", columns=120)
    since = (datetime.now(UTC).date() - timedelta(days=29)).isoformat()
    assert shown == [
        f"example.com, DMARC reports since {since} (UTC)",
        "",
        "5,930 mails in 16 reports: 97.3 % passed, 31 were quarantined or rejected. The policy in force: none",
        "",
        "source          mails   passed   DKIM    SPF     looks like",
        "54.240.8.12     5,773   100 %    100 %   100 %   passes: example.com, bounce.example.com, amazonses.com",
        "2001:db8::77    126     0 %      0 %     0 %     a server of yours, or spoofing",
        "198.51.100.24   31      0 %      0 %     0 %     a service to be set up, or a stranger: mcsv.example,",
        "                                                 mail24.mcsv.example",
        "",
        "reported by                          mails",
        "google.com                           5,894",
        "yahoo.com (Yahoo)                    31",
        "microsoft.com (Enterprise Outlook)   5",
        "",
        "Left out: 1 report on 2 mails, whose senders nothing vouches for.",
        "",
        'It is safe to go from none to quarantine: set `dmarc` of example.com to "quarantine" in cdk.json, and deploy, '
        "only if",
        "these are none of yours: 2001:db8::77 (126 mails), 198.51.100.24 (31 mails as mcsv.example).",
        "  ✓ days with reports: 14 (at least 14)",
        "  ✓ mails that passed: 5,773 (at least 100)",
        "  ✓ who reports: 3 (at least 2)",
        "  ✓ mail of yours that is set up in part: none",
        "  ✓ mail of yours that passes, forwarded mail included: 100 % (at least 98 %)",
    ]


def test_programs_get_the_same_as_json(run, put):
    put("google.xml", "google.com")
    told = run("dmarc", "--json")
    assert told["stage"] == "example"
    [domain] = told["domains"]
    assert (domain["domain"], domain["reports"], domain["mails"], domain["passed"]) == ("example.com", 1, 421, 412)
    assert domain["policy"] == {
        "policy": "none",
        "subdomains": "none",
        "percent": 100,
        "testing": False,
        "in_force": "none",
    }
    assert domain["sources"][1] == {
        "address": "2001:db8::77",
        "name": None,
        "mails": 9,
        "passed": 0,
        "dkim": 0,
        "spf": 0,
        "quarantined_or_rejected": 0,
        "looks": "spoofed",
        "failed": {"spoofed": 9},
        "passes_as": [],
        "fails_as": [],
        "days": 1,
    }
    assert domain["reporters"] == [{"domain": "google.com", "organisation": "google.com", "mails": 421}]
    assert domain["left_out"] == {"reports": 0, "mails": 0}
    assert (domain["advice"]["verdict"], domain["advice"]["next"]) == ("wait", "quarantine")


def test_only_what_was_asked_for_is_shown_and_advice_looks_at_thirty_days(run, put):
    put("google.xml", "google.com", 40)
    put("google.xml", "google.com", 3)
    put("google.xml", "google.com", 2, domain="help.example.com")
    [domain] = run("dmarc", "example.com", "--since", "50d", "--json")["domains"]
    assert (domain["mails"], domain["advice"]["checks"][0]["said"]) == (842, "days with reports: 1 (at least 14)")
    assert run("dmarc", "--since", "2d", "--json")["domains"][0]["mails"] == 0
    assert run("dmarc", "Help.example.com.", "--json")["domains"][0]["mails"] == 421


def test_names_are_asked_for_only_if_they_are_wanted(run, put, monkeypatch):
    put("google.xml", "google.com")
    with serving("12.8.240.54.in-addr.arpa PTR a8-12.smtp-out.amazonses.com") as zone:
        monkeypatch.setenv("MAILROOM_DNS", zone.address)
        assert "smtp-out" not in "".join(run("dmarc"))
        assert zone.asked == []
        shown = run("dmarc", "--names", columns=120)
        assert shown[5].startswith("54.240.8.12                    412")
        assert shown[6] == "a8-12.smtp-out.amazonses.com"
        assert {kind for _, kind, _ in zone.asked} == {"PTR"}


def test_tls_reports_are_shown_with_why_sessions_failed(run, put):
    put("tls-google.json", "google.com")
    put("tls-microsoft.json", "microsoft.com")
    put("tls-google.json", "", 2)
    assert run("dmarc", "--tls", "--since", "7d", columns=110)[2:] == [
        "130 sessions in 2 reports: 97.6 % succeeded, 3 failed",
        "",
        "policy            succeeded   failed",
        "sts (testing)     120         3",
        "no-policy-found   7           0",
        "",
        "sessions   failed because                        with our server   from",
        "2          the certificate is for another name   mx.old.example    2001:db8::19",
        "1          another fault of TLS                  mx.old.example    192.0.2.55",
        "",
        "reported by                             sessions",
        "google.com (Google Inc.)                123",
        "microsoft.com (Microsoft Corporation)   7",
        "",
        "Left out: 1 report, whose senders nothing vouches for.",
    ]
    [domain] = run("dmarc", "--tls", "--json")["domains"]
    assert (domain["succeeded"], domain["failed"], domain["left_out"]) == (127, 3, 1)
    assert domain["failures"][0] == {
        "result": "certificate-host-mismatch",
        "mx": "mx.old.example",
        "source": "2001:db8::19",
        "sessions": 2,
    }


def test_where_nothing_came_it_says_so(run, account):
    assert run("dmarc")[2].startswith("No reports on example.com in 30 days.")
    assert run("dmarc", "--tls")[2] == "None has come."


def test_a_domain_of_somebody_else_is_an_error(run, account):
    assert run("dmarc", "example.org", status=1) == (
        "Error: example.org is no domain of stage example, nor below one: these are example.com.\n"
    )


def test_a_stage_that_cannot_be_read_is_explained(run, account, monkeypatch, tmp_path):
    broken = {"region": "us-east-1", "domain": "example.com", "sender": "hello@example.com", "domains": None}
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"stages": {"example": broken}}}))
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    assert "cdk.json, stage example: domains: must be an object of domains by name" in run("dmarc", status=1)
