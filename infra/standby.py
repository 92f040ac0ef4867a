"""The stacks of the standby region: of the same names, with the same functions and policies, on copies of the first
region's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import aws_cdk as cdk

from infra.dashboard import Watched
from infra.feedback import Feedback
from infra.monitoring import Monitoring
from infra.outbound import Outbound
from infra.standby_identity import StandbyIdentity
from infra.standby_inbound import StandbyInbound
from infra.standby_storage import StandbyStorage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.bundle import Bundle
    from infra.settings import Settings


class Common(TypedDict):
    id: str
    stack_name: str
    env: cdk.Environment
    settings: Settings
    bundle: Bundle


def prepare(app: cdk.App, settings: Settings, code: Bundle, *, after: Sequence[cdk.Stack]) -> list[cdk.Stack]:
    """`settings` are those of the standby; `after` are the first region's stacks that these look at."""
    env = cdk.Environment(account=settings.account, region=settings.region)

    def named(stack: str) -> Common:
        """In the app an id of its own; in its region it is called as in the first."""
        name = f"Mailroom-{settings.stage}-{stack}"
        return {"id": f"{name}-Standby", "stack_name": name, "env": env, "settings": settings, "bundle": code}

    storage = StandbyStorage(app, **named("Storage"))
    identity = StandbyIdentity(app, **named("Identity"))
    for stack in after:
        storage.add_stack_dependency(stack)
        identity.add_stack_dependency(stack)  # which is there for the identities that these are replicas of
    identity.add_stack_dependency(storage)  # at which `cdk destroy` stops: so it comes last
    outbound = Outbound(app, **named("Outbound"), identity=identity, storage=storage)
    feedback = Feedback(app, **named("Feedback"), identity=identity, storage=storage)
    functions = [outbound.tokens, outbound.send, outbound.pages, outbound.api, feedback.feedback, feedback.counts]
    inbound = StandbyInbound(app, **named("Inbound"), storage=storage) if settings.mailboxes else None
    if inbound:
        inbound.add_stack_dependency(identity)  # SES receives for the domains of its identities only
        functions.append(inbound.activation)
    watched = Watched(
        stage=settings.stage,
        functions=functions,
        streams=identity.streams,
        rule_set=inbound.rule_set if inbound else None,
        http=outbound.http,
        tables=storage.tables,
        guard=settings.guard,
        files=feedback.files,
    )
    monitoring = Monitoring(app, **named("Monitoring"), storage=storage, watched=watched)
    return [storage, identity, outbound, feedback, *([inbound] if inbound else []), monitoring]
