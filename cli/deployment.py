"""Finds the system that a command is about: a stage on this laptop, or in an AWS account.

CommandFailed             every error the command explains: one sentence that says what to do, exit status 1
├── NothingRunning        the stage is the laptop's, and nothing is up
├── LaptopOnly            the command makes no sense in an account
├── WrongSettings         cdk.json cannot be read, or what it says of the stage cannot be
│   └── NoSuchStage       it does not name the stage
├── NoStandby             the stage names no standby region
├── NotDeployed           its stacks, or one that is needed, are not there
├── NotSignedIn           no AWS credentials, or AWS does not accept them
├── NotFound              no such ticket, message or queue
└── AwsFailed             AWS refused a call, or cannot be reached
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

import boto3
import click
from botocore import exceptions as botocore
from botocore.config import Config

from cli.hint import hint
from cli.init.stage_file import NoStages, stages
from lambdas.shared.timestamps import iso
from local import server

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from local.server import Running

P = ParamSpec("P")
ROOT = Path(__file__).parent.parent
LOCAL_FOLDER = ".mailroom"
LAPTOP_ACCOUNT = "000000000000"  # the embedded AWS's; AWS gives it to nobody
LAPTOP_STAGE = "local"  # which `make up` deploys
UNREACHABLE = (botocore.HTTPClientError, botocore.ConnectionError)
NO_CREDENTIALS = (
    botocore.NoCredentialsError,
    botocore.PartialCredentialsError,
    botocore.CredentialRetrievalError,
    botocore.ProfileNotFound,
    botocore.SSOError,
    botocore.TokenRetrievalError,
)
# The codes of the services that are asked here for one fact: these credentials are not, or no longer, good.
REFUSED_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}


class CommandFailed(click.ClickException):
    pass


class NothingRunning(CommandFailed):
    pass


class LaptopOnly(CommandFailed):
    pass


class WrongSettings(CommandFailed):
    pass


class NoSuchStage(WrongSettings):
    pass


class NoStandby(CommandFailed):
    def __init__(self, stage: str) -> None:
        super().__init__(f"Stage {stage} has one region: `standby` in cdk.json names another (docs/regions.md).")


class NotDeployed(CommandFailed):
    pass


class NotSignedIn(CommandFailed):
    pass


class NotFound(CommandFailed):
    pass


class AwsFailed(CommandFailed):
    pass


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack of the stage, `name` without the stage's part; `at` is when it last changed."""

    name: str
    status: str
    at: str
    outputs: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stage that is deployed. `running` is the embedded AWS it is in, if it is on this laptop."""

    stage: str
    session: boto3.Session
    account: str
    stacks: tuple[Stack, ...]
    running: Running | None = None

    @property
    def region(self) -> str:
        return self.session.region_name

    def client(self, service: str) -> Any:
        return client(self.session, service, self.running)

    def table(self, output: str) -> Table:
        """The DynamoDB table that a stack's output names."""
        options = endpoint(self.running)
        return self.session.resource("dynamodb", **options).Table(self.output(output))

    def output(self, name: str) -> str:
        for stack in self.stacks:
            if name in stack.outputs:
                return stack.outputs[name]
        raise NotDeployed(f"No stack of stage {self.stage} has the output {name}: {how_to_deploy(self.stage)}.")

    def outputs(self, suffix: str) -> dict[str, str]:
        """Every output `<Name><suffix>`, by its name in lower case."""
        found = {name: value for stack in self.stacks for name, value in stack.outputs.items() if name.endswith(suffix)}
        return {name.removesuffix(suffix).lower(): found[name] for name in sorted(found)}

    def laptop(self, otherwise: str) -> Running:
        """The embedded AWS; LaptopOnly, with the sentence `otherwise`, where the stage is in an account."""
        if self.running:
            return self.running
        raise LaptopOnly(f"Stage {self.stage} is in an AWS account: {otherwise}.")


def deployed(command: Callable[Concatenate[Deployment, P], None]) -> Callable[P, None]:
    """Gives a command the deployment of the stage that was asked for, and explains what AWS has against it."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        stage: str = click.get_current_context().obj
        with explained(stage):
            deployment = find(stage)
        with explained(stage, deployment.running):
            command(deployment, *args, **kwargs)

    return run


def find(stage: str) -> Deployment:
    """The stage as deployed on this laptop; if it is not, in the account that cdk.json and the credentials mean. In its
    standby region if `--standby` says so."""
    running, region = local_system(), standby_region(stage) if wants_standby() else None
    if running:
        here = on_laptop(stage, running, region)
        with explained(stage, running):
            if stacks := stacks_of(stage, here.session, running):
                return replace(here, stacks=tuple(stacks.values()))
    settings = stage_settings(stage)
    if settings.get("account") == LAPTOP_ACCOUNT:
        raise not_on_laptop(stage, running)
    session = boto3.Session(region_name=region or own_region(stage, settings))
    stacks = stacks_of(stage, session, None)
    if not stacks:
        where = f"{session.region_name} of the account that your AWS credentials are for"
        raise NotDeployed(f"Stage {stage} is not deployed in {where}: {how_to_deploy(stage)}.")
    account = next(iter(stacks)).split(":")[4]
    return Deployment(stage=stage, session=session, account=account, stacks=tuple(stacks.values()))


def wants_standby() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("standby"))


def standby_region(stage: str) -> str:
    """NoStandby"""
    named = stage_settings(stage).get("standby")
    if not isinstance(named, dict) or not isinstance(named.get("region"), str):
        raise NoStandby(stage)
    return str(named["region"])


def on_laptop(stage: str, running: Running, region: str | None = None) -> Deployment:
    """The stage in the embedded AWS, in the region that it was started in or another, without its stacks."""
    keys = (running.access_key_id, running.secret_access_key)
    session = boto3.Session(*keys, region_name=region or running.region)
    return Deployment(stage=stage, session=session, account=running.account, stacks=(), running=running)


def local_system() -> Running | None:
    """The system that `make up` keeps running: of the current folder, or of the checkout this command is of."""
    return server.read(Path(LOCAL_FOLDER).absolute()) or server.read(ROOT / LOCAL_FOLDER)


def cdk_json() -> str:
    """WrongSettings"""
    try:
        return (ROOT / "cdk.json").read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongSettings(f"cdk.json cannot be read: {error}.") from None


def known_stages() -> dict[str, Any]:
    """WrongSettings"""
    try:
        return stages(cdk_json())
    except NoStages as lacks:
        raise WrongSettings(f"cdk.json {lacks}: correct it first.") from None


def stage_settings(stage: str) -> dict[str, Any]:
    """As they are written; WrongSettings."""
    known = known_stages()
    if stage not in known:
        named = f"choose one of {', '.join(sorted(known))} with --stage or MAILROOM_STAGE"
        raise NoSuchStage(f"cdk.json has no stage {stage!r}; {named if known else '`mailroom init` writes one'}.")
    settings = known[stage]
    if not isinstance(settings, dict):
        raise WrongSettings(f"cdk.json, stage {stage}: must be an object of settings; it is {settings!r}")
    return settings


def own_region(stage: str, settings: dict[str, Any]) -> str:
    region = settings.get("region")
    if not isinstance(region, str) or not region:
        raise WrongSettings(f"cdk.json, stage {stage}: its `region` is none; {hint(stage, 'doctor')} has more")
    return region


def stacks_of(stage: str, session: boto3.Session, running: Running | None) -> dict[str, Stack]:
    """The stage's stacks, by their ids."""
    own = re.compile(rf"Mailroom-{re.escape(stage)}-(\w+)")  # a stage's name may hold hyphens, a stack's does not
    pages = client(session, "cloudformation", running).get_paginator("describe_stacks").paginate()
    return {
        stack["StackId"]: Stack(
            name=match[1],
            status=stack["StackStatus"],
            at=iso(stack.get("LastUpdatedTime", stack["CreationTime"])),
            outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        )
        for page in pages
        for stack in sorted(page["Stacks"], key=lambda stack: stack["CreationTime"])
        if (match := own.fullmatch(stack["StackName"]))
    }


def client(session: boto3.Session, service: Any, running: Running | None) -> Any:
    return session.client(service, **endpoint(running))


def endpoint(running: Running | None) -> dict[str, Any]:
    """Options that lead a client to the laptop's system, past any proxy; what does not answer there is not up."""
    return (
        {"endpoint_url": running.endpoint, "config": Config(proxies={}, retries={"total_max_attempts": 1})}
        if running
        else {}
    )


def not_on_laptop(stage: str, running: Running | None) -> CommandFailed:
    if not running:
        return NothingRunning(f"Stage {stage} runs on this laptop, and nothing is running: start it with `make up`.")
    if stage != LAPTOP_STAGE:
        return NotDeployed(f"Stage {stage} is not deployed on this laptop: {how_to_deploy(stage)}.")
    return NothingRunning(f"Stage {stage} is not deployed on this laptop yet: wait for `make up`, or start it again.")


def how_to_deploy(stage: str) -> str:
    return f"`make deploy STAGE={stage}` deploys it"


@contextmanager
def explained(stage: str, running: Running | None = None) -> Iterator[None]:
    """Turns botocore's errors into CommandFailed."""
    try:
        yield
    except UNREACHABLE as error:
        if running:
            gone = f"Nothing answers at {running.endpoint} any more"
            raise NothingRunning(f"{gone}: start the system again with `make up`.") from error
        raise AwsFailed(f"AWS cannot be reached: {error}.") from error
    except NO_CREDENTIALS as error:
        how = "sign in (`aws sso login`, `aws configure`), or name a profile in AWS_PROFILE"
        raise NotSignedIn(
            f"Stage {stage} is in an AWS account, and there are no credentials for it ({error}): {how}."
        ) from error
    except botocore.ClientError as error:
        raise refusal(stage, error) from error
    except botocore.BotoCoreError as error:
        raise AwsFailed(f"AWS cannot be asked: {error}.") from error


def refusal(stage: str, error: botocore.ClientError) -> CommandFailed:
    code, text = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in REFUSED_CREDENTIALS:
        return NotSignedIn(f"AWS does not accept the credentials for stage {stage} ({code}): sign in again.")
    return AwsFailed(f"AWS refused {error.operation_name} ({code}): {text}")
