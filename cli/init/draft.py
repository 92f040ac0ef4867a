"""A stage while it is being asked for: what is known of it so far, and what the rules of the settings say to more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.settings import InvalidStage, Settings

if TYPE_CHECKING:
    from cli.init.dialogue import Dialogue
    from cli.init.surroundings import Surroundings

USUAL_REGION = "eu-west-1"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was given on the command line; None, or nothing, is asked for."""

    domain: str | None = None
    trial: str | None = None
    region: str | None = None
    sender: str | None = None
    mailboxes: tuple[str, ...] = ()
    hosted_zone: str | None = None
    marketing: str | None = None
    alarm_email: str | None = None

    @property
    def enough(self) -> bool:
        """Whether nothing needs to be asked."""
        return bool((self.domain or self.trial) and self.region and self.sender)

    @property
    def of_a_domain(self) -> list[str]:
        """The options given that only a stage with a domain has."""
        given = {"--mailbox": self.mailboxes, "--hosted-zone": self.hosted_zone, "--marketing": self.marketing}
        return [option for option, value in given.items() if value]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`settings` grow by each step; those that are there are faultless."""

    stage: str
    options: Options
    around: Surroundings
    dialogue: Dialogue
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Empty in a trial with one address."""
        return str(self.settings.get("domain", ""))

    @property
    def region(self) -> str:
        return str(self.settings["region"])

    def fault(self, more: dict[str, Any]) -> str:
        """What the rules say against the settings with something more, a line each. What is needed and not known yet is
        stood in for."""
        given = self.settings | more
        sender = given.get("address") or f"hello@{given.get('domain', '')}"
        try:
            Settings.read(self.stage, {"region": USUAL_REGION, "sender": sender} | given)
        except InvalidStage as invalid:
            faults = str(invalid).replace(f"cdk.json, stage {self.stage}: ", "").splitlines()
            # A domain that is none makes none of the sender that stands in.
            return "\n".join(fault for fault in faults if "sender" in given or not fault.startswith("sender:"))
        return ""
