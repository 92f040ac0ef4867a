"""A key that SES signs a domain's mail with, where it is ours: its halves, and the DNS record of the public one."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from lambdas.shared.timestamps import iso, parsed

if TYPE_CHECKING:
    from collections.abc import Collection

BITS = 2048  # what Gmail and Yahoo advise, and the longest that SES takes (developer guide, dkim-bring-your-own)
STRING = 255  # octets of one string of a TXT record (RFC 1035 section 3.3)
# A mail is checked when it arrives, and once more by whoever forwards it; servers try for five days (RFC 5321
# section 4.5.4.1).
STAYS = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Key:
    """`private` is as SES takes it, PKCS #8 in base64 on one line; empty once another key has taken its place, which
    was at `replaced`."""

    selector: str
    public: str
    private: str
    made: str
    replaced: str | None = None

    def record(self, domain: str) -> tuple[str, str, str]:
        """Name, type and value, as zone files have it. `p=` alone is what SES's guide shows; the other tags have just
        the defaults that are needed (RFC 6376 section 3.6.1)."""
        text = f"p={self.public}"
        strings = (text[at : at + STRING] for at in range(0, len(text), STRING))
        return f"{self.selector}._domainkey.{domain}", "TXT", " ".join(f'"{part}"' for part in strings)

    def needed(self, now: datetime) -> bool:
        """Whether its record must be there: for the mail that it signs, will sign, or signed not long ago."""
        return self.replaced is None or now < parsed(self.replaced) + STAYS


def new_key(taken: Collection[str], now: datetime) -> Key:
    """With a selector that says when it was made and is none of `taken`."""
    made = generate_private_key(public_exponent=65537, key_size=BITS)
    private = made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Key(
        selector=_selector(taken, now),
        public=b64encode(public).decode(),
        private=b64encode(private).decode(),
        made=iso(now),
    )


def _selector(taken: Collection[str], now: datetime) -> str:
    day = f"mailroom{now:%Y%m%d}"
    return next(name for number in range(len(taken) + 1) if (name := f"{day}-{number}" if number else day) not in taken)
