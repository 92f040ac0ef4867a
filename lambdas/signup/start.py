from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambdas.shared.verifications import LIFETIME, Verifications, link_of, make_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from lambdas.shared.schemas import Schemas


def start(
    event: dict[str, Any],
    *,
    schemas: Schemas,
    verifications: Verifications,
    token_key: bytes,
    pages_url: str,
    put: Callable[[str], None],
    now: datetime,
) -> None:
    """Begin the verification that a UserSignedUp event asks for, and put its mail on the send queue.

    Handled twice, the event gives the same link and the same request, of which the outbox sends one.
    """
    user = schemas.check("UserSignedUp", event.get("detail"))
    request_id = user.get("request_id", event["id"])
    token = make_token(token_key, user["email"], request_id)
    verifications.start(email=user["email"], user_id=user.get("user_id"), token=token, now=now)
    put(
        json.dumps(
            {
                "id": event["id"],
                "detail-type": "SendMail",
                "detail": {
                    "idempotency_key": f"verification|{user['email']}|{request_id}",
                    "to": user["email"],
                    "template": "verification",
                    "data": {
                        "name": user.get("name", ""),
                        "link": f"{pages_url}/verify/{link_of(user['email'], token)}",
                        "hours": int(LIFETIME.total_seconds()) // 3600,
                    },
                },
            }
        )
    )
