import os
from typing import Any

import aws_encryption_sdk
import boto3
from aws_encryption_sdk.identifiers import CommitmentPolicy

from lambdas.cognito.mail import event_for
from lambdas.shared.outbox.request import queued, requests
from lambdas.shared.outbox.wiring import outbox_from_environment

sqs = boto3.client("sqs")
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
    outcome = outbox.send(request)
    if outcome.again_in:
        body = queued(request, [])
        delay = min(900, round(outcome.again_in))
        sqs.send_message(QueueUrl=os.environ["SEND_QUEUE_URL"], MessageBody=body, DelaySeconds=delay)
    return event
