"""What CloudFormation has: the CDK's bootstrap, the stage's stacks, and the version they were deployed from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli.doctor.line import Line, error, ok, warning
from infra.version import version as version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.deployment import Stack
    from cli.doctor.case import Case

TOOLKIT = "CDKToolkit"
# The least version of the bootstrap that templates of the CDK take (rule CheckBootstrapVersion in each of them).
BOOTSTRAP = 6
STACKS = ("Identity", "Storage", "Outbound", "Feedback", "Monitoring")
WITH_MAILBOXES = "Inbound"
REVIEWED = "REVIEW_IN_PROGRESS"


def bootstrap(case: Case) -> Iterator[Line]:
    check, again = "bootstrap", case.bootstrap
    toolkit = toolkit_of(case)
    if toolkit is None:
        yield error(check, f"the CDK is not bootstrapped in {case.settings.region}", again)
        return
    outputs = {output["OutputKey"]: output["OutputValue"] for output in toolkit.get("Outputs", ())}
    number = outputs.get("BootstrapVersion", "0")
    if not number.isdecimal() or int(number) < BOOTSTRAP:
        yield error(check, f"the CDK's bootstrap is of version {number}, and {BOOTSTRAP} is the least", again)
    elif not toolkit["StackStatus"].endswith("_COMPLETE") or "ROLLBACK" in toolkit["StackStatus"]:
        yield warning(check, f"the CDK's bootstrap, {TOOLKIT}, is in the state {toolkit['StackStatus']}", again)
    else:
        yield ok(check, f"the CDK is bootstrapped, version {number}")


def toolkit_of(case: Case) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = case.there.client("cloudformation").describe_stacks(StackName=TOOLKIT)["Stacks"][0]
    except ClientError as failed:
        # CloudFormation has no code of its own for it (API DescribeStacks).
        if failed.response["Error"]["Code"] != "ValidationError":
            raise
        return None
    return found


def stacks(case: Case) -> Iterator[Line]:
    if not case.stacks:
        yield warning("stacks", f"nothing of stage {case.stage} is deployed yet", case.deploy)
        return
    wanted = [*STACKS, *([WITH_MAILBOXES] if case.settings.mailboxes else [])]
    there = {stack.name for stack in case.stacks}
    missing = [name for name in wanted if name not in there]
    if missing:
        yield error("stacks", f"not deployed: {', '.join(missing)}", case.deploy)
    bad = [line for stack in case.stacks if (line := state(case, stack))]
    yield from bad
    if not missing and not bad:
        last = max(stack.at for stack in case.stacks)
        yield ok(
            "stacks", f"{len(case.stacks)} stacks are deployed, the last of them {last[:16].replace('T', ' ')} UTC"
        )


def state(case: Case, stack: Stack) -> Line | None:
    name = f"Mailroom-{case.stage}-{stack.name}"
    if stack.status == REVIEWED:
        return warning("stacks", f"{name} has nothing in it: its change set waits for a yes", case.deploy)
    if stack.status.endswith("_IN_PROGRESS"):
        return warning("stacks", f"{name} is being changed ({stack.status})", "wait, then ask again")
    if stack.status == "UPDATE_ROLLBACK_COMPLETE":
        reason = case.aws(f"cloudformation describe-stack-events --stack-name {name}")
        return warning("stacks", f"{name}: its last deployment failed and was taken back", f"{reason}, {case.deploy}")
    if stack.status.endswith("_COMPLETE") and not stack.status.startswith(("ROLLBACK", "DELETE")):
        return None
    events = case.aws(f"cloudformation describe-stack-events --stack-name {name}")
    return error("stacks", f"{name} is in the state {stack.status}", f"{events} tells why; then {case.deploy}")


def version(case: Case) -> Iterator[Line]:
    if not case.stacks:
        return
    ours = version_of(case.settings)
    others = [stack.name for stack in case.stacks if case.deployed(stack.name) and stack.outputs.get("Version") != ours]
    if others:
        drifted = f"deployed from another version of the code or of the settings than this one: {', '.join(others)}"
        diff = f"`cdk diff --all -c stage={case.stage}` shows what would change"
        yield warning("version", drifted, f"{diff}; {case.deploy}")
    else:
        yield ok("version", "all stacks are deployed from this version of the code and of the settings")
