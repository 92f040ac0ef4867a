"""Who asked what of this AWS how often, and how it was answered: what a bill would be made of."""

import json
import re
from collections import Counter

from local import emulator
from local.asgi import Receive, Scope, Send, answer, header

_VERSION = re.compile(r"_\d{8}(?=\.)")  # DynamoDB_20120810.GetItem


class Tally:
    """An ASGI application that tells what `counting` has counted: GET /_mailroom/requests.

    Requests have a name where their protocol gives them one (X-Amz-Target: DynamoDB, SQS, EventBridge) and where they
    are for SES; the others are not counted. The caller is a user, or a function's role.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, int]] = Counter()
        self._callers: dict[str, str] = {}

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        told = [
            {"caller": caller, "request": request, "status": status, "count": count}
            for (caller, request, status), count in sorted(self._counts.items())
        ]
        await answer(send, 200, {"content-type": "application/json"}, json.dumps({"requests": told}).encode())

    def counting(self, scope: Scope, send: Send) -> Send:
        """`send`, which also counts the answer."""
        target = _VERSION.sub("", header(scope, b"x-amz-target").decode("latin-1"))
        request = target or str(scope["path"])
        if not target and not request.startswith("/v2/email/"):
            return send
        caller = self._caller(scope)

        async def counted(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                self._counts[caller, request, int(str(message["status"]))] += 1
            await send(message)

        return counted

    def _caller(self, scope: Scope) -> str:
        key = emulator.access_key(scope["headers"], scope["query_string"])
        if key not in self._callers:
            self._callers[key] = emulator.caller(scope["headers"], scope["query_string"])
        return self._callers[key]
