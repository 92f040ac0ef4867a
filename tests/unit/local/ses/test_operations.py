import json
from datetime import timedelta

import pytest
from botocore.validate import ParamValidator

from local.ses import errors, wire
from local.ses.operations import V1, V2
from tests.unit.local.ses.conftest import TOPIC, call, simple

DESTINATION = {"MatchingEventTypes": ["SEND"], "Enabled": True, "SnsDestination": {"TopicArn": TOPIC}}


def perform(ses, operation, **parameters):
    """The result, checked against SES's own model."""
    result = V2[operation](ses, call(operation, **parameters))
    report = ParamValidator().validate(result, wire.model("sesv2").operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return result


def test_all_of_them_exist_in_sess_models():
    assert set(V2) <= set(wire.model("sesv2").operation_names)
    assert set(V1) <= set(wire.model("ses").operation_names)


def test_the_account_moves_out_of_the_sandbox_on_request(ses):
    ses.account.move(sandbox=True)
    assert perform(ses, "GetAccount")["SendQuota"] == {"Max24HourSend": 200, "MaxSendRate": 1, "SentLast24Hours": 0}
    perform(ses, "PutAccountDetails", ProductionAccessEnabled=True)
    assert perform(ses, "GetAccount")["ProductionAccessEnabled"] is True
    assert V1["GetSendQuota"](ses, call())["MaxSendRate"] == 14
    perform(ses, "PutAccountSendingAttributes", SendingEnabled=False)
    assert perform(ses, "GetAccount")["SendingEnabled"] is False


def test_an_identity_from_birth_to_death(ses):
    created = perform(ses, "CreateEmailIdentity", EmailIdentity="Shop@Other.test")
    assert (created["IdentityType"], created["VerifiedForSendingStatus"]) == ("EMAIL_ADDRESS", True)
    perform(ses, "PutEmailIdentityMailFromAttributes", EmailIdentity="acme.test", MailFromDomain="mail.acme.test")
    found = perform(ses, "GetEmailIdentity", EmailIdentity="acme.test")
    assert found["MailFromAttributes"]["MailFromDomain"] == "mail.acme.test"
    assert len(found["DkimAttributes"]["Tokens"]) == 3
    listed = perform(ses, "ListEmailIdentities")["EmailIdentities"]
    assert [identity["IdentityName"] for identity in listed] == ["acme.test", "shop@other.test"]
    perform(ses, "DeleteEmailIdentity", EmailIdentity="shop@other.test")
    with pytest.raises(errors.NotFound):
        perform(ses, "GetEmailIdentity", EmailIdentity="shop@other.test")


def test_a_configuration_set_from_birth_to_death(ses):
    perform(
        ses, "CreateConfigurationSet", ConfigurationSetName="news", ReputationOptions={"ReputationMetricsEnabled": True}
    )
    perform(ses, "PutConfigurationSetSendingOptions", ConfigurationSetName="news", SendingEnabled=False)
    perform(ses, "PutConfigurationSetSuppressionOptions", ConfigurationSetName="news", SuppressedReasons=["BOUNCE"])
    assert perform(ses, "GetConfigurationSet", ConfigurationSetName="news") == {
        "ConfigurationSetName": "news",
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SendingOptions": {"SendingEnabled": False},
        "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
    }
    named = {"ConfigurationSetName": "news", "EventDestinationName": "all"}
    perform(ses, "CreateConfigurationSetEventDestination", **named, EventDestination=DESTINATION)
    found = perform(ses, "GetConfigurationSetEventDestinations", ConfigurationSetName="news")["EventDestinations"]
    assert found == [{"Name": "all", **DESTINATION}]
    assert perform(ses, "ListConfigurationSets")["ConfigurationSets"] == ["main", "news"]
    perform(ses, "DeleteConfigurationSet", ConfigurationSetName="news")
    with pytest.raises(errors.NotFound, match="Configuration set <news> does not exist"):
        perform(ses, "GetConfigurationSet", ConfigurationSetName="news")


def test_a_stream_hears_each_event_as_a_line(ses, aws):
    stream = {"DeliveryStreamArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/x", "IamRoleArn": "role"}
    described = {"Enabled": True, "MatchingEventTypes": ["SEND"], "KinesisFirehoseDestination": stream}
    named = {"ConfigurationSetName": "main", "EventDestinationName": "files"}
    perform(ses, "CreateConfigurationSetEventDestination", **named, EventDestination=described)
    found = perform(ses, "GetConfigurationSetEventDestinations", ConfigurationSetName="main")["EventDestinations"]
    assert found[1] == {"Name": "files", **described}
    ses.post.start()
    perform(ses, "SendEmail", **simple())
    assert ses.post.wait(10)
    [(arn, record, role, source)] = aws.records
    assert (arn, role) == (stream["DeliveryStreamArn"], "role")
    assert source == "arn:aws:ses:us-east-1:000000000000:configuration-set/main"
    assert (record[-1:], json.loads(record)["eventType"]) == (b"\n", "Send")


def test_the_suppression_list(ses, clock):
    perform(ses, "PutSuppressedDestination", EmailAddress="Mia@Example.org", Reason="COMPLAINT")
    entry = {"EmailAddress": "mia@example.org", "Reason": "COMPLAINT", "LastUpdateTime": clock.now}
    assert perform(ses, "GetSuppressedDestination", EmailAddress="mia@example.org") == {"SuppressedDestination": entry}
    assert perform(ses, "ListSuppressedDestinations", Reasons=["BOUNCE"])["SuppressedDestinationSummaries"] == []
    assert perform(ses, "ListSuppressedDestinations")["SuppressedDestinationSummaries"] == [entry]
    perform(ses, "DeleteSuppressedDestination", EmailAddress="MIA@example.org")
    with pytest.raises(errors.NotFound):
        perform(ses, "DeleteSuppressedDestination", EmailAddress="mia@example.org")


def test_the_suppression_list_page_by_page_and_since_a_day(ses, clock):
    for name in ("c", "a", "b", "d"):
        perform(ses, "PutSuppressedDestination", EmailAddress=f"{name}@example.org", Reason="BOUNCE")
        clock.pass_by(days=1)
    pages = [perform(ses, "ListSuppressedDestinations", PageSize=2)]
    perform(ses, "DeleteSuppressedDestination", EmailAddress="a@example.org")  # which hides no other
    pages.append(perform(ses, "ListSuppressedDestinations", PageSize=2, NextToken=pages[0]["NextToken"]))
    shown = [[e["EmailAddress"][0] for e in page["SuppressedDestinationSummaries"]] for page in pages]
    assert (shown, "NextToken" in pages[1]) == ([["c", "a"], ["b", "d"]], False)
    late = perform(ses, "ListSuppressedDestinations", StartDate=clock.now - timedelta(days=1))
    assert [e["EmailAddress"] for e in late["SuppressedDestinationSummaries"]] == ["d@example.org"]
    with pytest.raises(errors.InvalidNextToken):
        perform(ses, "ListSuppressedDestinations", NextToken="nonsense")


def test_in_the_sandbox_nobody_gets_on_the_suppression_list(ses):
    ses.account.move(sandbox=True)
    with pytest.raises(errors.BadRequest, match="sandbox"):
        perform(ses, "PutSuppressedDestination", EmailAddress="mia@example.org", Reason="BOUNCE")


@pytest.mark.parametrize(
    ("operation", "parameters", "error"),
    [
        ("CreateEmailIdentity", {"EmailIdentity": "acme.test"}, errors.AlreadyExists),
        ("CreateConfigurationSet", {"ConfigurationSetName": "main"}, errors.AlreadyExists),
        (
            "CreateConfigurationSetEventDestination",
            {"ConfigurationSetName": "main", "EventDestinationName": "all", "EventDestination": DESTINATION},
            errors.AlreadyExists,
        ),
        (
            "CreateConfigurationSetEventDestination",
            {
                "ConfigurationSetName": "main",
                "EventDestinationName": "b",
                "EventDestination": {"MatchingEventTypes": []},
            },
            errors.NotEmulated,
        ),
    ],
)
def test_what_ses_refuses(ses, operation, parameters, error):
    with pytest.raises(error):
        perform(ses, operation, **parameters)
