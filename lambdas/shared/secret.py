"""Secrets that the operator fills: made empty, and read as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.client import SecretsManagerClient


def secret(client: SecretsManagerClient, arn: str) -> dict[str, Any]:
    """What the secret holds; nothing, if nobody has filled it with a JSON object."""
    try:
        held = json.loads(client.get_secret_value(SecretId=arn)["SecretString"])
    except ClientError as error:
        # One that was made and never filled has no version (API GetSecretValue).
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return {}
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}
