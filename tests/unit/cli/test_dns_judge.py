import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.dns.answer import FOUND, Answer
from cli.dns.judge import judge, questions
from infra.records import Record
from tests.zone import AMAZON, looking_up

KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"
WANTED = {
    "dkim": ("t1._domainkey.acme.test", "CNAME", "t1.dkim.amazonses.com"),
    "own_key": ("mr1._domainkey.acme.test", "TXT", f'"v=DKIM1; k=rsa; p={KEY}" "QAB"'),
    "mail_from_mx": ("bounce.acme.test", "MX", "10 feedback-smtp.eu-west-1.amazonses.com"),
    "mail_from_spf": ("bounce.acme.test", "TXT", '"v=spf1 include:amazonses.com ~all"'),
    "dmarc": ("_dmarc.acme.test", "TXT", '"v=DMARC1; p=quarantine; rua=mailto:reports@acme.test"'),
    "inbound_mx": ("help.acme.test", "MX", "10 inbound-smtp.eu-west-1.amazonaws.com"),
    "tracking": ("click.acme.test", "CNAME", "d111.cloudfront.net"),
    "report_authorization": ("acme.test._report._dmarc.reports.test", "TXT", '"v=DMARC1"'),
    "tls_rpt": ("_smtp._tls.help.acme.test", "TXT", '"v=TLSRPTv1; rua=mailto:reports@acme.test"'),
    "mta_sts": ("_mta-sts.help.acme.test", "TXT", '"v=STSv1; id=ab12"'),
}


def record(purpose, **changed):
    name, kind, value = WANTED[purpose]
    own = {"name": name, "type": kind, "value": value, "purpose": "dkim" if purpose == "own_key" else purpose}
    return Record(**({"id": purpose, "domain": "acme.test"} | own | changed))


def found(purpose, text="", failing=(), **changed):
    [finding] = judge([record(purpose, **changed)], looking_up(f"{AMAZON}\n{text}", failing))
    return finding


def state(purpose, text="", failing=()):
    return found(purpose, text, failing).state


@pytest.mark.parametrize("purpose", WANTED)
def test_a_record_as_it_is_wanted_is_present_however_it_is_written(purpose):
    name, kind, value = WANTED[purpose]
    for written in (
        f"{name.upper()}. 60 {kind} {value}",
        f"{name} {kind} {value if kind == 'TXT' else value.upper()}.",
    ):
        finding = found(purpose, written.replace('".', '"'))
        assert (finding.state, finding.said) == ("present", "")


@pytest.mark.parametrize("purpose", WANTED)
def test_a_name_that_has_nothing_lacks_its_record(purpose):
    finding = found(purpose)
    assert (finding.state, finding.found, finding.said, finding.ttl) == ("missing", (), "Add it.", 300)


@pytest.mark.parametrize("purpose", WANTED)
def test_a_look_up_that_failed_says_nothing_of_its_record(purpose):
    finding = found(purpose, failing={WANTED[purpose][0]})
    assert (finding.state, finding.said) == ("unknown", "Nobody knows: SERVFAIL.")


@pytest.mark.parametrize("purpose", [purpose for purpose, wanted in WANTED.items() if wanted[1] == "TXT"])
def test_texts_of_other_kinds_are_no_record_of_the_kind_and_no_harm(purpose):
    if purpose == "own_key":
        return
    finding = found(purpose, f'{WANTED[purpose][0]} TXT "google-site-verification=x"')
    assert (finding.state, finding.found) == ("missing", ("google-site-verification=x",))
    assert "a wildcard, perhaps" in finding.said


def test_texts_in_pieces_are_joined_without_blanks():
    assert state("mail_from_spf", 'bounce.acme.test TXT "v=spf1 include:ama" "zonses.com ~all"') == "present"
    assert state("mail_from_spf", 'bounce.acme.test TXT "v=spf1" "include:amazonses.com ~all"') == "missing"


# Wildcards


@pytest.mark.parametrize(
    ("purpose", "wildcard"),
    [
        ("dkim", "A 192.0.2.1"),
        ("tracking", "CNAME shop.example"),
        ("mail_from_mx", "CNAME shop.example"),
        ("mail_from_spf", 'TXT "v=spf1 -all"'),
        ("inbound_mx", "MX 10 mx.google.com"),
    ],
)
def test_what_a_wildcard_answers_is_in_nobodys_way(purpose, wildcard):
    finding = found(purpose, f"*.acme.test {wildcard}\nshop.example A 192.0.2.1")
    assert (finding.state, bool(finding.found)) == ("missing", True)
    assert "What is there is a wildcard's" in finding.said
    assert state(purpose, f"{WANTED[purpose][0]} {wildcard}") in ("wrong", "conflicting")


# MX


def test_another_preference_makes_no_difference_to_a_single_mx():
    assert state("mail_from_mx", "bounce.acme.test MX 20 feedback-smtp.eu-west-1.amazonses.com") == "present"


def test_an_mx_of_another_region_is_wrong_and_one_of_another_provider_conflicts():
    finding = found("mail_from_mx", "bounce.acme.test MX 10 feedback-smtp.us-east-1.amazonses.com")
    assert (finding.state, finding.found) == ("wrong", ("10 feedback-smtp.us-east-1.amazonses.com",))
    assert finding.should_be == "10 feedback-smtp.eu-west-1.amazonses.com"
    finding = found("inbound_mx", "help.acme.test MX 1 aspmx.l.google.test")
    assert finding.state == "conflicting"
    assert "receive at a sub-domain of its own" in finding.said


@pytest.mark.parametrize("purpose", ["mail_from_mx", "inbound_mx"])
def test_a_second_mx_conflicts(purpose):
    name, _, value = WANTED[purpose]
    finding = found(purpose, f"{name} MX {value}\n{name} MX 20 mx.old.test")
    assert (finding.state, finding.found) == ("conflicting", (value, "20 mx.old.test"))


def test_a_domain_that_says_that_it_takes_no_mail_is_wrong():
    assert state("inbound_mx", "help.acme.test MX 0 .") == "wrong"


# CNAME


def test_a_cname_to_elsewhere_is_wrong():
    finding = found("dkim", "t1._domainkey.acme.test CNAME t2.dkim.amazonses.com")
    assert (finding.state, finding.found) == ("wrong", ("t2.dkim.amazonses.com",))


def test_a_cname_is_not_added_beside_others():
    finding = found("tracking", 'click.acme.test A 192.0.2.1\nclick.acme.test TXT "x"')
    assert (finding.state, finding.found) == ("conflicting", ("A 192.0.2.1", "TXT x"))
    assert finding.said.endswith("(a proxy, flattening): switch that off.")
    finding = found("tracking", 'click.acme.test CNAME d111.cloudfront.net\nclick.acme.test TXT "x"')
    assert (finding.state, finding.found) == ("conflicting", ("d111.cloudfront.net", "TXT x"))


def test_what_a_cname_leads_to_is_not_beside_it():
    text = "click.acme.test CNAME d111.cloudfront.net\nd111.cloudfront.net A 192.0.2.1"
    assert state("tracking", text) == "present"


def test_a_text_over_a_cname_counts_if_it_is_what_is_wanted():
    text = '_dmarc.acme.test CNAME acme.provider.test\nacme.provider.test TXT "v=DMARC1; p=reject; rua=mailto:{}"'
    finding = found("dmarc", text.format("reports@acme.test"))
    assert (finding.state, finding.found[1:]) == ("present", ("CNAME acme.provider.test",))
    finding = found("dmarc", text.format("x@provider.test"))
    assert finding.state == "conflicting"
    assert finding.said.startswith("The name is a CNAME to acme.provider.test, and a CNAME stands alone")
    assert finding.should_be == "v=DMARC1; p=reject; rua=mailto:x@provider.test,mailto:reports@acme.test"


def test_a_cname_beside_the_record_conflicts():
    text = "help.acme.test MX 10 inbound-smtp.eu-west-1.amazonaws.com\nhelp.acme.test CNAME acme.test"
    assert state("inbound_mx", text) == "conflicting"


# TXT


def test_two_spf_records_conflict_and_so_do_eleven_look_ups():
    one = 'bounce.acme.test TXT "v=spf1 include:amazonses.com ~all"'
    assert state("mail_from_spf", f'{one}\nbounce.acme.test TXT "v=spf1 a -all"') == "conflicting"
    many = "\n".join(f'i{number}.test TXT "v=spf1 -all"' for number in range(10))
    includes = " ".join(f"include:i{number}.test" for number in range(10))
    finding = found("mail_from_spf", f'bounce.acme.test TXT "v=spf1 include:amazonses.com {includes}"\n{many}')
    assert finding.state == "conflicting"
    assert "takes 11 look-ups" in finding.said


def test_an_spf_record_without_ses_or_with_a_fault_is_wrong():
    assert found("mail_from_spf", 'bounce.acme.test TXT "v=spf1 a:ses.test -all"\nses.test A 192.0.2.1').said == (
        "It lacks include:amazonses.com, by which SES's servers pass."
    )
    finding = found("mail_from_spf", 'bounce.acme.test TXT "v=spf1 include:amazonses.com include:gone.test"')
    assert finding.state == "wrong"
    assert "gone.test has no SPF record" in finding.said


def test_what_an_spf_record_includes_may_be_unknown():
    zone = 'bounce.acme.test TXT "v=spf1 include:{} ~all"'
    assert state("mail_from_spf", zone.format("other.test"), failing={"other.test"}) == "unknown"
    finding = found("mail_from_spf", zone.format("amazonses.com"), failing={"amazonses.com"})
    assert (finding.state, finding.said[:42]) == ("present", "What it includes could not be counted: TXT")


@pytest.mark.parametrize(
    ("there", "state", "should_be"),
    [
        ("p=quarantine; rua=mailto:Reports@Acme.test!10m", "present", None),
        ("p=reject; pct=20; rua=mailto:a@b.test,mailto:reports@acme.test", "present", None),
        ("P=REJECT;RUA=MAILTO:reports@acme.test;", "present", None),
        ("p=reject; hello; x=y; rua=mailto:reports@acme.test", "present", None),
        ("p=reject", "wrong", "p=reject; rua=mailto:reports@acme.test"),
        (
            "p=none; rua=mailto:a@b.test; adkim=s",
            "wrong",
            "p=quarantine; rua=mailto:a@b.test,mailto:reports@acme.test; adkim=s",
        ),
        ("p=quarantine; pct=50; rua=mailto:reports@acme.test", "wrong", "p=quarantine; rua=mailto:reports@acme.test"),
        ("p=quarantine; t=y; rua=mailto:reports@acme.test", "wrong", "p=quarantine; rua=mailto:reports@acme.test"),
        ("rua=mailto:reports@acme.test; sp=reject", "wrong", "p=quarantine; rua=mailto:reports@acme.test; sp=reject"),
        ("p=everything; rua=mailto:reports@acme.test", "wrong", "p=quarantine; rua=mailto:reports@acme.test"),
        ("p=reject; p=none; rua=mailto:reports@acme.test", "wrong", "p=reject; rua=mailto:reports@acme.test"),
    ],
)
def test_a_stricter_policy_satisfies_ours_and_what_is_there_is_kept(there, state, should_be):
    finding = found("dmarc", f'_dmarc.acme.test TXT "v=DMARC1; {there}"')
    assert (finding.state, finding.should_be) == (state, f"v=DMARC1; {should_be or there}")


def test_two_dmarc_records_conflict():
    one = '_dmarc.acme.test TXT "v=DMARC1; p=reject"'
    assert state("dmarc", f'{one}\n_dmarc.acme.test TXT "v=DMARC1;p=none"') == "conflicting"
    assert state("dmarc", f'{one}\n_dmarc.acme.test TXT "v=spf1 -all"') == "wrong"


NEWS = {"domain": "news.eu.acme.test", "name": "_dmarc.news.eu.acme.test", "value": '"v=DMARC1; p=quarantine"'}
ABOVE = '_dmarc.acme.test TXT "v=DMARC1; p=none; sp={}; np=none; rua=mailto:a@b.test"'


def test_a_policy_is_inherited_from_the_organizational_domain():
    finding = found("dmarc", ABOVE.format("reject") + '\n_dmarc.eu.acme.test TXT "v=DMARC1; p=none"', **NEWS)
    assert (finding.state, finding.should_be) == ("present", "v=DMARC1; p=reject; rua=mailto:a@b.test")
    assert finding.said.startswith("acme.test has one that holds here too, p=reject.")


def test_an_inherited_policy_that_is_weaker_asks_for_a_record_of_its_own():
    finding = found("dmarc", ABOVE.format("none"), **NEWS)
    assert (finding.state, finding.should_be) == ("missing", "v=DMARC1; p=quarantine; rua=mailto:a@b.test")


def test_a_domain_above_ends_the_search_by_saying_that_it_is_the_organizational_one():
    text = ABOVE.format("none") + '\n_dmarc.eu.acme.test TXT "v=DMARC1; p=reject; psd=n"'
    assert found("dmarc", text, **NEWS).state == "present"
    assert found("dmarc", '_dmarc.test TXT "v=DMARC1; p=reject; psd=y"', **NEWS).state == "missing"


def test_nobody_knows_what_is_inherited_where_a_look_up_fails():
    finding = found("dmarc", failing={"_dmarc.eu.acme.test"}, **NEWS)
    assert finding.state == "unknown"
    assert "whether eu.acme.test has one" in finding.said


@pytest.mark.parametrize(
    ("there", "state"),
    [
        (f'"p={KEY} QAB"', "present"),
        (f'"v=DKIM1; p=" "{KEY}QAB;"', "present"),
        ('"v=DKIM1; p="', "wrong"),
        (f'"v=DKIM1; p={KEY}QAC"', "wrong"),
        ('"hello"', "wrong"),
    ],
)
def test_a_key_of_our_own_is_compared_without_blanks(there, state):
    assert found("own_key", f"mr1._domainkey.acme.test TXT {there}").state == state


def test_two_keys_at_a_name_conflict():
    name = "mr1._domainkey.acme.test"
    assert state("own_key", f'{name} TXT "p={KEY}QAB"\n{name} TXT "p=old"') == "conflicting"


def test_one_authorization_is_enough_and_two_policies_for_tls_are_none():
    name = "acme.test._report._dmarc.reports.test"
    assert (
        state("report_authorization", f'{name} TXT "v=DMARC1;"\n{name} TXT "v=DMARC1; rua=mailto:x@y.test"')
        == "present"
    )
    name = "_smtp._tls.help.acme.test"
    report = "v=TLSRPTv1; rua=mailto:reports@acme.test"
    assert state("tls_rpt", f'{name} TXT "{report}"\n{name} TXT "v=TLSRPTv1;rua=mailto:b@c.test"') == "conflicting"
    name = "_mta-sts.help.acme.test"
    assert state("mta_sts", f'{name} TXT "v=STSv1; id=ab12"\n{name} TXT "v=STSv1; id=ab13"') == "conflicting"


def test_reports_of_tls_go_to_both_and_an_old_policy_is_wrong():
    finding = found("tls_rpt", '_smtp._tls.help.acme.test TXT "v=TLSRPTv1;rua=https://r.test/x"')
    assert (finding.state, finding.should_be) == ("wrong", "v=TLSRPTv1; rua=https://r.test/x,mailto:reports@acme.test")
    finding = found("mta_sts", '_mta-sts.help.acme.test TXT "v=STSv1; id=20250101;"')
    assert (finding.state, finding.should_be) == ("wrong", "v=STSv1; id=ab12")


@settings(max_examples=300)
@given(
    values=st.lists(st.text(max_size=80) | st.text(alphabet="vV=DMARCS1TLRPp; ;rua:mailto,!_", max_size=80), max_size=3)
)
def test_no_answer_is_too_odd_for_a_finding(values):
    def look_up(name, kind):
        hosts = [f"10 {value}" for value in values]
        return Answer(outcome=FOUND, values=tuple(hosts if kind == "MX" else values))

    findings = judge([record(purpose) for purpose in WANTED], look_up)
    assert [finding.record.id for finding in findings] == list(WANTED)
    assert {finding.state for finding in findings} <= {"present", "missing", "wrong", "conflicting"}


def test_what_will_be_looked_up_is_known_before():
    zone = looking_up("x.test A 192.0.2.1")
    records = [record(purpose) for purpose in ("dkim", "inbound_mx")]
    assert list(questions(records)) == [
        ("t1._domainkey.acme.test", "CNAME"),
        ("t1._domainkey.acme.test", "CNAME"),
        ("t1._domainkey.acme.test", "A"),
        ("t1._domainkey.acme.test", "AAAA"),
        ("t1._domainkey.acme.test", "MX"),
        ("t1._domainkey.acme.test", "TXT"),
        ("help.acme.test", "MX"),
        ("help.acme.test", "CNAME"),
    ]
    judge(records, zone)
    assert {(name, kind) for name, kind, _ in zone.zone.asked} == set(questions(records))
