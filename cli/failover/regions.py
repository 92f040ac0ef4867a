"""A stage's two regions as they are now; one of them may not answer at all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cli.deployment import CommandFailed, explained, stacks_of
from cli.doctor.sign_in import place
from cli.settings import of_standby, settings_of
from lambdas.shared.sending import KEY

if TYPE_CHECKING:
    from cli.deployment import Deployment
    from infra.settings import Settings

# Whoever asks this may have a region before him that answers nothing; the SDK would wait for minutes.
PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2})
QUEUES = {"Send": "SendQueue", "Tokens": "TokensQueue"}  # outputs, by the functions that the queues feed


@dataclass(frozen=True, kw_only=True)
class Region:
    """`there` is None where it does not answer, or nothing is deployed; `why` then says so."""

    settings: Settings
    there: Deployment | None
    why: str = ""

    @property
    def name(self) -> str:
        return self.settings.region

    def says(self) -> dict[str, Any] | None:
        """Its copy of the item that says which region sends; None where nobody has said."""
        if self.there is None:
            return None
        item: dict[str, Any] | None = self.there.table("MessagesTable").get_item(Key=KEY).get("Item")
        return item


@dataclass(frozen=True, kw_only=True)
class Regions:
    first: Region
    standby: Region

    def named(self, name: str) -> Region:
        return self.standby if name == self.standby.name else self.first

    def sender(self) -> str:
        """The name of the region that sends, by what was said last in one that answers."""
        said = [item for region in (self.first, self.standby) if (item := asked(region))]
        return str(max(said, key=lambda item: str(item["at"]))["region"]) if said else self.first.name

    def other(self, region: Region) -> Region:
        return self.first if region is self.standby else self.standby


def asked(region: Region) -> dict[str, Any] | None:
    try:
        return region.says()
    except (ClientError, BotoCoreError):  # it has stopped to answer; what it would say is nothing we can act on
        return None


def regions(stage: str) -> Regions:
    """CommandFailed where the settings are wrong, or name no standby."""
    settings = settings_of(stage)
    return Regions(first=_look_at(settings), standby=_look_at(of_standby(settings)))


def _look_at(settings: Settings) -> Region:
    try:
        with explained(settings.stage):
            there = _impatient(place(settings))
            stacks = stacks_of(settings.stage, there.session, there.running)
    except CommandFailed as failed:
        return Region(settings=settings, there=None, why=failed.message)
    if not stacks:
        return Region(settings=settings, there=None, why=f"nothing of stage {settings.stage} is deployed there")
    return Region(settings=settings, there=replace(there, stacks=tuple(stacks.values())))


def _impatient(there: Deployment) -> Deployment:
    core = botocore.session.Session()
    core.set_default_client_config(PATIENCE)
    if there.running:
        core.set_credentials(there.running.access_key_id, there.running.secret_access_key)
    return replace(there, session=boto3.Session(botocore_session=core, region_name=there.region))
