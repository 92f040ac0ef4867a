"""Identities in the standby region: replicas of ours, and nothing else, are made and deleted."""

from importlib import import_module

import boto3
import pytest
from botocore.stub import Stubber

from lambdas.identities.replica import Identities, origin_of
from lambdas.shared.custom_resource import Refused

ASKED = {
    "ResourceProperties": {
        "Identity": "acme.test",
        "FirstRegion": "eu-west-1",
        "ConfigurationSet": "set-t",
        "MailFrom": "bounce-standby.acme.test",
    }
}
OURS = {"DkimAttributes": {"SigningAttributesOrigin": "AWS_SES_EU_WEST_1"}}
FOREIGN = {"DkimAttributes": {"SigningAttributesOrigin": "AWS_SES"}}
NAME = {"EmailIdentity": "acme.test"}
CREATE = NAME | {"DkimSigningAttributes": {"DomainSigningAttributesOrigin": "AWS_SES_EU_WEST_1"}}


@pytest.fixture
def ses():
    client = boto3.client("sesv2", region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def configured(ses):
    """What every identity is told, once it is there."""
    named = {"ConfigurationSetName": "set-t"}
    mail_from = {"MailFromDomain": "bounce-standby.acme.test", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}
    ses.add_response("put_email_identity_configuration_set_attributes", {}, NAME | named)
    ses.add_response("put_email_identity_mail_from_attributes", {}, NAME | mail_from)
    ses.add_response("put_email_identity_feedback_attributes", {}, NAME | {"EmailForwardingEnabled": False})


def test_an_identity_is_made_with_the_keys_of_the_first_regions(ses):
    ses.add_response("create_email_identity", {}, CREATE)
    configured(ses)
    Identities(ses=ses.client).create(ASKED)


def test_a_repeat_changes_nothing_of_a_replica_that_is_there(ses):
    ses.add_client_error("create_email_identity", "AlreadyExistsException")
    ses.add_response("get_email_identity", OURS, NAME)
    configured(ses)
    Identities(ses=ses.client).create(ASKED)


def test_an_identity_with_keys_of_its_own_is_neither_taken_over_nor_deleted(ses):
    ses.add_client_error("create_email_identity", "AlreadyExistsException")
    ses.add_response("get_email_identity", FOREIGN, NAME)
    with pytest.raises(Refused, match=r"acme\.test is an identity in this region already.*--region eu-central-1"):
        Identities(ses=ses.client).create(ASKED)
    ses.add_response("get_email_identity", FOREIGN, NAME)  # CloudFormation takes back what it could not make
    Identities(ses=ses.client).delete(ASKED)


def test_an_update_makes_the_identity_where_it_is_of_another_name(monkeypatch):
    for name, value in {"DEFAULT_REGION": "eu-central-1", "ACCESS_KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    handler = import_module("lambdas.identities.handler")
    with Stubber(handler.identities.ses) as ses:
        ses.add_response("create_email_identity", {}, CREATE)
        configured(ses)
        handler.ACTIONS["Update"](ASKED)
        ses.assert_no_pending_responses()


def test_a_replica_is_deleted_and_one_that_is_gone_is_not_missed(ses):
    ses.add_response("get_email_identity", OURS, NAME)
    ses.add_response("delete_email_identity", {}, NAME)
    Identities(ses=ses.client).delete(ASKED)
    ses.add_client_error("get_email_identity", "NotFoundException")
    Identities(ses=ses.client).delete(ASKED)


def test_ses_knows_every_region_by_a_name_that_is_made_like_this():
    shape = boto3.client("sesv2", region_name="us-east-1").meta.service_model.shape_for("DkimSigningAttributesOrigin")
    assert {origin_of(region) for region in ("eu-west-1", "us-gov-east-1", "ap-southeast-3")} <= set(shape.enum)
