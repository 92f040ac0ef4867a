"""What SES says of identities and of the account before all is well, or when it no longer is."""

import pytest

from local.ses import errors
from local.ses.cloudformation import handlers
from tests.unit.local.ses.conftest import simple
from tests.unit.local.ses.test_control import turn
from tests.unit.local.ses.test_operations import perform

REQUEST = {"MailType": "TRANSACTIONAL", "WebsiteURL": "https://acme.test", "UseCaseDescription": "Receipts."}


def test_identities_wait_for_their_records_where_a_knob_says_so(ses, clock):
    turn(ses, "PUT", "account", new_identities="PENDING")
    created = perform(ses, "CreateEmailIdentity", EmailIdentity="mia@example.org")
    assert (created["VerifiedForSendingStatus"], created["DkimAttributes"]["Status"]) == (False, "NOT_STARTED")
    handlers(lambda: ses)["AWS::SES::EmailIdentity"]["create"]("Domain", {"EmailIdentity": "news.test"}, "Stack")
    found = perform(ses, "GetEmailIdentity", EmailIdentity="news.test")
    assert (found["VerificationStatus"], found["DkimAttributes"]["Status"]) == ("PENDING", "PENDING")
    assert found["DkimAttributes"]["LastKeyGenerationTimestamp"] == clock.now
    assert found["VerificationInfo"] == {"LastCheckedTimestamp": clock.now}
    with pytest.raises(errors.MessageRejected, match=r"news\.test"):
        perform(ses, "SendEmail", **simple(FromEmailAddress="hello@news.test"))


def test_dkim_and_mail_from_have_states_of_their_own(ses):
    turn(ses, "PUT", "identity", name="acme.test", dkim="TEMPORARY_FAILURE", mail_from="FAILED", error="HOST_NOT_FOUND")
    found = perform(ses, "GetEmailIdentity", EmailIdentity="acme.test")
    assert (found["VerifiedForSendingStatus"], found["VerificationInfo"]["ErrorType"]) == (True, "HOST_NOT_FOUND")
    assert found["DkimAttributes"]["Status"] == "TEMPORARY_FAILURE"
    assert found["MailFromAttributes"]["MailFromDomainStatus"] == "FAILED"
    turn(ses, "PUT", "identity", name="acme.test", verified=True)
    found = perform(ses, "GetEmailIdentity", EmailIdentity="acme.test")
    assert (found["DkimAttributes"]["Status"], "ErrorType" in found["VerificationInfo"]) == ("SUCCESS", False)


def test_a_request_for_production_access_is_reviewed(ses):
    turn(ses, "PUT", "account", sandbox=True, review="PENDING")
    assert "Details" not in perform(ses, "GetAccount")
    perform(ses, "PutAccountDetails", **REQUEST, ProductionAccessEnabled=True)
    said = perform(ses, "GetAccount")
    assert (said["ProductionAccessEnabled"], said["Details"]["UseCaseDescription"]) == (False, "Receipts.")
    assert said["Details"]["ReviewDetails"]["Status"] == "PENDING"
    with pytest.raises(errors.Conflict):
        perform(ses, "PutAccountDetails", **REQUEST, ProductionAccessEnabled=True)
    turn(ses, "PUT", "account", review="DENIED")
    assert perform(ses, "GetAccount")["Details"]["ReviewDetails"]["Status"] == "DENIED"
    turn(ses, "PUT", "account", review="GRANTED")
    said = perform(ses, "GetAccount")
    assert (said["ProductionAccessEnabled"], said["SendQuota"]["MaxSendRate"]) == (True, 14)


def test_a_new_account_pays_by_the_essentials_plan(ses):
    assert perform(ses, "GetAccount")["PricingAttributes"] == {"CurrentPlan": "ESSENTIALS"}
    perform(ses, "PutAccountPricingAttributes", Plan="NONE")
    assert perform(ses, "GetAccount")["PricingAttributes"] == {"CurrentPlan": "NONE"}
