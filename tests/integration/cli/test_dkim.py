"""`mailroom dkim` on moto's Secrets Manager and Route 53, with an SES and a DNS of the test's own."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from cli import deployment as module
from cli.deployment import Deployment, Stack
from cli.dkim import command, keys, stage, zone
from cli.dkim.key import Key
from cli.dkim.keys import Keys
from cli.dns import keys as dns_keys
from tests.zone import serving

STAGES = {
    "example": {
        "region": "eu-west-1",
        "domain": "acme.test",
        "sender": "Acme <hello@acme.test>",
        "dkim": "own",
        "domains": {
            "news.acme.test": {"dkim": "own", "hosted_zone": {"id": "Z0123456789NEWS", "name": "acme.test"}},
            "acme.example": {},
        },
    }
}
EASY = {"SigningEnabled": True, "Status": "SUCCESS", "SigningAttributesOrigin": "AWS_SES", "Tokens": ["t1", "t2", "t3"]}


class Interrupted(BaseException):
    """As Ctrl-C, or the power."""


class Ses:
    """Signs with keys of its own until it is given one."""

    class exceptions:  # noqa: N801 - boto3's name
        NotFoundException = LookupError

    def __init__(self):
        self.dkim, self.given = dict.fromkeys(["acme.test", "news.acme.test", "acme.example"], EASY), {}
        self.says = "SUCCESS"

    def get_email_identity(self, EmailIdentity):  # noqa: N803 - boto3's name
        return {"DkimAttributes": self.dkim[EmailIdentity]}

    def put_email_identity_dkim_signing_attributes(self, EmailIdentity, SigningAttributesOrigin, SigningAttributes):  # noqa: N803
        self.given[EmailIdentity] = SigningAttributes
        selector = SigningAttributes["DomainSigningSelector"]
        origin = {"SigningAttributesOrigin": SigningAttributesOrigin, "Tokens": [selector]}
        self.dkim[EmailIdentity] = {"SigningEnabled": True, "Status": self.says, **origin}


class Secrets:
    """One secret, without a value at first."""

    class exceptions:  # noqa: N801 - boto3's name
        ResourceNotFoundException = LookupError

    def __init__(self):
        self.value = None

    def get_secret_value(self, SecretId):  # noqa: N803 - boto3's name
        if self.value is None:
            raise LookupError(SecretId)
        return {"SecretString": self.value}

    def put_secret_value(self, SecretId, SecretString):  # noqa: N803 - boto3's name
        self.value = SecretString


@pytest.fixture
def world(monkeypatch, tmp_path):
    """The stage as a deployment leaves it: empty secrets, Easy DKIM, and a DNS that has nothing yet."""
    (tmp_path / "cdk.json").write_text(json.dumps({"context": {"stages": STAGES}}))
    monkeypatch.setattr(module, "ROOT", tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws(), serving("") as served:
        monkeypatch.setenv("MAILROOM_DNS", served.address)
        yield World(monkeypatch, served)


class World:
    def __init__(self, monkeypatch, served):
        self.ses, self.zone, self.published = Ses(), served, []
        self.secrets = boto3.client("secretsmanager", region_name="eu-west-1")
        arns = [self.secrets.create_secret(Name=name)["ARN"] for name in ("first", "news")]
        outputs = dict(zip(("DkimSecret", "newsDotacmeDottestDkimSecret"), arns, strict=True))
        stack = Stack(name="Identity", status="CREATE_COMPLETE", at="2026-11-21T10:00:00.000Z", outputs=outputs)
        session = boto3.Session(region_name="eu-west-1")
        found = Deployment(stage="example", session=session, account="111122223333", stacks=(stack,))
        clients = {"secretsmanager": self.secrets, "sesv2": self.ses, "route53": None}
        monkeypatch.setattr(Deployment, "client", lambda _, service: clients[service])
        for place in (module, dns_keys):
            monkeypatch.setattr(place, "find", lambda stage: found)
        monkeypatch.setattr(command, "publish", lambda _, zone_id, record: self.published.append((zone_id, record)))
        self.now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
        monkeypatch.setattr(stage, "now", lambda: self.now)

    def serve(self, *told):
        lines = (f"{each['record']['name']} TXT {each['record']['value']}" for each in told)
        self.zone.replace("\n".join(lines))


@pytest.fixture
def dkim(run, world):
    def call(*arguments, status=0):
        return run("--stage", "example", "dkim", *arguments, status=status)

    return call


def test_a_first_key_signs_once_the_dns_has_its_record(dkim, world):
    begun = dkim("create", "acme.test", "--json")
    assert (begun["new"], begun["selector"], begun["published"]) == (True, "mailroom20261121", False)
    assert begun["record"]["name"] == "mailroom20261121._domainkey.acme.test"
    assert dkim("create", "acme.test", "--json") == begun | {"new": False}  # nothing is lost by asking again
    finish = "`mailroom --stage example dkim create acme.test --finish`"
    assert f"Once it is there: {finish}." in dkim("create", "acme.test")
    [waits] = dkim("show", "acme.test", "--json")["keys"]
    assert waits["state"] == f"waits: once its record is in the DNS, {finish}"
    too_soon = dkim("create", "acme.test", "--finish", status=1)
    assert "The record mailroom20261121._domainkey.acme.test is missing, says 127.0.0.1" in too_soon
    assert world.ses.given == {}
    world.serve(begun)
    assert dkim("create", "acme.test", "--finish", "--json")["signing"] == "mailroom20261121"
    assert world.ses.given["acme.test"]["DomainSigningSelector"] == "mailroom20261121"
    shown = dkim("show", "acme.test", "--json")
    assert (shown["signing"], [key["state"] for key in shown["keys"]]) == ("mailroom20261121", ["signs"])
    assert "private" not in json.dumps(shown)


def test_a_key_is_changed_while_the_old_one_signs_and_its_record_stays_for_a_week(dkim, world):
    first = dkim("create", "acme.test", "--json")
    world.serve(first)
    dkim("create", "acme.test", "--finish")
    world.now += timedelta(days=200)
    second = dkim("rotate", "acme.test", "--json")
    assert (second["selector"], world.ses.given["acme.test"]["DomainSigningSelector"]) == (
        "mailroom20270609",
        "mailroom20261121",
    )
    world.serve(first, second)
    told = " ".join(dkim("rotate", "acme.test", "--finish"))
    assert "SES signs with the key mailroom20270609" in told
    assert "Leave the old record mailroom20261121._domainkey.acme.test there for 7 days" in told
    states = [key["state"] for key in dkim("show", "acme.test", "--json")["keys"]]
    assert states == ["signs", "its record may go after 2027-06-16 10:00 UTC"]
    value = world.secrets.get_secret_value(SecretId="first")["SecretString"]
    assert [key["private"] == "" for key in json.loads(value)["keys"]] == [False, True]


def test_until_ses_has_seen_the_record_mails_may_be_unsigned_which_is_said(dkim, world):
    world.serve(dkim("create", "acme.test", "--json"))
    world.ses.says = "PENDING"
    told = " ".join(dkim("create", "acme.test", "--finish"))
    assert (
        "Until it says SUCCESS, mails may go out unsigned: `mailroom --stage example dkim show acme.test` tells."
        in told
    )


def test_a_record_of_another_key_is_not_taken_for_ours(dkim, world):
    begun = dkim("create", "acme.test", "--json")
    world.zone.replace(f'{begun["record"]["name"]} TXT "p=AAAA"')
    told = dkim("create", "acme.test", "--finish", status=1)
    assert "is wrong, says 127.0.0.1" in told
    assert "It holds another key than the stage's." in told


def test_in_a_hosted_zone_of_the_stage_the_record_is_made(dkim, world):
    begun = dkim("create", "news.acme.test", "--json")
    record = tuple(begun["record"][name] for name in ("name", "type", "value"))
    assert (begun["published"], world.published) == (True, [("Z0123456789NEWS", record)])


def test_a_record_that_is_there_is_left_as_it_is():
    with mock_aws():
        route53 = boto3.client("route53", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        hosted = route53.create_hosted_zone(Name="acme.test", CallerReference="once")["HostedZone"]["Id"]
        for _ in range(2):
            zone.publish(route53, hosted, ("m1._domainkey.acme.test", "TXT", '"p=A" "B"'))
        found = route53.list_resource_record_sets(HostedZoneId=hosted)["ResourceRecordSets"]
    assert [(item["Name"], item["ResourceRecords"]) for item in found if item["Type"] == "TXT"] == [
        ("m1._domainkey.acme.test.", [{"Value": '"p=A" "B"'}])
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "acme.example"), "SES makes the keys of acme.example, and changes them by itself."),
        (
            ("create", "other.test"),
            "Stage example has no domain other.test. Its domains are: acme.test, news.acme.test",
        ),
        (
            ("rotate", "acme.test"),
            "acme.test has no key that signs yet: `mailroom --stage example dkim create acme.test` comes first.",
        ),
        (
            ("rotate", "acme.test", "--finish"),
            "There is no key for acme.test yet: `mailroom --stage example dkim create acme.test`",
        ),
    ],
)
def test_what_cannot_be_is_told_with_what_to_do(dkim, arguments, said):
    assert said in dkim(*arguments, status=1)


def test_a_second_first_key_is_not_made(dkim, world):
    world.serve(dkim("create", "acme.test", "--json"))
    dkim("create", "acme.test", "--finish")
    told = dkim("create", "acme.test", status=1)
    assert "acme.test signs with a key already: `mailroom --stage example dkim rotate acme.test` changes it." in told


def test_dns_wants_the_records_of_both_keys_and_until_then_those_of_ses(run, dkim, world):
    def wanted():
        told = run("--stage", "example", "dns", "--json", status=1)
        names = [row["name"] for row in told["records"] if (row["domain"], row["purpose"]) == ("acme.test", "dkim")]
        return [name.partition(".")[0] for name in names], told["dkim_not_known"].get("acme.test", "")

    assert wanted() == (
        ["t1", "t2", "t3"],
        "there is no key of your own yet: `mailroom --stage example dkim create acme.test` makes one.",
    )
    world.serve(dkim("create", "acme.test", "--json"))
    assert wanted() == (["t1", "t2", "t3", "mailroom20261121"], "")
    dkim("create", "acme.test", "--finish")
    dkim("rotate", "acme.test")
    assert wanted() == (["mailroom20261121-1", "mailroom20261121"], "")
    world.ses.dkim["acme.test"] = world.ses.dkim["acme.test"] | {"Tokens": ["by-hand"]}
    assert wanted()[1].startswith("SES signs with the key by-hand, which is not in the stage's secret")


class Interrupting:
    """A client whose call, counted over all clients, is interrupted before or after it had its effect."""

    def __init__(self, client, calls, at, *, after):
        self._client, self._calls, self._at, self._after = client, calls, at, after
        self.exceptions = client.exceptions

    def __getattr__(self, name):
        def call(**parameters):
            interrupted = next(self._calls) == self._at
            if interrupted and not self._after:
                raise Interrupted
            answer = getattr(self._client, name)(**parameters)
            if interrupted:
                raise Interrupted
            return answer

        return call


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.sampled_from(["begin", "finish"]), st.integers(0, 6), st.booleans()), max_size=12),
)
def test_wherever_a_step_is_interrupted_no_key_is_lost_and_the_step_may_be_repeated(monkeypatch, steps):
    numbers = count()
    monkeypatch.setattr(keys, "new_key", lambda taken, now: made(next(numbers)))
    ses, secrets = Ses(), Secrets()

    def operations(at=None, *, after=False):
        calls = count()
        clients = (Interrupting(client, calls, at, after=after) for client in (secrets, ses))
        secret, mail = clients
        return Keys(secrets=secret, ses=mail, domain="acme.test", secret="s", now=lambda: datetime.now(UTC))

    promised = None
    for step, at, after in steps:
        if step == "begin" or promised:
            with suppress(Interrupted):
                getattr(operations(at, after=after), step)()
        held = operations().held()
        signing = operations().signing().selector
        assert signing is None or signing in {key.selector for key in held}
        assert signing is None or next(key for key in held if key.selector == signing).private
        if waiting := operations().waiting():
            assert promised in (None, signing, waiting.selector)  # what was shown stays the next key
            promised = waiting.selector
    key, _ = operations().begin()
    assert promised is None or key.selector == promised or promised == operations().signing().selector
    operations().finish()
    newest, *older = operations().held()
    assert operations().signing().selector == newest.selector == key.selector
    assert all(old.private == "" and old.replaced for old in older)


def made(number):
    return Key(selector=f"k{number}", public=f"P{number}", private=f"S{number}", made="2026-11-21T10:00:00.000Z")
