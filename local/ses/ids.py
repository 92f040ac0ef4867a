"""Identifiers in SES's own forms, which people and log searches recognise."""

import secrets
from datetime import datetime
from uuid import uuid4


def message_id(now: datetime) -> str:
    """Of a sent message, as us-east-1 writes it: `0100`, the milliseconds, a UUID, `000000`. It sorts by time."""
    return f"0100{int(now.timestamp() * 1000):012x}-{uuid4()}-000000"


def feedback_id(now: datetime) -> str:
    return message_id(now)


def received_id() -> str:
    """Of a mail that came in: 40 lower-case letters and digits."""
    return "".join(secrets.choice("0123456789abcdefghijklmnopqrstuv") for _ in range(40))


def wire_domain(region: str) -> str:
    """What stands after the @ of Message-ID, and of the return path without a custom MAIL FROM."""
    return "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"
