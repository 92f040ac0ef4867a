"""SES in two regions: what they share, and what each has for itself."""

import pytest

from local.ses import errors
from local.ses.account import Account
from local.ses.authorization import Check, checks
from local.ses.operations import V1
from local.ses.regions import Regions
from local.ses.service import Ses
from tests.unit.local.ses.conftest import FakeAws, call, simple
from tests.unit.local.ses.test_operations import perform

FROM_EUROPE = {"DomainSigningAttributesOrigin": "AWS_SES_EU_WEST_1"}
RULE = {"Name": "all", "Enabled": True, "Recipients": ["acme.test"], "Actions": [{"StopAction": {"Scope": "RuleSet"}}]}


@pytest.fixture
def regions(tmp_path, clock):
    accounts = {}

    def make(regions, name):
        account = Account(id="000000000000", region=name, clock=clock, regions=accounts)
        return Ses(account=account, aws=FakeAws(), outbox=tmp_path, loop_back=regions.loop_back)

    return Regions("eu-west-1", make)


@pytest.fixture
def first(regions):
    perform(regions.home, "CreateEmailIdentity", EmailIdentity="acme.test")
    return regions.home


@pytest.fixture
def second(regions):
    return regions.of("eu-central-1")


def replicate(ses, **more):
    return perform(ses, "CreateEmailIdentity", EmailIdentity="acme.test", DkimSigningAttributes=FROM_EUROPE, **more)


def test_a_replica_signs_with_its_parents_keys_and_needs_no_records_of_its_own(first, second):
    made = replicate(second)
    parent = perform(first, "GetEmailIdentity", EmailIdentity="acme.test")["DkimAttributes"]
    assert made["VerifiedForSendingStatus"] is True
    assert made["DkimAttributes"]["Tokens"] == parent["Tokens"]
    assert (parent["SigningAttributesOrigin"], made["DkimAttributes"]["SigningAttributesOrigin"]) == (
        "AWS_SES",
        "AWS_SES_EU_WEST_1",
    )


def test_a_replica_without_a_parent_is_told_why_it_does_not_work(regions, second):
    replicate(second)
    found = perform(second, "GetEmailIdentity", EmailIdentity="acme.test")
    assert (found["VerifiedForSendingStatus"], found["VerificationStatus"]) == (False, "FAILED")
    assert found["VerificationInfo"]["ErrorType"] == "REPLICATION_PRIMARY_NOT_FOUND"


def test_a_replica_has_no_replicas_and_is_deleted_before_its_parent(regions, first, second):
    replicate(second)
    third = regions.of("us-east-1")
    origin = {"DomainSigningAttributesOrigin": "AWS_SES_EU_CENTRAL_1"}
    perform(third, "CreateEmailIdentity", EmailIdentity="acme.test", DkimSigningAttributes=origin)
    found = perform(third, "GetEmailIdentity", EmailIdentity="acme.test")
    assert found["VerificationInfo"]["ErrorType"] == "REPLICATION_REPLICA_AS_PRIMARY_NOT_SUPPORTED"
    with pytest.raises(errors.BadRequest, match="replica in eu-central-1"):
        perform(first, "DeleteEmailIdentity", EmailIdentity="acme.test")
    perform(second, "DeleteEmailIdentity", EmailIdentity="acme.test")
    perform(first, "DeleteEmailIdentity", EmailIdentity="acme.test")


def test_iam_is_asked_for_the_parents_key_too(first, second):
    asked = call("CreateEmailIdentity", EmailIdentity="acme.test", DkimSigningAttributes=FROM_EUROPE)
    assert checks(second.account, asked, version="2") == [
        Check(action="ses:CreateEmailIdentity", resource="arn:aws:ses:eu-central-1:000000000000:identity/acme.test"),
        Check(
            action="ses:ReplicateEmailIdentityDkimSigningKey",
            resource="arn:aws:ses:eu-west-1:000000000000:identity/acme.test",
            keys={"ses:ReplicaRegion": ["eu-central-1"]},
        ),
    ]


def test_identities_and_quotas_are_each_regions_own(first, second):
    second.account.move(sandbox=True)
    assert perform(first, "GetAccount")["ProductionAccessEnabled"] is True
    asked = simple(FromEmailAddress="hello@acme.test")
    del asked["ConfigurationSetName"]
    with pytest.raises(errors.MessageRejected, match="EU-CENTRAL-1"):
        perform(second, "SendEmail", **asked)
    assert perform(first, "SendEmail", **asked)["MessageId"]


def test_mail_comes_in_where_a_region_is_up_that_receives(regions, first, second):
    for ses in (first, second):
        V1["CreateReceiptRuleSet"](ses, call(RuleSetName="ours"))
        V1["CreateReceiptRule"](ses, call(RuleSetName="ours", Rule=RULE))
    V1["SetActiveReceiptRuleSet"](second, call(RuleSetName="ours"))
    assert regions.exchanger() is second.receiver
    V1["SetActiveReceiptRuleSet"](first, call(RuleSetName="ours"))
    assert regions.exchanger() is first.receiver
    regions.down.add("eu-west-1")
    assert regions.exchanger() is second.receiver
    regions.down.add("eu-central-1")
    assert regions.exchanger() is None
