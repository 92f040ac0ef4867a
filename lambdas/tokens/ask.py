from typing import Any

from lambdas.shared.outbox.outbox import KeyReused
from lambdas.shared.queue import Later, Rejected
from lambdas.shared.schemas import Schemas
from lambdas.shared.tokens.desk import Desk, ForeignReturnUrl


def ask(event: dict[str, Any], *, schemas: Schemas, desk: Desk) -> None:
    """Mail the proof that an event asks for. Handled twice, the event gives the same proof and one mail."""
    kind = event.get("detail-type", "")
    mail = {
        "UserSignedUp": desk.verification,
        "PasswordResetRequested": desk.password_reset,
        "CodeRequested": desk.code,
    }.get(kind)
    if not mail:
        raise Rejected(f"no event that asks for a proof: {kind[:100]!r}")
    asked = schemas.check(kind, event.get("detail"))
    try:
        outcome = mail(asked, asked.get("request_id", event["id"]))
    except (ForeignReturnUrl, KeyReused) as error:
        raise Rejected(str(error)) from None
    if outcome.again_in:
        raise Later(outcome.again_in, outcome.reason)
