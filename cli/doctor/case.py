"""What is examined: a stage's settings, where it is or would be deployed, and what the DNS says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from cli.deployment import LAPTOP_STAGE, NotDeployed
from cli.hint import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from cli.deployment import Deployment, Stack
    from cli.dns.answer import LookUp
    from cli.doctor.names import Names
    from infra.settings import Settings

# A stack that nothing is in: its change set waits for a yes, or its first deployment was taken back.
NOTHING_IN_IT = {"REVIEW_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}


@dataclass(kw_only=True)
class Case:
    """`there` is the account and region, whose stacks are `list_stacks`, none as long as nothing is deployed. Each
    answer of AWS is asked for once; ClientError where it is refused."""

    settings: Settings
    there: Deployment
    list_stacks: Callable[[], Sequence[Stack]]
    names: Names
    now: datetime
    _identities: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    _resources: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)

    @property
    def stage(self) -> str:
        return self.settings.stage

    @property
    def look_up(self) -> LookUp | None:
        return self.names.look_up

    @property
    def deploy(self) -> str:
        return self._make("deploy")

    @property
    def bootstrap(self) -> str:
        return self._make("bootstrap")

    def _make(self, target: str) -> str:
        """What brings a stage about; of the laptop's own `make up` is all of it."""
        up = self.there.running and self.stage == LAPTOP_STAGE
        return "`make up` again" if up else f"`make {target} STAGE={self.stage}`"

    def command(self, arguments: str) -> str:
        """This command, as it is said for the stage, in the region that is looked at."""
        return hint(self.stage, arguments, standby=self.settings.first_region is not None)

    def aws(self, arguments: str) -> str:
        """A command of the AWS CLI for the stage's region."""
        return f"`aws {arguments} --region {self.settings.region}`"

    def console(self, page: str) -> str:
        """A page of SES's console."""
        region = self.settings.region
        return f"https://{region}.console.aws.amazon.com/ses/home?region={region}#/{page}"

    @cached_property
    def deployment(self) -> Deployment:
        """The same with its stacks."""
        return replace(self.there, stacks=tuple(self.list_stacks()))

    @property
    def stacks(self) -> tuple[Stack, ...]:
        return self.deployment.stacks

    def deployed(self, stack: str) -> bool:
        return any(found.name == stack and found.status not in NOTHING_IN_IT for found in self.stacks)

    def identity(self, name: str) -> dict[str, Any] | None:
        """SES's GetEmailIdentity; None where there is none."""
        if name not in self._identities:
            self._identities[name] = self._ask_for(name)
        return self._identities[name]

    def resources(self, stack: str, type: str) -> dict[str, str]:
        """The physical ids of a deployed stack's resources of a type, by their logical ids."""
        if stack not in self._resources:
            self._resources[stack] = self._list(stack)
        return self._resources[stack].get(type, {})

    def resource(self, stack: str, type: str, begins: str = "") -> str:
        """The physical id of the one whose logical id begins so; NotDeployed while its stack is being made."""
        for name, physical in self.resources(stack, type).items():
            if name.startswith(begins):
                return physical
        raise NotDeployed(f"the stack Mailroom-{self.stage}-{stack} has no {type} yet")

    def _ask_for(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self.there.client("sesv2").get_email_identity(EmailIdentity=name)
        except ClientError as failed:
            if failed.response["Error"]["Code"] != "NotFoundException":
                raise
            return None
        return found

    def _list(self, stack: str) -> dict[str, dict[str, str]]:
        listed: dict[str, dict[str, str]] = {}
        pages = self.there.client("cloudformation").get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=f"Mailroom-{self.stage}-{stack}"):
            for one in page["StackResourceSummaries"]:
                # What has not been made yet has no id; what was taken back is listed on.
                if one.get("PhysicalResourceId") and one["ResourceStatus"] != "DELETE_COMPLETE":
                    of_type = listed.setdefault(one["ResourceType"], {})
                    of_type[one["LogicalResourceId"]] = one["PhysicalResourceId"]
        return listed
