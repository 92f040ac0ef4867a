"""Where a stage is, or would be: the first thing to know, for without it little else can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import boto3

from cli.deployment import (
    LAPTOP_ACCOUNT,
    CommandFailed,
    Deployment,
    NothingRunning,
    NotSignedIn,
    explained,
    local_system,
    on_laptop,
    stacks_of,
)
from cli.doctor.line import Line, error, ok

if TYPE_CHECKING:
    from infra.settings import Settings

UNASKED = "the network, a proxy (HTTPS_PROXY) or the region: `aws sts get-caller-identity` has to answer"


def sign_in(settings: Settings) -> tuple[Line, Deployment | None]:
    """The deployment, without its stacks; None where nothing can be asked, or of the wrong account only."""
    try:
        with explained(settings.stage):
            there = place(settings)
            caller = there.client("sts").get_caller_identity()
    except (NothingRunning, NotSignedIn) as failed:
        fact, _, mend = failed.message.rpartition(": ")
        return error("credentials", fact, mend), None
    except CommandFailed as failed:
        return error("credentials", failed.message, UNASKED), None
    account, who = caller["Account"], caller["Arn"]
    if not there.running and settings.account and account != settings.account:
        other = f"the credentials are for account {account}, and stage {settings.stage} belongs into {settings.account}"
        return error("credentials", other, "name a profile of that account in AWS_PROFILE, or sign in to it"), None
    where = f"this laptop ({there.running.endpoint})" if there.running else f"account {account}"
    return ok("credentials", f"signed in to {where}, {there.region}, as {who}"), replace(there, account=account)


def place(settings: Settings) -> Deployment:
    """The embedded AWS of this laptop if the stage is there, or belongs there; else the account of the credentials."""
    running = local_system()
    if running:
        here = on_laptop(settings.stage, running, settings.region if settings.first_region else None)
        if settings.account == LAPTOP_ACCOUNT or stacks_of(settings.stage, here.session, running):
            return here
    elif settings.account == LAPTOP_ACCOUNT:
        raise NothingRunning(
            f"Stage {settings.stage} runs on this laptop, and nothing is running: start it with `make up`"
        )
    session = boto3.Session(region_name=settings.region)
    return Deployment(stage=settings.stage, session=session, account="", stacks=())
