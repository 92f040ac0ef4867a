"""The knobs, under /_mailroom/ on the same port, in JSON: what a test needs and no AWS API gives.

PUT  /_mailroom/account   {"sandbox": bool, "max_rate": n, "max_24_hours": n, "enforcement": one of ENFORCEMENT,
                          "review": one of REVIEWS, "new_identities": "SUCCESS"|"PENDING", "plan": one of PLANS}
PUT  /_mailroom/identity  {"name": "…", "verified": bool, "status": one of UNVERIFIED, "dkim"|"mail_from": one of
                          STATES, "error": "…"}; what is not named of the last three is as the identity is
PUT  /_mailroom/refusals  {"operation": "GetAccount", "next": ["AccessDeniedException", …]}; for its next calls
PUT  /_mailroom/fate      {"address": "…", "fate": one of local.ses.simulator.FATES}; of the next mail to it
PUT  /_mailroom/verdicts  {"sender": "…", "spam"|"virus"|"spf"|"dkim"|"dmarc": status, "dmarcPolicy": "…"}; of the next
PUT  /_mailroom/sends     {"next": [one of local.ses.knobs.SENDS, …]}; for the next calls of SendEmail
PUT  /_mailroom/chaos     fields of local.ses.chaos.Chaos; for all that follows, until it is put anew: {} ends it
PUT  /_mailroom/events    {"hold": true} | {"copies": n} | {"release": "in order"|"backwards"}
PUT  /_mailroom/engaged   {"address": "…", "link": "…", "bot": "Likely"}; opens the last mail to it, or follows a link
PUT  /_mailroom/region    {"down": bool}; nothing there answers, receives mail or calls a function
GET  /_mailroom/settled   answers once every accepted mail has its fate

What is put may name a "region"; without it the one is meant that the embedded AWS was started in.
"""

import asyncio
import dataclasses
import json
from collections import deque
from collections.abc import Callable
from typing import Any

from local.asgi import Receive, Scope, Send, answer, read_body
from local.ses.account import VERIFIED
from local.ses.chaos import Chaos
from local.ses.knobs import SENDS
from local.ses.regions import Regions
from local.ses.review import REVIEWS
from local.ses.service import Ses
from local.ses.simulator import FATES
from local.ses.verdicts import KINDS, STATUSES

_SETTLE_SECONDS = 30
ENFORCEMENT = ("HEALTHY", "PROBATION", "SHUTDOWN")
UNVERIFIED = ("PENDING", "TEMPORARY_FAILURE", "FAILED")
STATES = (VERIFIED, *UNVERIFIED)
PLANS = ("NONE", "ESSENTIALS", "PRO", "ENTERPRISE")
ACCOUNT = {"enforcement": ENFORCEMENT, "plan": PLANS, "new_identities": (VERIFIED, "PENDING")}


class Control:
    """An ASGI application."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await read_body(receive)
        status, result = await asyncio.to_thread(self._turn, scope["method"], scope["path"], body)
        await answer(send, status, {"content-type": "application/json"}, json.dumps(result).encode())

    def _turn(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        name = path.removeprefix("/_mailroom/")
        try:
            asked = json.loads(body or b"{}")
            region = asked.pop("region", self._regions.home.account.region)
            if (method, name) == ("PUT", "region"):
                return 200, self._region(region, down=asked["down"] is True)
            if (method, name) == ("GET", "settled"):
                return 200, {"settled": all(ses.post.wait(_SETTLE_SECONDS) for ses in self._regions)}
            if knob := _KNOBS.get((method, name)):
                return 200, knob(self._regions.of(region), asked)
        except (KeyError, TypeError, ValueError) as error:
            return 400, {"error": f"{path}: {error!r}"}
        return 404, {"error": f"No knob at {method} {path}; local/control.py lists them."}

    def _region(self, name: str, *, down: bool) -> dict[str, Any]:
        (self._regions.down.add if down else self._regions.down.discard)(name)
        return {}


def _account(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    with ses.lock:
        if "sandbox" in asked:
            ses.account.move(sandbox=bool(asked["sandbox"]))
        if "review" in asked:
            ses.account.reviewed(_one_of(asked["review"], REVIEWS))
        ses.account.quota.max_rate = asked.get("max_rate", ses.account.quota.max_rate)
        ses.account.quota.max_24_hours = asked.get("max_24_hours", ses.account.quota.max_24_hours)
        for name, allowed in ACCOUNT.items():
            setattr(ses.account, name, _one_of(asked.get(name, getattr(ses.account, name)), allowed))
    return {}


def _identity(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    with ses.lock:
        found = ses.account.identities[asked["name"]]
        ses.account.identities[asked["name"]] = dataclasses.replace(
            found,
            verified=bool(asked.get("verified", found.verified)),
            unverified=_one_of(asked.get("status", found.unverified), UNVERIFIED),
            dkim=_one_of(asked.get("dkim", ""), ("", *STATES)),
            mail_from_records=_one_of(asked.get("mail_from", ""), ("", *STATES)),
            error=str(asked.get("error", "")),
        )
    return {}


def _refusals(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    ses.knobs.refusals[str(asked["operation"])] = deque(str(code) for code in asked["next"])
    return {}


def _fate(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    ses.knobs.fates[asked["address"].lower()] = _one_of(asked["fate"], FATES)
    return {}


def _verdicts(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    told = {kind: _one_of(asked[kind], STATUSES) for kind in KINDS if kind in asked}
    told |= {key: str(asked[key]) for key in ("dmarcPolicy",) if key in asked}
    ses.knobs.verdicts[asked["sender"].lower()] = told
    return {}


def _sends(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    ses.knobs.sends.extend([_one_of(knob, SENDS) for knob in asked["next"]])
    return {}


def _chaos(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    with ses.lock:
        ses.knobs.chaos = Chaos(**{name: float(value) for name, value in asked.items()})
    return {}


def _events(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    ses.knobs.copies = int(asked.get("copies", ses.knobs.copies))
    if "release" in asked:
        ses.feed.release(backwards=asked["release"] == "backwards")
    else:
        ses.knobs.hold = bool(asked.get("hold", ses.knobs.hold))
    return {}


def _engaged(ses: Ses, asked: dict[str, Any]) -> dict[str, Any]:
    bot = _one_of(asked.get("bot", "Unlikely"), ("Likely", "Unlikely"))
    ses.post.engage(asked["address"], link=str(asked.get("link", "")), bot=bot)
    return {}


def _one_of(value: Any, allowed: Any) -> str:
    if value not in allowed:
        raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    return str(value)


_KNOBS: dict[tuple[str, str], Callable[[Ses, dict[str, Any]], dict[str, Any]]] = {
    ("PUT", "account"): _account,
    ("PUT", "identity"): _identity,
    ("PUT", "refusals"): _refusals,
    ("PUT", "fate"): _fate,
    ("PUT", "verdicts"): _verdicts,
    ("PUT", "sends"): _sends,
    ("PUT", "chaos"): _chaos,
    ("PUT", "events"): _events,
    ("PUT", "engaged"): _engaged,
}
