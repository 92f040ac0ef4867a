"""SES's HTTP API: a request is read, checked against IAM, performed, answered."""

import asyncio
import dataclasses
import logging
from typing import Any

from local import emulator
from local.asgi import Receive, Scope, Send, answer, read_body, signed_for
from local.ses import wire
from local.ses.authorization import Check, checks
from local.ses.errors import InternalFailure, NotEmulated, SesError, Told
from local.ses.operations import V1, V2, Operation
from local.ses.regions import Regions
from local.ses.send import NoAnswer
from local.ses.service import Ses
from local.ses.wire import Call

_log = logging.getLogger(__name__)
Answer = tuple[int, dict[str, str], bytes]
Table = dict[str, Operation]


class Api:
    """An ASGI application; operations run in a thread, because they call back into MiniStack's event loop."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ses = self._regions.of(signed_for(scope) or self._regions.home.account.region)
        emulator.use_scope(ses.account.id, ses.account.region)
        body = await read_body(receive)
        request = emulator.SignedRequest(scope, body)
        try:
            answered = await asyncio.to_thread(_answer, ses, scope, body, request)
        except NoAnswer as unanswered:
            await (_break_off(send) if unanswered.dropped else _hang(receive))
        else:
            await answer(send, *answered)


def _answer(ses: Ses, scope: Scope, body: bytes, request: emulator.SignedRequest) -> Answer:
    second = scope["path"].startswith("/v2/email/")
    error = wire.error_v2 if second else wire.error_v1
    try:
        call = _read(scope, body) if second else wire.read_v1(body)
        call = dataclasses.replace(call, caller=request.caller, source_ip=(scope.get("client") or ("127.0.0.1",))[0])
        with ses.lock:
            asked = checks(ses.account, call, version="2" if second else "1")
            if refused := _refusal(request, asked):
                return refused
            result = _perform(ses, V2 if second else V1, call)
        return wire.write_v2(result) if second else wire.write_v1(call.operation, result)
    except SesError as raised:
        return error(raised)
    except NoAnswer:
        raise
    except Exception as raised:
        _log.exception("SES could not answer %s %s", scope["method"], scope["path"])
        return error(InternalFailure(f"The embedded SES failed: {raised!r}; its log has the traceback."))


def _perform(ses: Ses, table: Table, call: Call) -> dict[str, Any]:
    if told := ses.knobs.refusals.get(call.operation):
        raise Told(told.popleft())
    return _operation(table, call.operation)(ses, call)


async def _hang(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _break_off(send: Send) -> None:
    """An answer that is announced longer than it is; the server then closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b'{"Mess', "more_body": True})


def _read(scope: Scope, body: bytes) -> Call:
    raw_path = scope["raw_path"].decode("latin-1").partition("?")[0]
    return wire.read_v2(scope["method"], raw_path, scope["query_string"].decode("latin-1"), body)


def _refusal(request: emulator.SignedRequest, asked: list[Check]) -> Answer | None:
    for check in asked:
        if refused := request.refusal(check.action, check.resource, check.keys):
            return refused.status, refused.headers, refused.body
    return None


def _operation(table: Table, name: str) -> Operation:
    try:
        return table[name]
    except KeyError:
        raise NotEmulated(f"{name} is not emulated on the laptop; docs/local.md lists what is.") from None
