"""The link by which a recipient leaves marketing. Pure.

It names the message, whose item has the recipient, and proves that we made it. So it holds no address, needs nothing
stored, and works as long as the message is kept.
"""

import hashlib
import hmac

from lambdas.shared.tokens.make import base32, split


def unsubscribe_link(key: bytes, message_id: str) -> str:
    """The part of the link that only the key's holder can make."""
    return message_id + _proof(key, message_id)


def unsubscribing(key: bytes, link: str) -> str | None:
    """The id of the message that a link came with; None if it is not one of ours."""
    message_id, proof = split(link)
    return message_id if hmac.compare_digest(_proof(key, message_id), proof) else None


def _proof(key: bytes, message_id: str) -> str:
    return base32(hmac.new(key, f"unsubscribe|{message_id}".encode(), hashlib.sha256).digest())
