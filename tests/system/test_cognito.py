"""What Cognito's trigger does: an encrypted code, given to our function, goes out as a mail of ours."""

import base64
import json

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.identifiers import CommitmentPolicy

from local.outside import until


@pytest.fixture
def encrypted(outside, monkeypatch):
    """Encrypts as Cognito does: with AWS's library, which finds the embedded AWS by the environment."""
    for name, value in outside.aws.environment().items():
        monkeypatch.setenv(name, value)
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT)
    keys = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[outside.outputs["CognitoKeyArn"]])
    return lambda text: base64.b64encode(client.encrypt(source=text, key_provider=keys)[0]).decode()


def test_a_code_of_a_user_pool_goes_out_as_our_mail_and_is_followed(outside, mailroom, encrypted):
    trigger = {
        "triggerSource": "CustomEmailSender_SignUp",
        "userPoolId": "us-east-1_Acme",
        "userName": "cora",
        "request": {
            "type": "customEmailSenderRequestV1",
            "code": encrypted("048213"),
            "userAttributes": {"email": "cora@example.org", "locale": "de"},
        },
    }
    for _ in range(2):
        answer = outside.client("lambda").invoke(
            FunctionName=outside.outputs["CognitoFunctionArn"], Payload=json.dumps(trigger)
        )
        assert "FunctionError" not in answer, answer["Payload"].read()
    [sent] = until(lambda: outside.mail_to("cora@example.org"), "the code's mail")
    assert "048213" in sent.text
    assert "048213" not in sent.subject
    messages = [message for message in mailroom("messages", "--json") if message["recipient"] == "cora@example.org"]
    assert [message["template"] for message in messages] == ["one-time-code"]
