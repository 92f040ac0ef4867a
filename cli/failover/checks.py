"""Whether a region can send in the place of the other: the doctor's checks there, and what two regions need besides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.doctor.command import case_of
from cli.doctor.examine import OF_THE_ACCOUNT, examined
from cli.doctor.line import Line, error, ok, warning
from cli.failover.regions import QUEUES, asked
from cli.hint import hint
from cli.queues import queues
from lambdas.replicas.replicate import ACTIVE, REPLICATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.deployment import Deployment
    from cli.doctor.examine import Check
    from cli.failover.regions import Region, Regions

# Of the doctor's those that are about sending; what is received stays where it is.
OF_SENDING = (
    *("bootstrap", "stacks", "version", "account", "identity", "dns", "alignment"),
    *("alarms", "dead-letters", "topics", "queues"),
)
DEPLOY = "`make deploy STAGE={}`"
IN_STEP = "InSync"  # of a replica of a secret (Secrets Manager API, ReplicationStatusType)


def checks(regions: Regions, to: Region) -> Iterator[Line]:
    """Of sending from the region `to`."""
    there, other = to.there, regions.other(to)
    if there is None:
        yield error("region", f"{to.name} cannot be asked: {to.why}", DEPLOY.format(to.settings.stage))
        return
    of_sending: dict[str, Check] = {name: OF_THE_ACCOUNT[name] for name in OF_SENDING}
    of_both: dict[str, Check] = {
        "tables": lambda _: iter((tables(to, other, there),)),
        "token-key": lambda _: iter((key(to, other, there),)),
        "waiting": lambda _: waiting(other),
        "queues-told": lambda _: queues_told(regions),
    }
    yield from examined(case_of(to.settings, there), of_sending | of_both)


def tables(to: Region, other: Region, there: Deployment) -> Line:
    """Each table has the other region among its replicas, and all of these are ACTIVE."""
    lacking = []
    for output in REPLICATED:
        table = there.client("dynamodb").describe_table(TableName=there.output(output))["Table"]
        replicas = {replica["RegionName"]: replica["ReplicaStatus"] for replica in table.get("Replicas", [])}
        if replicas.get(other.name) != ACTIVE:
            lacking.append(f"{output} ({replicas.get(other.name, 'no replica')})")
    if lacking:
        stale = f"{to.name} and {other.name} do not copy to each other: {', '.join(lacking)}"
        return error("tables", f"{stale}; what one has sent the other may send again", DEPLOY.format(there.stage))
    if other.there and to.says() != other.says():
        late = "what was said last of which region sends is not in both yet: DynamoDB is behind"
        return warning("tables", late, "ask again in a moment")
    return ok("tables", "messages, recipients and tokens are copied between both regions")


def key(to: Region, other: Region, there: Deployment) -> Line:
    """Links that one region made must be good in the other."""
    name = there.client("lambda").get_function_configuration(FunctionName=there.output("PagesFunction"))
    secret = there.client("secretsmanager").describe_secret(SecretId=name["Environment"]["Variables"]["TOKEN_KEY_ARN"])
    if to.settings.first_region:
        if secret.get("PrimaryRegion") == to.settings.first_region:
            return ok("token-key", "the key of links is a copy of the first region's")
        return error("token-key", "the key of links is another than the first region's", DEPLOY.format(there.stage))
    copies = {copy["Region"]: copy["Status"] for copy in secret.get("ReplicationStatus", ())}
    state = copies.get(other.name, "no copy")
    if state == IN_STEP:
        return ok("token-key", f"{other.name} has a copy of the key of links")
    lacking = f"{other.name} has no copy of the key of links that is in step ({state}): its links may not be good here"
    return error("token-key", lacking, DEPLOY.format(there.stage))


def waiting(other: Region) -> Iterator[Line]:
    """What the other region has and this one not: it is handed on, or waits."""
    if other.there is None:
        yield warning(
            "waiting", f"{other.name} cannot be asked what waits there: {other.why}", "it comes when it is up"
        )
        return
    behind = {queue.name: queue.waiting + queue.in_flight + queue.delayed for queue in queues(other.there)}
    found = [f"{number} in {name}" for name, number in behind.items() if number and name in ("send", "tokens")]
    if found:
        yield ok("waiting", f"{other.name} has {' and '.join(found)}, which it hands on")
    later = schedules(other.there)
    if later:
        yield warning(
            "waiting", f"{later} mails to be sent later wait in {other.name}, for it to be up", "docs/regions.md"
        )
    if not found and not later:
        yield ok("waiting", f"nothing waits in {other.name}")


def queues_told(regions: Regions) -> Iterator[Line]:
    """Whether the other region knows the queues of the one that sends: deployed anew, it has others."""
    sends = regions.named(regions.sender())
    said = asked(sends)
    if said is None or sends.there is None:
        return
    name, there = sends.name, sends.there
    if said["queues"] == {function: there.output(output) for function, output in QUEUES.items()}:
        yield ok("queues-told", f"what is handed on to {name} goes into its queues")
    else:
        back = "" if sends.settings.first_region else " --back"
        gone = f"what is handed on to {name} goes into queues that it no longer has"
        yield warning("queues-told", gone, f"{hint(there.stage, f'failover switch{back}')} tells the new ones")


def schedules(there: Deployment) -> int:
    """How many mails are to be sent later, as far as a hundred; more are a hundred."""
    group = there.client("lambda").get_function_configuration(FunctionName=there.output("SendFunction"))
    name = group["Environment"]["Variables"]["SCHEDULE_GROUP"]
    return len(there.client("scheduler").list_schedules(GroupName=name, MaxResults=100)["Schedules"])
