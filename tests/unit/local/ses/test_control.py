import asyncio
import json

import pytest

from local.control import Control
from local.ses.chaos import Chaos
from local.ses.regions import Regions


def turn(ses, method, knob, **asked):
    sent = []

    async def receive():
        return {"type": "http.request", "body": json.dumps(asked).encode()}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": f"/_mailroom/{knob}", "headers": []}
    regions = Regions(ses.account.region, lambda _regions, _name: ses)
    asyncio.run(Control(regions)(scope, receive, send))
    return sent[0]["status"], json.loads(sent[1]["body"])


def test_the_knobs_turn_what_they_say(ses):
    assert turn(ses, "PUT", "account", sandbox=True, max_rate=5) == (200, {})
    assert (ses.account.sandbox, ses.account.quota.max_rate, ses.account.quota.max_24_hours) == (True, 5, 200)
    turn(ses, "PUT", "identity", name="acme.test", verified=False)
    assert not ses.account.verified("a@acme.test")
    turn(ses, "PUT", "fate", address="Mia@Example.org", fate="bounced")
    assert ses.knobs.fates == {"mia@example.org": "bounced"}
    turn(ses, "PUT", "verdicts", sender="Mia@example.org", spam="FAIL", dmarcPolicy="reject")
    assert ses.knobs.verdicts == {"mia@example.org": {"spam": "FAIL", "dmarcPolicy": "reject"}}
    turn(ses, "PUT", "sends", next=["throttle", "fail"])
    assert list(ses.knobs.sends) == ["throttle", "fail"]
    turn(ses, "PUT", "chaos", seed=7, fail=0.1)
    assert ses.knobs.chaos == Chaos(seed=7, fail=0.1)
    turn(ses, "PUT", "chaos")
    assert ses.knobs.chaos == Chaos()
    turn(ses, "PUT", "events", hold=True, copies=3)
    assert (ses.knobs.hold, ses.knobs.copies) == (True, 3)
    turn(ses, "PUT", "events", release="backwards")
    assert ses.knobs.hold is False
    assert turn(ses, "GET", "settled") == (200, {"settled": True})


@pytest.mark.parametrize(
    ("method", "name", "asked", "status"),
    [
        ("GET", "nothing", {}, 404),
        ("GET", "account", {}, 404),
        ("PUT", "fate", {"address": "a@b.c", "fate": "lost"}, 400),
        ("PUT", "fate", {}, 400),
        ("PUT", "identity", {"name": "unknown.test", "verified": True}, 400),
        ("PUT", "verdicts", {"sender": "a@b.c", "spam": "MAYBE"}, 400),
        ("PUT", "sends", {"next": ["explode"]}, 400),
        ("PUT", "engaged", {"address": "nobody@example.org"}, 400),
        ("PUT", "engaged", {"address": "nobody@example.org", "bot": "yes"}, 400),
        ("PUT", "chaos", {"explode": 0.5}, 400),
        ("PUT", "chaos", {"fail": "often"}, 400),
    ],
)
def test_what_is_no_knob_is_said(ses, method, name, asked, status):
    assert turn(ses, method, name, **asked)[0] == status
