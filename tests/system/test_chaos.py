"""Each mail exactly as often as asked, while everything goes wrong that can."""

import os
import random
import sys

import pytest

from local.deploy import deploy
from local.outside import Outside
from local.server import running
from local.storm import Storm, set_up, turn

MAILS = 300  # `make bench-outbox` does the same with 10,000
BAD_DAY = {"accept_and_drop": 0.1, "fail": 0.1, "throttle": 0.2, "hold_events_seconds": 3}
PER_SECOND, CLAIM_SECONDS, REDELIVERY_SECONDS, KILL_SECONDS = 100, 20, 10, 2


@pytest.fixture
def own(tmp_path, assembly):
    """An embedded AWS of its own, because processes get killed in it."""
    with running(tmp_path / ".mailroom") as aws:
        deploy(aws, assembly=assembly)
        yield Outside(aws, "local")


def test_each_mail_goes_out_once_whatever_ses_and_lambda_do(own):
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    sys.stdout.write(f"CHAOS_SEED={seed} has this day again\n")
    set_up(own, per_second=PER_SECOND, claim_seconds=CLAIM_SECONDS, redelivery_seconds=REDELIVERY_SECONDS)
    turn(own.aws, "account", max_rate=-1)
    turn(own.aws, "chaos", seed=seed, **BAD_DAY)
    turn(own.aws, "events", copies=2)
    verdict = Storm(outside=own, name="chaos", mails=MAILS, times=2, seed=seed, kill_seconds=KILL_SECONDS).run()
    assert (verdict.lost, verdict.twice, verdict.dead) == (0, 0, 0)
    assert verdict.statuses.keys() <= {"sent", "delivered"}
    assert sum(verdict.statuses.values()) == MAILS
    assert verdict.killed > 0
