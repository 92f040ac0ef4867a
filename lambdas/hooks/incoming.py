"""Whether a webhook that comes in is from whom it says: signatures over the raw bytes. Pure.

NotTheirs           the message says why, and nothing of a secret or a signature
├── NoSecret        nobody has told us the secret yet, so that nothing can be believed
├── NotSigned       a header is missing
├── Garbled         a header, or the body's base64, is not in its form
├── WrongSignature  it was signed with another secret, or changed on its way
└── OutOfTime       signed longer ago than a replay may be, or by a clock that is wrong
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Atlassian, Jira Cloud platform, "Webhooks", section "Secure admin webhooks": method=signature as WebSub has it, of the
# body alone. No time is signed in a header: a replay asks once more for what is pulled anyway.
JIRA_SIGNATURE = "x-hub-signature"
METHOD_AND_HEX = re.compile(r"sha256=([0-9a-fA-F]{64})")
# Zendesk developer documentation, "Verifying the authenticity of webhooks": base64(HMAC-SHA256(timestamp + body)), the
# secret as it is shown (it looks like base64, and is not decoded), the time like 2021-07-25T10:00:00Z.
ZENDESK_SIGNATURE = "x-zendesk-webhook-signature"
ZENDESK_TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
BASE64_OF_32 = re.compile(r"[A-Za-z0-9+/]{43}=")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)
WINDOW = timedelta(minutes=5)


class NotTheirs(Exception):
    """A webhook that is not to be believed."""


class NoSecret(NotTheirs):
    def __init__(self) -> None:
        super().__init__("no secret is set for these webhooks: set it with mailroom connect set")


class NotSigned(NotTheirs):
    def __init__(self, header: str) -> None:
        super().__init__(f"the header {header} is missing")


class Garbled(NotTheirs):
    def __init__(self, what: str, form: str) -> None:
        super().__init__(f"{what} is not {form}")


class WrongSignature(NotTheirs):
    def __init__(self) -> None:
        super().__init__("the signature is not that of this body by our secret: compare the secrets at both ends")


class OutOfTime(NotTheirs):
    def __init__(self) -> None:
        super().__init__(f"it was not signed within the last {WINDOW.seconds // 60} minutes")


def raw_body(event: dict[str, Any]) -> bytes:
    """The very bytes of a call's body (HTTP API, payload format 2.0), over which it is signed; Garbled."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode(errors="surrogatepass")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Garbled("the body", "base64") from None


def check_jira(headers: Mapping[str, str], body: bytes, secret: str) -> None:
    """NotTheirs unless Jira signed these bytes. The headers' names are in lower case, as the HTTP API gives them."""
    given = METHOD_AND_HEX.fullmatch(needed(headers, JIRA_SIGNATURE))
    if not given:
        raise Garbled(f"the header {JIRA_SIGNATURE}", "sha256= and 64 hexadecimal digits")
    compare(bytes.fromhex(given[1]), body, secret)


def check_zendesk(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> None:
    """NotTheirs unless Zendesk signed these bytes, within 5 minutes of now. As to the headers, see check_jira."""
    given, at = needed(headers, ZENDESK_SIGNATURE), needed(headers, ZENDESK_TIMESTAMP)
    if not BASE64_OF_32.fullmatch(given):
        raise Garbled(f"the header {ZENDESK_SIGNATURE}", "32 bytes in base64")
    signed_at = moment(at)
    compare(base64.b64decode(given), at.encode() + body, secret)
    if abs(now - signed_at) > WINDOW:
        raise OutOfTime


def needed(headers: Mapping[str, str], name: str) -> str:
    if value := headers.get(name):
        return value
    raise NotSigned(name)


def moment(text: str) -> datetime:
    try:
        if TIME.fullmatch(text):
            return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:  # the 31st of June
        pass
    raise Garbled(f"the header {ZENDESK_TIMESTAMP}", "a time like 2021-07-25T10:00:00Z")


def compare(given: bytes, signed: bytes, secret: str) -> None:
    """In a time that does not depend on where the two differ. Anybody can sign with an empty secret."""
    if not secret:
        raise NoSecret
    if not hmac.compare_digest(given, hmac.digest(secret.encode(), signed, "sha256")):
        raise WrongSignature
