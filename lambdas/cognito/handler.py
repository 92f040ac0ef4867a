import os
from typing import Any

import aws_encryption_sdk
from aws_encryption_sdk.identifiers import CommitmentPolicy

from lambdas.cognito.mail import event_for
from lambdas.shared.outbox.at_once import queues_from_environment, send_at_once
from lambdas.shared.outbox.request import requests
from lambdas.shared.outbox.wiring import outbox_from_environment

put = queues_from_environment()
outbox = outbox_from_environment()
# Cognito encrypts without key commitment (Cognito Developer Guide, "Custom email sender Lambda trigger").
cipher = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
keys = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[os.environ["COGNITO_KEY_ARN"]])


def decrypt(ciphertext: bytes) -> str:
    plaintext, _ = cipher.decrypt(source=ciphertext, key_provider=keys)
    return str(plaintext, "utf-8")


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Send what Cognito would have sent. It ignores the answer, and calls again within seconds if that is an error."""
    [request] = requests(event_for(event, decrypt), outbox.now())
    send_at_once(outbox, request, put)
    return event
