from cli.dmarc.sources import Seen, sources
from lambdas.shared.aggregates.report import Row

SES = "54.240.8.12"
OURS = (("acme.test", "q3w5e7", "pass"), ("amazonses.com", "6gbr", "pass"))


def row(source="192.0.2.1", count=1, **changes):
    given = {"disposition": "none", "dkim": False, "spf": False, "header_from": "acme.test"} | changes
    return Row(source=source, count=count, **given)


def seen(*rows, days=("2026-11-20",)):
    return sources([Seen(day=day, row=one) for day in days for one in rows], "acme.test")


def looks(*rows, **more):
    """What the last of these rows looks like."""
    return {source.address: source.kind for source in seen(*rows, **more)}[rows[-1].source]


def test_mail_by_ses_with_our_key_passes():
    [source] = seen(row(SES, 412, dkim=True, spf=True, signatures=OURS, envelope=(("bounce.acme.test", "pass"),)))
    assert (source.mails, source.passed, source.dkim, source.spf, source.kind) == (412, 412, 412, 412, "passes")
    assert sorted(source.through) == ["acme.test", "amazonses.com", "bounce.acme.test"]


def test_mail_by_ses_without_our_key_is_ours_set_up_in_part():
    envelope = (("eu-west-1.amazonses.com", "pass"),)
    assert looks(row(SES, signatures=(("amazonses.com", "6gbr", "pass"),), envelope=envelope)) == "ours"


def test_a_pass_for_a_name_below_the_domain_that_is_not_aligned_is_ours():
    assert looks(row(envelope=(("crm.acme.test", "pass"),))) == "ours"
    assert looks(row(envelope=(("notacme.test", "pass"),))) == "service"


def test_what_passes_for_another_domain_is_a_service_or_a_stranger():
    [source] = seen(row(signatures=(("mcsv.example", "k1", "pass"),), envelope=(("mail24.mcsv.example", "pass"),)))
    assert (source.kind, sorted(source.names)) == ("service", ["mail24.mcsv.example", "mcsv.example"])


def test_a_list_or_a_trusted_chain_forwards():
    for override in ("mailing_list", "forwarded", "trusted_forwarder", "arc"):
        assert looks(row(overrides=(override,), envelope=(("lists.example", "pass"),))) == "forwarded"
    assert looks(row(overrides=("sampled_out",))) == "spoofed"


def test_a_broken_signature_is_ours_only_by_a_key_that_passes_elsewhere():
    good = row(SES, dkim=True, signatures=OURS)
    broken = row("203.0.113.5", signatures=(("acme.test", "q3w5e7", "fail"),))
    assert looks(good, broken) == "forwarded"
    assert looks(broken) == "spoofed"
    assert looks(good, row("203.0.113.5", signatures=(("acme.test", "other", "fail"),))) == "spoofed"


def test_what_fails_at_an_address_whose_other_mail_passes_by_dkim_was_forwarded():
    [source] = seen(row(count=9, dkim=True, signatures=OURS), row(count=2))
    assert (source.kind, source.failed) == ("forwarded", {"forwarded": 2})


def test_where_nothing_passes_it_is_spoofing_unless_it_goes_on_for_a_week():
    week = [f"2026-11-{day:02}" for day in range(10, 17)]
    assert looks(row()) == "spoofed"
    assert looks(row(), days=week[:6]) == "spoofed"
    assert looks(row(), days=week) == "unknown"
    assert looks(row(source=""), days=week) == "spoofed"


def test_sources_are_counted_over_reports_and_the_largest_comes_first():
    found = seen(row("192.0.2.1", 2), row("192.0.2.2", 5, disposition="reject"), days=("2026-11-20", "2026-11-21"))
    assert [(source.address, source.mails, source.stopped) for source in found] == [
        ("192.0.2.2", 10, 10),
        ("192.0.2.1", 4, 0),
    ]
