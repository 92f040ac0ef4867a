"""The secret that proofs and links are derived from."""

import os
from functools import cache

import boto3


@cache
def token_key() -> bytes:
    """Read once by each process, when it needs it first."""
    secret = boto3.client("secretsmanager").get_secret_value(SecretId=os.environ["TOKEN_KEY_ARN"])
    return secret["SecretString"].encode()
