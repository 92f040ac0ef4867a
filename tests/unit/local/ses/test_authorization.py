from local.ses.account import Identity
from local.ses.authorization import checks
from tests.unit.local.ses.conftest import call, simple

ARN = "arn:aws:ses:us-east-1:000000000000"


def asked(ses, operation, version="2", **parameters):
    return [
        (check.action, check.resource) for check in checks(ses.account, call(operation, **parameters), version=version)
    ]


def test_sending_needs_the_senders_identity_and_the_set(ses):
    assert asked(ses, "SendEmail", **simple()) == [
        ("ses:SendEmail", f"{ARN}:identity/acme.test"),
        ("ses:SendEmail", f"{ARN}:configuration-set/main"),
    ]


def test_raw_content_is_another_action_and_its_own_headers_count(ses):
    raw = b"From: hello@acme.test\r\nX-SES-CONFIGURATION-SET: main\r\n\r\nhi"
    parameters = {"Content": {"Raw": {"Data": raw}}, "Destination": {"ToAddresses": ["mia@example.org"]}}
    assert asked(ses, "SendEmail", **parameters) == [
        ("ses:SendRawEmail", f"{ARN}:identity/acme.test"),
        ("ses:SendRawEmail", f"{ARN}:configuration-set/main"),
    ]


def test_the_identitys_own_set_is_checked_where_a_mail_names_none(ses):
    ses.account.identities["acme.test"] = Identity(
        name="acme.test", since=ses.account.clock(), configuration_set="main"
    )
    parameters = simple()
    del parameters["ConfigurationSetName"]
    assert ("ses:SendEmail", f"{ARN}:configuration-set/main") in asked(ses, "SendEmail", **parameters)


def test_everyone_a_raw_mail_says_it_is_from_is_checked(ses):
    raw = b"From: eve@other.test, hello@acme.test\r\n\r\nhi"
    parameters = {"Content": {"Raw": {"Data": raw}}, "Destination": {"ToAddresses": ["mia@example.org"]}}
    call_ = call("SendEmail", FromEmailAddress="hello@acme.test", **parameters)
    found = [(check.keys["ses:FromAddress"], check.resource) for check in checks(ses.account, call_, version="2")]
    assert found == [
        ("hello@acme.test", f"{ARN}:identity/acme.test"),
        ("hello@acme.test", f"{ARN}:identity/eve@other.test"),
        ("eve@other.test", f"{ARN}:identity/acme.test"),
        ("eve@other.test", f"{ARN}:identity/eve@other.test"),
    ]


def test_a_recipient_that_is_an_identity_of_the_account_is_checked_too(ses):
    ses.account.identities["mia@example.org"] = Identity(name="mia@example.org", since=ses.account.clock())
    assert ("ses:SendEmail", f"{ARN}:identity/mia@example.org") in asked(ses, "SendEmail", **simple())


def test_an_address_without_an_identity_is_checked_by_itself(ses):
    assert asked(ses, "SendEmail", **simple(FromEmailAddress="a@other.test"))[0][1] == f"{ARN}:identity/a@other.test"


def test_the_conditions_of_sending(ses):
    check, _ = checks(ses.account, call("SendEmail", **simple()), version="2")
    assert check.keys == {
        "ses:FromAddress": "hello@acme.test",
        "ses:FromDisplayName": "Acme",
        "ses:Recipients": ["mia@example.org"],
        "ses:ApiVersion": "2",
    }


def test_other_operations_are_checked_by_name_on_what_they_name(ses):
    assert asked(ses, "GetAccount") == [("ses:GetAccount", "*")]
    named = asked(ses, "PutConfigurationSetSendingOptions", ConfigurationSetName="main")
    assert named == [("ses:PutConfigurationSetSendingOptions", f"{ARN}:configuration-set/main")]
    assert asked(ses, "GetEmailIdentity", EmailIdentity="acme.test")[0][1] == f"{ARN}:identity/acme.test"
    assert asked(ses, "SetActiveReceiptRuleSet", "1", RuleSetName="x") == [("ses:SetActiveReceiptRuleSet", "*")]
