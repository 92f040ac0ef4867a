from collections.abc import Callable
from typing import Any

from lambdas.shared.outbox.outbox import KeyReused, Outbox
from lambdas.shared.outbox.request import requests
from lambdas.shared.queue import Later, Rejected
from lambdas.shared.schemas import Schemas


def send(
    event: dict[str, Any],
    *,
    schemas: Schemas,
    outbox: Outbox,
    put: Callable[[dict[str, Any]], None],
) -> None:
    """Do what a SendMail event asks for, once; a list of recipients goes back into the queue one by one."""
    schemas.check("SendMail", event.get("detail"))
    asked = requests(event, outbox.now())
    if len(asked) > 1:
        for request in asked:
            put(event | {"detail": request.detail, "fingerprint": request.fingerprint})
        return
    try:
        outcome = outbox.send(asked[0])
    except KeyReused as reused:
        raise Rejected(str(reused)) from None
    if outcome.again_in:
        raise Later(outcome.again_in, outcome.reason)
