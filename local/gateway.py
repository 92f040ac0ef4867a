"""The one HTTP port: what is for SES we answer ourselves, everything else MiniStack does."""

import json
import re
from typing import Any

from local import emulator
from local.asgi import App, Receive, Scope, Send, answer, header

# Signature Version 4 names the service it signs for: Credential=KEY/DATE/REGION/SERVICE/aws4_request.
_SIGNED_FOR_SES = re.compile(rb"Credential=[^/,]*/[^/]*/[^/]*/ses/")
_REFUSED = {
    "__type": "UnrecognizedClientException",
    "message": "The security token included in the request is invalid.",
}


class Gateway:
    """An ASGI application over three: our SES, the knobs under /_mailroom/, and MiniStack."""

    def __init__(self, *, ses: App, control: App) -> None:
        self._ses = ses
        self._control = control

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Everything here is loopback, where nobody listens in: policies that demand TLS are satisfied.
        scope = {**scope, "scheme": "https"} if scope["type"] == "http" else scope
        await self._choose(scope)(scope, receive, send)

    def _choose(self, scope: Scope) -> App:
        if scope["type"] != "http":
            return emulator.app  # type: ignore[no-any-return]  # MiniStack ships no types
        if emulator.is_root_key(emulator.access_key(scope["headers"], scope["query_string"])):
            return _refuse
        if scope["path"].startswith("/v2/email/") or _SIGNED_FOR_SES.search(header(scope, b"authorization")):
            return self._ses
        return self._control if scope["path"].startswith("/_mailroom/") else emulator.app


async def _refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, 403, {"content-type": "application/json"}, json.dumps(_REFUSED).encode())
