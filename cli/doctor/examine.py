"""All checks, one after the other; what hinders one hinders no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from cli.deployment import CommandFailed
from cli.doctor.account import account
from cli.doctor.alignment import alignment
from cli.doctor.dns import dns
from cli.doctor.identity import identities
from cli.doctor.line import Line, warning
from cli.doctor.policies import bucket, event_files, queues, topics
from cli.doctor.receiving import region, rule_set
from cli.doctor.refusal import refused
from cli.doctor.sender_rules import complaints, replies, unsubscribe
from cli.doctor.stacks import bootstrap, stacks, version
from cli.doctor.watching import alarms, dead_letters

if TYPE_CHECKING:
    from cli.doctor.case import Case

Check = Callable[["Case"], Iterator[Line]]
# In the order in which they are shown, each with the name of its lines where it cannot be carried out.
OF_THE_ACCOUNT: dict[str, Check] = {
    "bootstrap": bootstrap,
    "stacks": stacks,
    "version": version,
    "region": region,
    "account": account,
    "identity": identities,
    "dns": dns,
    "alignment": alignment,
    "rule-set": rule_set,
    "replies": replies,
    "unsubscribe": unsubscribe,
    "complaints": complaints,
    "alarms": alarms,
    "dead-letters": dead_letters,
    "topics": topics,
    "event-files": event_files,
    "queues": queues,
    "bucket": bucket,
}


def examined(case: Case, checks: dict[str, Check]) -> Iterator[Line]:
    for name, check in checks.items():
        try:
            yield from check(case)
        except ClientError as failed:
            yield refused(name, failed)
        except BotoCoreError as failed:
            yield warning(name, f"not looked at: AWS cannot be asked ({failed})", "say it again")
        except CommandFailed as failed:  # as of a stack that is too old to have an output
            yield warning(name, f"not looked at: {failed.message}", case.deploy)
