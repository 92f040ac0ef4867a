"""Dedicated IP pools, VDM and tenants: made by CloudFormation, and what they then demand of sending."""

import pytest
from botocore.validate import ParamValidator

from local.ses import wire
from local.ses.authorization import checks
from local.ses.cloudformation import handlers
from local.ses.errors import BadRequest, NotFound
from local.ses.operations import V2
from tests.unit.local.ses.conftest import call, simple

ARN = "arn:aws:ses:us-east-1:000000000000"
BOTH = [{"ResourceArn": f"{ARN}:identity/acme.test"}, {"ResourceArn": f"{ARN}:configuration-set/main"}]


@pytest.fixture
def types(ses):
    return {name.removeprefix("AWS::SES::"): verbs for name, verbs in handlers(lambda: ses).items()}


def perform(ses, operation, **parameters):
    """The result, checked against SES's own model."""
    result = V2[operation](ses, call(operation, **parameters))
    report = ParamValidator().validate(result, wire.model("sesv2").operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return result


def test_a_set_sends_through_a_pool_that_there_is(ses, types):
    pooled = {"DeliveryOptions": {"SendingPoolName": "news", "TlsPolicy": "REQUIRE"}}
    with pytest.raises(ValueError, match="SendingPool <news> doesn't exist"):
        types["ConfigurationSet"]["create"]("Marketing", pooled, "S")
    assert types["DedicatedIpPool"]["create"]("Ips", {"PoolName": "news"}, "S") == ("news", {})
    assert types["DedicatedIpPool"]["update"]("news", {}, {"PoolName": "news", "ScalingMode": "MANAGED"}, "S")
    assert perform(ses, "GetDedicatedIpPool", PoolName="news") == {
        "DedicatedIpPool": {"PoolName": "news", "ScalingMode": "MANAGED"}
    }
    with pytest.raises(ValueError, match="Pool news is managed"):
        types["DedicatedIpPool"]["update"]("news", {}, {"PoolName": "news", "ScalingMode": "STANDARD"}, "S")
    name, _ = types["ConfigurationSet"]["create"]("Marketing", pooled, "S")
    assert (
        perform(ses, "GetConfigurationSet", ConfigurationSetName=name)["DeliveryOptions"] == pooled["DeliveryOptions"]
    )
    types["DedicatedIpPool"]["delete"]("news", {})
    with pytest.raises(NotFound):
        perform(ses, "GetDedicatedIpPool", PoolName="news")


def test_vdm_is_the_accounts(ses, types):
    assert perform(ses, "GetAccount")["VdmAttributes"] == {"VdmEnabled": "DISABLED"}
    engagement = {"DashboardAttributes": {"EngagementMetrics": "DISABLED"}}
    name, _ = types["VdmAttributes"]["create"]("Vdm", engagement, "S")
    assert perform(ses, "GetAccount")["VdmAttributes"] == {"VdmEnabled": "ENABLED", **engagement}
    types["VdmAttributes"]["delete"](name, {})
    assert perform(ses, "GetAccount")["VdmAttributes"] == {"VdmEnabled": "DISABLED"}


def test_a_tenant_sends_with_what_is_associated_with_it(ses, types):
    mail = simple(TenantName="Acme")
    with pytest.raises(NotFound, match="Tenant Acme does not exist"):
        V2["SendEmail"](ses, call("SendEmail", **mail))
    types["Tenant"]["create"]("Tenant", {"TenantName": "Acme", "ResourceAssociations": BOTH[:1]}, "S")
    with pytest.raises(BadRequest, match=f"Not associated with tenant Acme: {ARN}:configuration-set/main"):
        V2["SendEmail"](ses, call("SendEmail", **mail))
    types["Tenant"]["update"]("Acme", {}, {"TenantName": "Acme", "ResourceAssociations": BOTH}, "S")
    assert V2["SendEmail"](ses, call("SendEmail", **mail))["MessageId"]
    assert perform(ses, "GetTenant", TenantName="Acme")["Tenant"]["SendingStatus"] == "ENABLED"
    assert perform(ses, "ListTenantResources", TenantName="Acme")["TenantResources"] == [
        {"ResourceType": "CONFIGURATION_SET", "ResourceArn": f"{ARN}:configuration-set/main"},
        {"ResourceType": "EMAIL_IDENTITY", "ResourceArn": f"{ARN}:identity/acme.test"},
    ]
    types["Tenant"]["delete"]("Acme", {})
    assert V2["SendEmail"](ses, call("SendEmail", **simple()))["MessageId"]  # for no tenant, as before


def test_a_raw_mail_names_its_tenant_in_a_header_and_policies_may_ask_for_it(ses):
    raw = b"From: hello@acme.test\r\nX-SES-TENANT: Acme\r\n\r\nhi"
    parameters = {"Content": {"Raw": {"Data": raw}}, "Destination": {"ToAddresses": ["mia@example.org"]}}
    (check,) = checks(ses.account, call("SendEmail", **parameters), version="2")
    assert check.keys["ses:TenantName"] == "Acme"
