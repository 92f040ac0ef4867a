"""The HTTP API for machines: mail, one-time codes, password resets. What it takes and answers: docs/sending.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.http import Answer, Refused, answered, body, idempotency_key, needed_key
from lambdas.shared.messages import ENDED
from lambdas.shared.outbox.at_once import send_at_once
from lambdas.shared.outbox.outbox import KeyReused, Outbox
from lambdas.shared.outbox.request import requests
from lambdas.shared.queue import Rejected
from lambdas.shared.tokens.desk import Desk, ForeignReturnUrl
from lambdas.shared.tokens.make import PASSWORD_RESET
from lambdas.shared.tokens.table import Verdict

if TYPE_CHECKING:
    from lambdas.shared.schemas import Schemas

REFUSALS: dict[type[Exception], HTTPStatus] = {
    Rejected: HTTPStatus.BAD_REQUEST,
    ForeignReturnUrl: HTTPStatus.BAD_REQUEST,
    KeyReused: HTTPStatus.CONFLICT,
}


@dataclass(frozen=True, kw_only=True)
class Api:
    schemas: Schemas
    outbox: Outbox
    desk: Desk
    put: Callable[[str, str, float], None]

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        return answered(lambda: ROUTES[event["routeKey"]](self, event), REFUSALS)

    def send(self, event: dict[str, Any]) -> Answer:
        key = needed_key(event, "it makes a repeat one mail")
        detail = self.schemas.check("SendMail", body(event) | {"idempotency_key": key})
        asked = requests({"id": key, "detail": detail}, self.outbox.now())
        outcomes = [send_at_once(self.outbox, request, self.put) for request in asked]
        told = [
            {"id": outcome.id, "to": request.recipient, "state": outcome.state, "reason": outcome.reason}
            for request, outcome in zip(asked, outcomes, strict=True)
        ]
        failed = all(outcome.state in ENDED for outcome in outcomes)
        return HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK, {"messages": told}

    def show(self, event: dict[str, Any]) -> Answer:
        message = self.outbox.messages.get(event["pathParameters"]["id"])
        if not message:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no message of this id")
        return HTTPStatus.OK, asdict(message)

    def cancel(self, event: dict[str, Any]) -> Answer:
        message_id = event["pathParameters"]["id"]
        try:
            self.outbox.cancel(message_id)
        except ConditionFailed as failed:
            if not failed.item:
                raise Refused(HTTPStatus.NOT_FOUND, "there is no message of this id") from None
            state = failed.item.get("state", "not ours")
            raise Refused(HTTPStatus.CONFLICT, f"only a scheduled message can be cancelled; it is {state}") from None
        return HTTPStatus.OK, {"id": message_id, "state": "cancelled"}

    def start_code(self, event: dict[str, Any]) -> Answer:
        """The same answer whether the address is known, was asked for too often, or waits for SES."""
        asked = self.schemas.check("CodeRequested", body(event))
        request_id = idempotency_key(event) or event["requestContext"]["requestId"]
        outcome = self.desk.code(asked, request_id)
        if outcome.again_in:
            again = {"id": request_id, "detail-type": "CodeRequested", "detail": asked}
            self.put("TOKENS_QUEUE_URL", json.dumps(again), outcome.again_in)
        return HTTPStatus.ACCEPTED, {}

    def check_code(self, event: dict[str, Any]) -> Answer:
        asked = self.schemas.check("CodeCheck", body(event))
        return HTTPStatus.OK, {"valid": self.desk.check_code(asked["email"], asked["code"])}

    def check_token(self, event: dict[str, Any]) -> Answer:
        asked = self.schemas.check("TokenCheck", body(event))
        verdict, proved = self.desk.tokens.use(asked["token"], PASSWORD_RESET, self.outbox.now())
        if verdict is not Verdict.VALID or not proved:
            return HTTPStatus.OK, {"valid": False, "reason": verdict}
        return HTTPStatus.OK, {"valid": True, "email": proved.email, "user_id": proved.user_id}


ROUTES: dict[str, Callable[[Api, dict[str, Any]], Answer]] = {
    "POST /messages": Api.send,
    "GET /messages/{id}": Api.show,
    "DELETE /messages/{id}": Api.cancel,
    "POST /codes": Api.start_code,
    "POST /codes/check": Api.check_code,
    "POST /tokens/check": Api.check_token,
}
