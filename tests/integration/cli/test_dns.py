"""`mailroom dns` against a zone served here, for stages in an account and on the laptop."""

import json

import boto3
import dns.rdata
import dns.zone
import pytest
from botocore.stub import Stubber

from cli import deployment
from cli.deployment import AwsFailed, Deployment, NotDeployed
from cli.dmarc import gather
from cli.dmarc.advice import Advice
from cli.dns import keys, look_up
from cli.dns.look_up import LookUps, resolver
from local.server import Running
from tests.zone import AMAZON, GARBAGE, REFUSED, SERVFAIL, TIMEOUT, TRUNCATED, serving

STAGES = {
    "example": {
        "region": "eu-west-1",
        "domain": "acme.test",
        "sender": "Acme <hello@acme.test>",
        "dmarc": "quarantine",
        "mailboxes": [{"name": "Support", "address": "support@help.acme.test"}],
        "mta_sts": "testing",
    },
    "hosted": {
        "region": "eu-west-1",
        "domain": "acme.test",
        "sender": "hello@acme.test",
        "hosted_zone": {"id": "Z0123456789ABC", "name": "acme.test"},
    },
    "trial": {"region": "eu-west-1", "address": "me@acme.test", "sender": "me@acme.test"},
    "local": {"account": "000000000000", "region": "us-east-1", "domain": "acme.test", "sender": "hello@acme.test"},
    "broken": {"region": "Ireland", "domain": "acme.test", "sender": "hello@acme.test"},
}
DKIM = "\n".join(f"t{number}._domainkey.acme.test CNAME t{number}.dkim.eu.amazonses.test" for number in (1, 2, 3))
ALL = f"""
{AMAZON}
{DKIM}
bounce.acme.test MX 10 feedback-smtp.eu-west-1.amazonses.com
bounce.acme.test TXT "v=spf1 include:amazonses.com ~all"
_dmarc.acme.test TXT "v=DMARC1; p=reject"
help.acme.test MX 10 inbound-smtp.eu-west-1.amazonaws.com
_mta-sts.help.acme.test TXT "v=STSv1; id=109d532173ed4960"
"""


@pytest.fixture(autouse=True)
def checkout(monkeypatch, tmp_path):
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"stages": STAGES}}))
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    monkeypatch.delenv("MAILROOM_DNS", raising=False)


@pytest.fixture
def zone(monkeypatch):
    """Empty, until a test replaces it."""
    with serving("") as served:
        monkeypatch.setenv("MAILROOM_DNS", served.address)
        yield served


@pytest.fixture
def ses(monkeypatch):
    """SES of the account that stage `example` is deployed in, or of the laptop."""
    client = boto3.client("sesv2", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret")

    def make(running=None):
        session = boto3.Session("key", "secret", region_name="eu-west-1")
        found = Deployment(stage="example", session=session, account="111122223333", stacks=(), running=running)
        monkeypatch.setattr(Deployment, "client", lambda *_: client)
        monkeypatch.setattr(keys, "find", lambda stage: found)
        return stub

    with Stubber(client) as stub:
        stub.make = make
        yield stub


@pytest.fixture
def identity(ses):
    dkim = {"Tokens": ["t1", "t2", "t3"], "SigningHostedZone": "dkim.eu.amazonses.test"}
    ses.add_response("get_email_identity", {"DkimAttributes": dkim}, {"EmailIdentity": "acme.test"})
    ses.make()


@pytest.fixture
def undeployed(monkeypatch):
    def find(stage):
        raise NotDeployed("no stacks")

    monkeypatch.setattr(keys, "find", find)


def dns_of(run, *arguments, stage="example", status=0, columns=160):
    return run("--stage", stage, "dns", *arguments, status=status, columns=columns)


def test_all_that_is_wanted_is_present(run, zone, identity):
    zone.replace(ALL)
    shown = dns_of(run)
    assert shown[0] == f"Stage example, as 127.0.0.1 port {zone.address.partition(':')[2]} answers"
    assert [line.split()[:3] for line in shown[3:11]] == [
        ["present", "CNAME", "t1._domainkey.acme.test"],
        ["present", "CNAME", "t2._domainkey.acme.test"],
        ["present", "CNAME", "t3._domainkey.acme.test"],
        ["present", "MX", "bounce.acme.test"],
        ["present", "TXT", "bounce.acme.test"],
        ["present", "TXT", "_dmarc.acme.test"],
        ["present", "MX", "help.acme.test"],
        ["present", "TXT", "_mta-sts.help.acme.test"],
    ]
    assert [line.strip() for line in shown[12:]] == [
        "present: _dmarc.acme.test TXT",
        "there  v=DMARC1; p=reject",
        "p=reject there is stricter than the p=quarantine of cdk.json, and is what holds.",
        "",
        "Nobody keeps the DMARC reports on acme.test yet: the next deployment makes their table.",
    ]


def test_each_fault_is_shown_with_what_is_there_and_what_should_be(run, zone, identity):
    zone.replace(f"""
        {AMAZON}
        t1._domainkey.acme.test CNAME t1.dkim.eu.amazonses.test
        t2._domainkey.acme.test CNAME t9.dkim.amazonses.com
        bounce.acme.test MX 10 feedback-smtp.eu-west-1.amazonses.com
        bounce.acme.test MX 20 mx.acme.test
        bounce.acme.test TXT "v=spf1 include:amazonses.com ~all"
        bounce.acme.test TXT "v=spf1 mx -all"
        _dmarc.acme.test 86400 TXT "v=DMARC1; p=none; rua=mailto:d@acme.test"
        help.acme.test 60 MX 10 inbound-smtp.us-east-1.amazonaws.com
    """)
    zone.trouble["_mta-sts.help.acme.test"] = SERVFAIL
    shown = dns_of(run, status=1)
    states = [line.split()[0] for line in shown[3:11]]
    assert states == ["present", "wrong", "missing", "conflicting", "conflicting", "wrong", "wrong", "unknown"]
    at = shown.index("wrong: _dmarc.acme.test TXT")
    assert shown[at + 1 : at + 4] == [
        "there      v=DMARC1; p=none; rua=mailto:d@acme.test",
        "should be  v=DMARC1; p=quarantine; rua=mailto:d@acme.test",
        "           Change it: it asks receivers for less than p=quarantine.",
    ]
    assert shown[-1] == (
        "`mailroom --stage example dns --zone` prints these records for a zone file. "
        "Resolvers may go on with what they said for up to 24 hours."
    )


def test_programs_get_the_same_as_json(run, zone, identity):
    zone.replace(ALL.replace("p=reject", "p=none"))
    told = dns_of(run, "--json", status=1)
    assert (told["stage"], told["resolver"]) == ("example", f"127.0.0.1 port {zone.address.partition(':')[2]}")
    assert told["dkim_not_known"] == {}
    assert told["records"][5] == {
        "id": "Dmarc",
        "domain": "acme.test",
        "name": "_dmarc.acme.test",
        "type": "TXT",
        "value": '"v=DMARC1; p=quarantine"',
        "purpose": "dmarc",
        "state": "wrong",
        "found": ["v=DMARC1; p=none"],
        "said": "Change it: it asks receivers for less than p=quarantine.",
        "should_be": "v=DMARC1; p=quarantine",
        "ttl": 1800,
    }


def test_a_stage_that_is_not_deployed_lacks_only_its_keys(run, zone, undeployed):
    zone.replace(ALL)
    told = dns_of(run, "--json", status=1)
    assert [record["state"] for record in told["records"]] == ["present"] * 5
    assert told["dkim_not_known"]["acme.test"].startswith("SES makes the keys with the identity: deploy that first")


@pytest.mark.parametrize(
    ("reports", "said"),
    [
        (Advice(domain="acme.test", verdict="safe", said="It is safe to go on."), "It is safe to go on."),
        (AwsFailed("AWS refused it."), "The DMARC reports on acme.test cannot be read: AWS refused it."),
    ],
)
def test_what_the_reports_advise_is_told(run, zone, identity, monkeypatch, reports, said):
    def advice(deployment, domain):
        if isinstance(reports, AwsFailed):
            raise reports
        return reports

    monkeypatch.setattr(gather, "advice", advice)
    zone.replace(ALL)
    assert dns_of(run, "--json")["advice"] == [said]


def test_before_the_deployment_nobody_can_advise_on_dmarc(run, zone, undeployed):
    zone.replace(ALL.replace("p=reject", "p=quarantine"))
    [said] = dns_of(run, "--json", status=1)["advice"]
    assert said == (
        "acme.test asks for p=quarantine: once the stage is deployed and DMARC reports come, "
        "`mailroom --stage example dmarc` says when it is safe to ask for more."
    )
    zone.replace(ALL)
    assert dns_of(run, "--json", status=1)["advice"] == []


def test_a_key_of_our_own_has_no_name_of_ses(run, zone, ses):
    dkim = {"Tokens": ["mr1"], "SigningAttributesOrigin": "EXTERNAL"}
    ses.add_response("get_email_identity", {"DkimAttributes": dkim}, {"EmailIdentity": "acme.test"})
    ses.make()
    told = dns_of(run, "--json", status=1)
    assert "SES signs with a key of your own, selector mr1" in told["dkim_not_known"]["acme.test"]
    assert "dkim" not in {record["purpose"] for record in told["records"]}


def test_what_is_missing_in_a_hosted_zone_is_not_delegated(run, zone, undeployed):
    [said] = dns_of(run, "--json", stage="hosted", status=1)["advice"]
    assert said.startswith("The stack Identity makes the records of acme.test in the hosted zone Z0123456789ABC.")


def test_an_identity_that_is_not_made_yet_is_told_likewise(run, zone, ses):
    ses.add_client_error("get_email_identity", "NotFoundException")
    ses.make()
    assert dns_of(run, "--json", status=1)["dkim_not_known"]["acme.test"].startswith("SES makes the keys")


def test_on_the_laptop_nobody_looks_unless_a_resolver_is_named(run, ses, zone, monkeypatch, tmp_path):
    running = Running(
        endpoint="http://127.0.0.1:1",
        smtp_port=0,
        submission_port=0,
        certificate=tmp_path,
        outbox=tmp_path,
        account="000000000000",
        region="us-east-1",
        access_key_id="key",
        secret_access_key="secret",
        pid=1,
        log=tmp_path,
    )
    for _ in range(2):
        ses.add_response("get_email_identity", {"DkimAttributes": {"Tokens": ["t1"]}}, {"EmailIdentity": "acme.test"})
    ses.make(running)
    told = dns_of(run, "--json", stage="local", status=1)
    assert {record["state"] for record in told["records"]} == {"missing"}
    monkeypatch.delenv("MAILROOM_DNS")
    shown = dns_of(run, stage="local")
    assert (
        shown[0] == "Stage local is on this laptop, where nothing asks the DNS. In an account it needs these records:"
    )
    assert shown[3].split() == ["not", "asked", "CNAME", "t1._domainkey.acme.test", "t1.dkim.amazonses.com"]
    assert len(shown) == 9


def test_a_trial_with_one_address_needs_no_records(run, undeployed, zone):
    assert dns_of(run, stage="trial") == [
        "Stage trial sends from one address, and SES signs with a domain of its own: it needs no DNS records."
    ]
    assert dns_of(run, "--json", stage="trial")["records"] == []


def parsed(lines):
    read = dns.zone.from_text("\n".join(lines), origin=".", relativize=False, check_origin=False)
    return {(str(name), str(data)) for name, _, data in read.iterate_rdatas()}


def test_a_zone_file_has_what_is_not_present_or_all(run, zone, identity, ses):
    zone.replace(DKIM + '\n_dmarc.acme.test TXT "v=DMARC1; p=none; rua=mailto:d@acme.test"')
    lines = dns_of(run, "--zone")
    assert parsed(lines) == {
        ("bounce.acme.test.", "10 feedback-smtp.eu-west-1.amazonses.com."),
        ("bounce.acme.test.", '"v=spf1 include:amazonses.com ~all"'),
        ("_dmarc.acme.test.", '"v=DMARC1; p=quarantine; rua=mailto:d@acme.test"'),
        ("help.acme.test.", "10 inbound-smtp.eu-west-1.amazonaws.com."),
        ("_mta-sts.help.acme.test.", '"v=STSv1; id=109d532173ed4960"'),
    }
    assert "; wrong, in the place of what is there: v=DMARC1; p=none; rua=mailto:d@acme.test" in lines
    identity_again = {"DkimAttributes": {"Tokens": ["t1"]}}
    ses.add_response("get_email_identity", identity_again, {"EmailIdentity": "acme.test"})
    assert ("t1._domainkey.acme.test.", "t1.dkim.amazonses.com.") in parsed(dns_of(run, "--zone=all"))


def test_what_others_wrote_cannot_drive_the_terminal_or_break_the_zone_file(run, zone, undeployed):
    hostile = b"v=DMARC1; p=none; rua=mailto:x\x1b]0;\x07\n@ IN A 192.0.2.66\\" + b"x" * 300
    pieces = " ".join(f'"{"".join(f"{chr(92)}{byte:03d}" for byte in hostile[at : at + 200])}"' for at in (0, 200))
    zone.add("_dmarc.acme.test", "TXT", dns.rdata.from_text("IN", "TXT", pieces))
    shown = "\n".join(dns_of(run, status=1, columns=400))
    assert "\x1b" not in shown
    assert r"rua=mailto:x\x1b]0;\x07 @ IN A 192.0.2.66" in shown
    lines = dns_of(run, "--zone")
    assert {name for name, _ in parsed(lines)} == {
        "bounce.acme.test.",
        "_dmarc.acme.test.",
        "help.acme.test.",
        "_mta-sts.help.acme.test.",
    }


def test_the_policy_is_printed_for_a_web_server(run):
    assert dns_of(run, "--policy") == [
        "version: STSv1",
        "mode: testing",
        "mx: inbound-smtp.eu-west-1.amazonaws.com",
        "max_age: 86400",
    ]
    assert "has no MTA-STS policy: set its `mta_sts`" in dns_of(run, "--policy", stage="local", status=1)


@pytest.mark.parametrize("given", [("--json", "--zone"), ("--json", "--policy"), ("--zone=all", "--policy")])
def test_two_forms_at_once_are_refused(run, given):
    assert "--zone, --policy and --json print different things: give one of them." in dns_of(run, *given, status=2)


@pytest.mark.parametrize("given", ["9.9.9.9", "dns.test:53", "9.9.9.9:0", "9.9.9.9:x", "[::1"])
def test_a_resolver_that_is_none_is_told(run, undeployed, monkeypatch, given):
    monkeypatch.setenv("MAILROOM_DNS", given)
    assert dns_of(run, status=1) == (
        f"Error: MAILROOM_DNS must be the IP address and the port of a resolver, such as 9.9.9.9:53; it is {given!r}.\n"
    )


def test_a_stage_that_cannot_be_deployed_is_told_why(run):
    assert "region: must be an AWS region such as 'eu-west-1'" in dns_of(run, stage="broken", status=1)


def test_what_goes_wrong_with_a_look_up_is_told_apart(zone, monkeypatch):
    monkeypatch.setattr(look_up, "SECONDS_A_TRY", 0.1)
    monkeypatch.setattr(look_up, "SECONDS_IN_ALL", 0.2)
    zone.replace("""
        there.test 60 TXT "a" "b"
        cut.test TXT "over TCP"
        alias.test CNAME there.test
        dangling.test CNAME gone.test
        loop.test CNAME pool.test
        pool.test CNAME loop.test
        mail.test MX 10 MX.Mail.Test
    """)
    large = dns.rdata.from_text("IN", "TXT", " ".join(f'"{"x" * 250}"' for _ in range(100)))
    zone.add("large.test", "TXT", large)
    zone.trouble |= {"servfail.test": SERVFAIL, "refused.test": REFUSED, "silent.test": TIMEOUT}
    zone.trouble |= {"garbage.test": GARBAGE, "cut.test": TRUNCATED}
    ask = LookUps(resolver())
    names = ("there", "cut", "alias", "dangling", "loop", "mail", "gone", "servfail", "refused", "silent", "garbage")
    ask.ahead([(f"{name}.test", "TXT") for name in names])
    answers = {name: ask(f"{name}.test", "TXT") for name in names}
    assert {name: (answer.outcome, answer.values, answer.alias) for name, answer in answers.items()} == {
        "there": ("found", ("ab",), None),
        "cut": ("found", ("over TCP",), None),
        "alias": ("found", ("ab",), "there.test"),
        "dangling": ("no answer", (), "gone.test"),
        "loop": ("failed", (), None),
        "mail": ("no answer", (), None),
        "gone": ("no such name", (), None),
        "servfail": ("servfail", (), None),
        "refused": ("failed", (), None),
        "silent": ("timeout", (), None),
        "garbage": ("timeout", (), None),
    }
    assert (answers["there"].ttl, answers["gone"].ttl) == (60, 300)
    assert (answers["refused"].failure, answers["loop"].failure) == ("REFUSED", "The CNAME chain is too long.")
    assert ask("large.test", "TXT").values == ("x" * 25_000,)
    assert ("cut.test", "TXT", "tcp") in zone.asked
    assert ask("a..b", "TXT").failure == "cannot be asked for: A DNS label is empty."
    assert zone.asked.count(("there.test", "TXT", "udp")) == 1
