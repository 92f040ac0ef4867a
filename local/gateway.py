"""The one HTTP port: what is for SES we answer ourselves, everything else MiniStack does."""

import re
from collections.abc import Set
from typing import Any

from local import emulator
from local.asgi import App, Scope, answer, header, signed_for
from local.tally import Tally

# Signature Version 4 names the service it signs for: Credential=KEY/DATE/REGION/SERVICE/aws4_request.
_SIGNED_FOR_SES = re.compile(rb"Credential=[^/,]*/[^/]*/[^/]*/ses/")
_NOBODY = b"AKIANOBODY"


class Gateway:
    """An ASGI application over three: our SES, the knobs under /_mailroom/, and MiniStack; `tally` counts. Nothing that
    is signed for a region in `down` is answered by them."""

    def __init__(self, *, ses: App, control: App, tally: Tally, down: Set[str]) -> None:
        self._down = down
        self._tally = tally
        self._ses = ses
        self._control = control

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            if signed_for(scope) in self._down:
                await answer(send, 503, {}, b"")  # the knob `region` of local/control.py
                return
            # Everything here is loopback, where nobody listens in: policies that demand TLS are satisfied.
            scope = _without_root({**scope, "scheme": "https"})
            send = self._tally.counting(scope, send)
        await self._choose(scope)(scope, receive, send)

    def _choose(self, scope: Scope) -> App:
        if scope["type"] != "http":
            return emulator.app  # type: ignore[no-any-return]  # MiniStack ships no types
        if scope["path"].startswith("/v2/email/") or _SIGNED_FOR_SES.search(header(scope, b"authorization")):
            return self._ses
        if scope["path"] == "/_mailroom/requests":
            return self._tally
        return self._control if scope["path"].startswith("/_mailroom/") else emulator.app


def _without_root(scope: Scope) -> Scope:
    """MiniStack takes some keys for the account's root and checks no signature of theirs; here nobody has them."""
    key = emulator.access_key(scope["headers"], scope["query_string"])
    if not emulator.is_root_key(key):
        return scope
    claimed = key.encode("latin-1")
    headers = [
        (name, value.replace(claimed, _NOBODY) if name == b"authorization" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers, "query_string": scope["query_string"].replace(claimed, _NOBODY)}
