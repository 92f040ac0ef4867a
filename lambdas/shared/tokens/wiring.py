"""The desk of a function, from the environment that the infrastructure gives to those that have one."""

import json
import os
from datetime import timedelta

from lambdas.shared.outbox.outbox import Outbox
from lambdas.shared.outbox.wiring import tables
from lambdas.shared.tokens.desk import Desk
from lambdas.shared.tokens.key import token_key
from lambdas.shared.tokens.table import Limits, Tokens


def desk_from_environment(outbox: Outbox) -> Desk:
    policy = json.loads(os.environ["TOKEN_POLICY"])
    return Desk(
        tokens=Tokens(tables().Table(os.environ["TOKENS_TABLE"])),
        outbox=outbox,
        key=token_key,
        pages_url=os.environ["PAGES_URL"],
        return_urls=tuple(policy["return_urls"]),
        limits=Limits(
            again=timedelta(seconds=policy["again_seconds"]),
            an_hour=policy["an_hour"],
            source_an_hour=policy["source_an_hour"],
        ),
        code_digits=policy["code_digits"],
        code_lifetime=timedelta(minutes=policy["code_minutes"]),
    )
