import json

import pytest

from cli.doctor.alignment import alignment
from cli.doctor.dns import dns
from cli.doctor.names import Names, names
from tests.unit.cli.doctor.conftest import recorded, refused, stack
from tests.zone import AMAZON, looking_up

VERIFIED = recorded("identity-verified", "GetEmailIdentity")
KEYS = "\n".join(
    f"{token}._domainkey.acme.test CNAME {token}.dkim.eu-west-1.amazonses.com"
    for token in ("t1lk2v7xq3c5", "m8dwz4hyr0pa", "u6nfb9sje1go")
)
ZONE = f"""
{AMAZON}
{KEYS}
bounce.acme.test MX 10 feedback-smtp.eu-west-1.amazonses.com
bounce.acme.test TXT "v=spf1 include:amazonses.com ~all"
_dmarc.acme.test TXT "v=DMARC1; p=none"
acme.test MX 10 inbound-smtp.eu-west-1.amazonaws.com
"""


@pytest.fixture
def looked(case):
    def run(check, *, zone=ZONE, said=VERIFIED, **more):
        return [(line.level, line.said) for line in check(case(zone=zone, sesv2={"get_email_identity": said}, **more))]

    return run


def test_all_records_are_as_they_should_be(looked):
    assert looked(dns) == [("ok", "7 records are as they should be")]


def test_a_record_that_is_not_right_says_what_is_there_and_what_should_be(looked):
    lines = looked(
        dns, zone=ZONE.replace("acme.test MX 10 inbound-smtp.eu-west-1", "acme.test MX 10 inbound-smtp.us-east-1")
    )
    [(level, said)] = lines
    assert level == "error"
    assert said.startswith(
        "acme.test MX is wrong; there is 10 inbound-smtp.us-east-1.amazonaws.com: it should be 10 inb"
    )


def test_before_a_deployment_a_missing_record_is_a_warning(looked):
    lines = looked(dns, zone=AMAZON, said=refused("GetEmailIdentity", "NotFoundException"), stacks=())
    assert {level for level, _ in lines} == {"warning"}
    assert "the records of its keys are not known" in lines[0][1]


def test_what_ses_does_not_tell_hinders_no_other_record(looked):
    lines = looked(dns, said=refused("GetEmailIdentity"))
    assert lines == [
        ("warning", "not looked at: these credentials may not ses:GetEmailIdentity"),
        ("ok", "4 records are as they should be"),
    ]


@pytest.fixture
def own(case):
    """Makes a case of a domain with keys of its own, whose secret has these selectors, the newest first."""

    def make(*selectors, signs, zone=ZONE, **stage):
        held = [
            {"selector": one, "public": "MIIBIjAN", "private": "x", "made": "2026-11-20T10:00:00Z"} for one in selectors
        ]
        return case(
            zone=zone,
            stage={"dkim": "own"} | stage,
            stacks=[stack("Identity", outputs={"DkimSecret": "arn:secret"})],
            sesv2={"get_email_identity": VERIFIED | {"DkimAttributes": signs}},
            secretsmanager={"get_secret_value": {"SecretString": json.dumps({"keys": held})}},
        )

    return make


def test_a_key_of_ones_own_is_looked_for_as_the_stage_s_secret_has_it(own):
    signs = {"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["mailroom20261122"], "Status": "PENDING"}
    [line] = dns(own("mailroom20261122", signs=signs))
    assert (line.level, line.said) == (
        "error",
        "mailroom20261122._domainkey.acme.test TXT is missing: it should be p=MIIBIjAN. Add it.",
    )


@pytest.mark.parametrize(
    ("stage", "mend"),
    [
        ({}, "shows it, to be added to the DNS"),
        ({"hosted_zone": {"id": "Z0123456789ACME", "name": "acme.test"}}, "makes it in the hosted zone"),
    ],
)
def test_while_a_key_waits_and_another_signs_the_record_of_the_next_is_no_error(own, stage, mend):
    signs = {"SigningAttributesOrigin": "EXTERNAL", "Tokens": ["old"], "Status": "SUCCESS"}
    there = f'{ZONE}\nold._domainkey.acme.test TXT "p=MIIBIjAN"'
    [line] = dns(own("next", "old", signs=signs, zone=there, **stage))
    assert (line.level, line.mend) == ("warning", f"`mailroom --stage shop dkim rotate acme.test` {mend}")
    assert line.said.startswith("next._domainkey.acme.test TXT is missing: ")
    assert line.said.endswith(" Add it. Nothing is signed with this key yet.")
    lines = {line.said.partition(".")[0]: line.level for line in dns(own("next", "old", signs=signs))}
    assert lines == {"next": "warning", "old": "error"}


@pytest.mark.parametrize(("status", "level"), [("SUCCESS", "warning"), ("PENDING", "error")])
def test_the_first_key_s_record_is_missed_at_once_only_if_ses_signs_with_none_of_its_own(own, status, level):
    [line] = dns(own("first", signs=VERIFIED["DkimAttributes"] | {"Status": status}))
    assert (line.level, line.said.partition(".")[0]) == (level, "first")


def test_what_nobody_knows_is_told_once(case):
    names = {"_dmarc.acme.test", "bounce.acme.test", "acme.test"}
    made = case(sesv2={"get_email_identity": VERIFIED})
    made.names = Names(look_up=looking_up(ZONE, failing=names))
    [line] = dns(made)
    assert (line.level, line.said) == (
        "warning",
        "Nobody knows: SERVFAIL. So of bounce.acme.test, _dmarc.acme.test, acme.test",
    )


def test_the_dns_of_a_laptop_is_asked_only_if_one_says_where(case, monkeypatch):
    monkeypatch.delenv("MAILROOM_DNS", raising=False)
    made = case(sesv2={"get_email_identity": VERIFIED})
    made.names = names(laptop=True)
    [line] = dns(made)
    assert line.said == "not looked at: on this laptop nothing depends on the DNS"
    monkeypatch.setenv("MAILROOM_DNS", "nonsense")
    made.names = names(laptop=True)
    [line] = dns(made)
    assert "MAILROOM_DNS must be the IP address and the port of a resolver" in line.said


def test_our_mail_passes_by_dkim_and_by_spf(looked):
    [(level, said)] = looked(alignment)
    by = "DKIM is of acme.test (aligned), SPF of bounce.acme.test (aligned)"
    assert (level, said) == ("ok", f"mail from acme.test: {by}: DMARC passes by both")


@pytest.mark.parametrize(
    ("record", "dkim", "mail_from", "level", "words"),
    [
        ("v=DMARC1; p=none", "SUCCESS", "FAILED", "warning", "SPF of amazonses.com (not aligned): DMARC rests on DKIM"),
        ("v=DMARC1; p=none", "PENDING", "SUCCESS", "warning", "DKIM is of amazonses.com (not aligned)"),
        ("v=DMARC1; p=none; aspf=s", "SUCCESS", "SUCCESS", "warning", "SPF of bounce.acme.test (not aligned)"),
        ("v=DMARC1; p=none", "PENDING", "PENDING", "warning", "DMARC fails, and acme.test asks for nothing (p=none)"),
        ("v=DMARC1; p=reject", "PENDING", "PENDING", "error", "DMARC fails, and acme.test asks receivers for p=reject"),
    ],
)
def test_who_vouches_for_our_mail(looked, record, dkim, mail_from, level, words):
    said = VERIFIED | {
        "DkimAttributes": VERIFIED["DkimAttributes"] | {"Status": dkim},
        "MailFromAttributes": VERIFIED["MailFromAttributes"] | {"MailFromDomainStatus": mail_from},
    }
    [(found, text)] = looked(alignment, zone=f'_dmarc.acme.test TXT "{record}"', said=said)
    assert found == level
    assert words in text


def test_a_policy_that_nobody_knows_is_none_that_is_weak(case):
    said = VERIFIED | {
        "DkimAttributes": VERIFIED["DkimAttributes"] | {"Status": "PENDING"},
        "MailFromAttributes": VERIFIED["MailFromAttributes"] | {"MailFromDomainStatus": "PENDING"},
    }
    made = case(sesv2={"get_email_identity": said})
    made.names = Names(look_up=looking_up("", failing={"_dmarc.acme.test"}))
    [line] = alignment(made)
    assert (line.level, "DMARC fails, and nobody knows what acme.test asks for" in line.said) == ("warning", True)
    made.names = Names(look_up=looking_up('_dmarc.acme.test TXT "v=DMARC1; p=reject"\n_dmarc.acme.test TXT "v=DMARC1"'))
    [line] = alignment(made)
    assert (line.level, "acme.test asks for nothing" in line.said) == ("warning", True)


def test_a_sub_domain_is_held_to_the_record_above_it(looked):
    box = [{"name": "Support", "address": "support@help.acme.test"}]
    lines = looked(alignment, zone='_dmarc.acme.test TXT "v=DMARC1; p=reject; adkim=s"', stage={"mailboxes": box})
    assert [level for level, _ in lines] == ["ok", "warning"]
    assert lines[1][1].startswith("mail from help.acme.test: DKIM is of acme.test (not aligned), SPF of bounce")


def test_a_single_address_is_vouched_for_by_nobody(looked):
    trial = {"domain": None, "mailboxes": None, "address": "mia@mail.example", "sender": "Mia <mia@mail.example>"}
    zone = '_dmarc.mail.example TXT "v=DMARC1; p=quarantine"'
    [(level, said)] = looked(alignment, zone=zone, stage=trial)
    assert (level, "DMARC fails, and mail.example asks receivers for p=quarantine" in said) == ("error", True)
