"""States of identities and of the account, by the knobs, as an SDK meets them."""

from contextlib import ExitStack

import pytest
from botocore.exceptions import ClientError

from tests.integration.local.test_sending import send

REQUEST = {
    "MailType": "TRANSACTIONAL",
    "WebsiteURL": "https://acme.test",
    "UseCaseDescription": "Receipts.",
    "ProductionAccessEnabled": True,
}


@pytest.fixture
def knob(mail):
    """Turns knobs, and all of them back in the end."""
    with ExitStack() as in_the_end:
        in_the_end.callback(mail.knob, "account", sandbox=False, review="GRANTED", enforcement="HEALTHY")
        in_the_end.callback(mail.knob, "identity", name="acme.test", verified=True)
        yield mail.knob


def refused(call, *arguments, **parameters):
    with pytest.raises(ClientError) as failed:
        call(*arguments, **parameters)
    return failed.value.response["Error"]["Code"]


def test_production_access_is_asked_for_once_and_granted_later(mail, knob):
    knob("account", sandbox=True, review="PENDING")
    mail.sesv2.put_account_details(**REQUEST)
    assert refused(mail.sesv2.put_account_details, **REQUEST) == "ConflictException"
    assert refused(send, mail, "mia@example.org") == "MessageRejected"
    knob("account", review="GRANTED")
    assert mail.sesv2.get_account()["Details"]["ReviewDetails"]["Status"] == "GRANTED"
    send(mail, "success@simulator.amazonses.com")


def test_an_account_that_aws_has_stopped_sends_nothing(mail, knob):
    knob("account", enforcement="SHUTDOWN")
    assert refused(send, mail, "mia@example.org") == "AccountSuspendedException"


def test_calls_are_refused_as_a_knob_says(mail, knob):
    knob("refusals", operation="GetAccount", next=["AccessDeniedException"])
    assert refused(mail.sesv2.get_account) == "AccessDeniedException"
    assert mail.sesv2.get_account()["SendingEnabled"] is True


def test_a_mail_from_domain_without_records_stops_mail_where_it_is_to(mail, knob):
    named = {"EmailIdentity": "acme.test", "MailFromDomain": "bounce.acme.test"}
    mail.sesv2.put_email_identity_mail_from_attributes(**named, BehaviorOnMxFailure="REJECT_MESSAGE")
    knob("identity", name="acme.test", mail_from="FAILED")
    assert refused(send, mail, "mia@example.org") == "MailFromDomainNotVerifiedException"
    mail.sesv2.put_email_identity_mail_from_attributes(**named, BehaviorOnMxFailure="USE_DEFAULT_VALUE")
    send(mail, "success@simulator.amazonses.com")
