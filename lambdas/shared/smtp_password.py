"""The credentials that SES's SMTP interface takes (SES Developer Guide, smtp-credentials)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TypedDict

_VERSION = b"\x04"
_DATE = "11111111"  # in the place where a signature has its day: the password is of no day


class SmtpCredentials(TypedDict):
    """What an application needs to send by SMTP: the JSON in the secret. `port` takes STARTTLS, `tls_port` only TLS."""

    username: str
    password: str
    host: str
    port: int
    tls_port: int


def smtp_credentials(access_key_id: str, secret_access_key: str, region: str) -> SmtpCredentials:
    """Of an IAM user's own access key; those of a role do not work. Good in this region alone."""
    return SmtpCredentials(
        username=access_key_id,
        password=smtp_password(secret_access_key, region),
        host=f"email-smtp.{region}.amazonaws.com",
        port=587,
        tls_port=465,
    )


def smtp_password(secret_access_key: str, region: str) -> str:
    """A chain of HMACs as in Signature Version 4, from which the access key's secret cannot be had back."""
    key = b"AWS4" + secret_access_key.encode()
    for part in (_DATE, region, "ses", "aws4_request", "SendRawEmail"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return base64.b64encode(_VERSION + key).decode()
