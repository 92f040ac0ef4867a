from dataclasses import replace
from datetime import date, timedelta

import pytest

from cli.dmarc.advice import advise, percent
from cli.dmarc.gather import gather
from lambdas.shared.aggregates.report import DmarcReport, Policy, Row, Sender

GOOD = Row(
    source="54.240.8.12",
    count=100,
    disposition="none",
    dkim=True,
    spf=True,
    header_from="acme.test",
    signatures=(("acme.test", "q3w5e7", "pass"),),
)
SERVICE = Row(
    source="198.51.100.24",
    count=31,
    disposition="none",
    dkim=False,
    spf=False,
    header_from="acme.test",
    signatures=(("mcsv.example", "k1", "pass"),),
)
SPOOFED = Row(source="203.0.113.7", count=5000, disposition="none", dkim=False, spf=False, header_from="acme.test")
IN_PART = Row(
    source="54.240.8.13",
    count=1,
    disposition="none",
    dkim=False,
    spf=False,
    header_from="acme.test",
    envelope=(("amazonses.com", "pass"),),
)
FORWARDED = Row(
    source="203.0.113.5",
    count=40,
    disposition="none",
    dkim=False,
    spf=False,
    header_from="acme.test",
    overrides=("mailing_list",),
)


def sent(*, by="google.com", day=0, rows=(GOOD,), policy="none", domain="acme.test", **more):
    begin = (date(2026, 11, 1) + timedelta(days=day)).isoformat()
    report = DmarcReport(
        id=f"{by}-{day}",
        domain=domain,
        begin=f"{begin}T00:00:00.000Z",
        end=f"{begin}T23:59:59.000Z",
        organisation=by,
        contact="",
        policy=Policy(policy=policy, **more),
        rows=rows,
    )
    sender = Sender(organisation=by, contact="", domain=by, spf="PASS", dkim="PASS", dmarc="PASS", mail="ses-1")
    return report, sender


def advised(*found, **more):
    return advise(gather("acme.test", "2026-11-01", found, **more))


def weeks(*rows, days=14, policy="none", **more):
    """Reports of two reporters for so many days, these rows in the first of them."""
    first = [sent(by=by, rows=(GOOD, *rows), policy=policy, **more) for by in ("google.com", "yahoo.com")]
    return [*first, *(sent(day=day, policy=policy, **more) for day in range(1, days))]


def test_after_two_weeks_of_good_mail_it_is_safe_to_quarantine():
    found = advised(*weeks())
    assert (found.verdict, found.policy, found.next) == ("safe", "none", "quarantine")
    assert found.said == (
        'It is safe to go from none to quarantine: set `dmarc` of acme.test to "quarantine" in cdk.json, and deploy.'
    )
    assert [(check.said, check.holds) for check in found.checks] == [
        ("days with reports: 14 (at least 14)", True),
        ("mails that passed: 1,500 (at least 100)", True),
        ("who reports: 2 (at least 2)", True),
        ("mail of yours that is set up in part: none", True),
        ("mail of yours that passes, forwarded mail included: 100 % (at least 98 %)", True),
    ]


def test_spoofing_is_what_it_is_for_and_no_reason_to_wait():
    assert advised(*weeks(SPOOFED)).verdict == "safe"


@pytest.mark.parametrize(
    ("found", "lacking"),
    [
        (weeks(days=13), "days with reports: 13 (at least 14)"),
        ([sent(day=day) for day in range(14)], "who reports: 1 (at least 2)"),
        ([sent(day=day, rows=(replace(GOOD, count=3),)) for day in range(14)], "mails that passed: 42 (at least 100)"),
        (weeks(IN_PART), "mail of yours that is set up in part: 54.240.8.13 (2 mails as amazonses.com)"),
        (weeks(FORWARDED), "mail of yours that passes, forwarded mail included: 94.9 % (at least 98 %)"),
    ],
)
def test_a_condition_that_does_not_hold_is_a_reason_to_wait(found, lacking):
    advice = advised(*found)
    assert (advice.verdict, advice.next) == ("wait", "quarantine")
    assert advice.said.startswith("Leave acme.test at none for now: ")
    assert lacking in advice.said
    assert lacking in [check.said for check in advice.checks if not check.holds]


def test_where_only_you_know_whether_mail_is_yours_it_depends():
    advice = advised(*weeks(SERVICE))
    assert (advice.verdict, advice.doubtful) == ("depends", ("198.51.100.24",))
    assert advice.said.endswith("only if these are none of yours: 198.51.100.24 (62 mails as mcsv.example).")


def test_a_few_mails_that_may_be_yours_are_named_and_do_not_hinder():
    advice = advised(*weeks(replace(SERVICE, count=3)))
    assert advice.verdict == "safe"
    assert advice.said.endswith("It would hit 198.51.100.24 (6 mails as mcsv.example): see that none is yours.")


def test_two_weeks_of_quarantine_come_before_reject():
    assert advised(*weeks(policy="quarantine")).next == "reject"
    assert advised(*weeks(policy="quarantine")).verdict == "safe"
    late = [*weeks(days=20), sent(day=20, policy="quarantine")]
    assert advised(*late).said == (
        "Leave acme.test at quarantine for now: days with reports under p=quarantine: 1 (at least 14)."
    )


@pytest.mark.parametrize("part", [{"percent": 25}, {"testing": True}])
def test_a_policy_for_a_part_or_a_test_is_not_in_force(part):
    advice = advised(*weeks(policy="quarantine", **part))
    assert (advice.policy, advice.next) == ("none", "quarantine")


def test_reject_is_the_end_of_the_way():
    advice = advised(*weeks(SPOOFED, policy="reject"))
    assert (advice.verdict, advice.next) == ("done", "")


def test_a_domain_in_whose_name_there_is_only_spoofing_is_not_harmed():
    only = [sent(day=day, rows=(SPOOFED,), policy="quarantine") for day in range(14)]
    assert advised(*only).said == (
        "Leave acme.test at quarantine for now: mails that passed: 0 (at least 100); who reports: 1 (at least 2)."
    )


def test_a_policy_that_stops_mail_of_yours_is_told():
    assert advised(*weeks(IN_PART, policy="reject")).said == (
        "Mail of yours fails and is under p=reject: mend 54.240.8.13 (2 mails as amazonses.com)."
    )
    advice = advised(*weeks(FORWARDED, policy="quarantine"))
    assert advice.verdict == "harm"
    assert advice.said.startswith("Only 94.9 % of your mail passes, and the rest is under p=quarantine")


def test_reports_that_nothing_vouches_for_and_on_other_domains_do_not_count():
    report, sender = sent(rows=(SPOOFED,))
    found = gather("acme.test", "2026-11-01", [(report, replace(sender, domain="")), sent(domain="help.acme.test")])
    assert (found.reports, found.sources, found.left.reports, found.left.mails) == (0, (), 1, 5000)
    assert advise(found).verdict == "unseen"


def test_without_reports_it_is_told_how_they_come():
    assert advised(asked=False).said == (
        "No reports on acme.test: the stage has no `reports`, the setting that asks for them."
    )
    assert advised().said.endswith("if the DNS has the record that `mailroom dns` shows.")


def test_a_share_is_never_rounded_up():
    assert percent(0.99999) == "99.9 %"
    assert percent(1.0) == "100 %"


def test_of_a_day_the_later_report_says_what_is_in_force():
    """The table has the reports of a day by a hash."""
    later, sender = sent(policy="quarantine")
    found = [(replace(later, begin="2026-11-01T12:00:00.000Z"), sender), sent(by="yahoo.com", policy="none")]
    read = gather("acme.test", "2026-11-01", found)
    assert (read.policy.in_force, read.in_force) == ("quarantine", {"2026-11-01": "quarantine"})
