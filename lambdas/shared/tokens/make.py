"""What proves that a person reads the mail of an address: a link's token, or a code to type in. Pure.

Both are derived from a secret key, the address and the request, so that a request that is handled twice gives the
same proof; only hashes of them are stored.
"""

import base64
import hashlib
import hmac
import re

from lambdas.shared.recipients import canonical

VERIFICATION, PASSWORD_RESET, CODE = "verification", "password-reset", "code"
LINK = re.compile(r"([a-z2-7]{26})([a-z2-7]{52})")


def token_id(purpose: str, email: str) -> str:
    """The item that holds an address's tokens of one purpose."""
    return base32(hashlib.sha256(f"{purpose}|{canonical(email)}".encode()).digest()[:16])


def make_token(key: bytes, purpose: str, email: str, request_id: str) -> str:
    """256 bits that only the key's holder can make."""
    return base32(_derive(key, "token", purpose, email, request_id))


def make_code(key: bytes, email: str, request_id: str, digits: int) -> str:
    """A number to type in, `digits` long; each of them as likely as any other, but for one in 2^200."""
    return f"{int.from_bytes(_derive(key, 'code', CODE, email, request_id)) % 10**digits:0{digits}}"


def _derive(key: bytes, *parts: str) -> bytes:
    kind, purpose, email, request_id = parts
    return hmac.new(key, "|".join((kind, purpose, canonical(email), request_id)).encode(), hashlib.sha256).digest()


def link_of(purpose: str, email: str, token: str) -> str:
    """The part of a link that names the item and proves it."""
    return token_id(purpose, email) + token


def split(link: str) -> tuple[str, str]:
    """A link's item and token; nothing that could match where it has not a link's form."""
    match = LINK.fullmatch(link)
    return (match[1], match[2]) if match else ("none", "")


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def code_hash(key: bytes, email: str, code: str) -> str:
    """Keyed, because a code is short enough to try all of them against a plain hash."""
    return hmac.new(key, f"typed|{canonical(email)}|{code}".encode(), hashlib.sha256).hexdigest()


def base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
