"""What a deployment may vary: one stage of cdk.json's context, checked whole before anything is made.

SettingsError
├── NoStage        `-c stage=…` is missing, or names no stage of cdk.json
└── InvalidStage   what a stage says cannot be deployed: every fault at once, each with its key
"""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from infra.settings_domains import EASY, STREAMS, Domain, HostedZone
from infra.settings_rules import RULES, wrong_keys
from infra.settings_sending import Sending
from infra.settings_tracking import Tracking
from infra.settings_values import READERS, Brand
from lambdas.shared.guard.policy import Policy
from lambdas.shared.recipients import SoftBounces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from constructs import Node

    from infra.settings_alarms import Chat
    from infra.settings_destinations import Destination
    from infra.settings_mailboxes import StageMailbox
    from infra.settings_standby import Standby


class SettingsError(Exception):
    """cdk.json does not say what to deploy; the message says what to change."""


class NoStage(SettingsError):
    def __init__(self, stage: object, stages: Mapping[str, Any]) -> None:
        said = f"cdk.json has no stage {stage!r}" if stage else "no stage is chosen"
        names = ", ".join(sorted(stages)) or "none; run this through the cdk command, which reads them"
        super().__init__(f"{said}: choose one with `-c stage=NAME`. The stages in cdk.json are: {names}.")


class InvalidStage(SettingsError):
    def __init__(self, stage: str, faults: list[str]) -> None:
        super().__init__("\n".join(f"cdk.json, stage {stage}: {fault}" for fault in faults))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage. Either `domain` or `address` is its first SES identity; without a domain nothing is received.
    `first_region` is that of the stage whose standby this is: infra/settings_standby.py makes one of the other."""

    stage: str
    region: str
    sender: str
    product: str = ""
    brand: Brand = field(default_factory=Brand)
    sending: Sending = field(default_factory=Sending)
    cognito: tuple[str, ...] = ()
    account: str | None = None
    domain: str | None = None
    address: str | None = None
    hosted_zone: HostedZone | None = None
    mail_from: str = "bounce"
    dmarc: str = "none"
    dkim: str = EASY
    further_domains: tuple[Domain, ...] = ()
    mailboxes: tuple[StageMailbox, ...] = ()
    destinations: tuple[Destination, ...] = ()
    tls_required_in: bool = False
    raw_mail_days: int = 365
    close_after_days: int = 14
    ticket_days: int = 730
    alarm_email: str | None = None
    alarm_chat: Chat | None = None
    dedicated_ips: Mapping[str, str] = field(default_factory=dict)
    vdm: bool = False
    tls_required_out: bool = False
    tenant: str | None = None
    smtp: bool = False
    announce: tuple[str, ...] = ()
    soft_bounces: SoftBounces = field(default_factory=lambda: SoftBounces(most=5, days=14))
    guard: Policy = field(default_factory=Policy)
    tracking: Tracking = field(default_factory=Tracking)
    mta_sts: str | None = None
    reports: str | None = None
    standby: Standby | None = None
    first_region: str | None = None

    @classmethod
    def from_context(cls, node: Node) -> Settings:
        """The stage that `-c stage=NAME` chose; raises SettingsError."""
        return cls.choose(node.try_get_context("stage"), node.try_get_context("stages") or {})

    @classmethod
    def choose(cls, stage: object, stages: Mapping[str, Any]) -> Settings:
        if not isinstance(stage, str) or stage not in stages:
            raise NoStage(stage, stages)
        return cls.read(stage, stages[stage])

    @classmethod
    def read(cls, stage: str, given: object) -> Settings:
        """Settings of the JSON object that cdk.json has under `stages.<stage>`; raises InvalidStage."""
        if not isinstance(given, dict):
            raise InvalidStage(stage, [f"must be an object of settings; it is {given!r}"])
        faults = list(wrong_keys(stage, given))
        values: dict[str, Any] = {}
        for key in given.keys() & READERS.keys():
            try:
                values[key] = READERS[key](given[key])
            except ValueError as fault:
                faults += [f"{key}: {said}" for said in fault.args]
        if not faults:
            values["further_domains"] = values.pop("domains", ())
            settings = cls(**{"product": _product(values["sender"]), **values, "stage": stage})
            faults = [fault for rule in RULES for fault in rule(settings, given)]
            if not faults:
                return settings
        raise InvalidStage(stage, sorted(faults))

    @property
    def identity(self) -> str:
        """The first SES identity: the domain, or the one address of a trial without a domain."""
        return self.domain or self.address or ""

    @property
    def domains(self) -> tuple[Domain, ...]:
        """All of them, `domain` first; none in a trial with one address."""
        if not self.domain:
            return ()
        own = {key: getattr(self, key) for key in ("mail_from", "dmarc", "hosted_zone", "dkim", "sender")}
        return (Domain(name=self.domain, **own), *self.further_domains)

    @property
    def identities(self) -> tuple[str, ...]:
        """The names of all SES identities of the stage."""
        return tuple(domain.name for domain in self.domains) or (self.identity,)

    @property
    def senders(self) -> dict[str, str]:
        """By stream, who its mails come from that do not say it."""
        named = {stream: domain.sender for domain in self.domains for stream in domain.streams}
        return {stream: named.get(stream) or self.sender for stream in STREAMS}

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def sender_addresses(self) -> tuple[str, ...]:
        """Of all domains, `sender`'s first."""
        further = (domain.sender_address for domain in self.further_domains)
        return (self.sender_address, *(address for address in further if address))

    @property
    def branding(self) -> dict[str, Any]:
        """What lambdas/shared/outbox/render.py's Brand is made of."""
        return {
            "product": self.product,
            "logo_url": self.brand.logo,
            "color": self.brand.color,
            "footer": self.brand.footer,
        }

    @property
    def receiving_domains(self) -> tuple[str, ...]:
        """The domains whose MX must be SES, each once: of the mailboxes in their order, and of `reports`."""
        return tuple(dict.fromkeys(address.partition("@")[2] for address in self.received))

    @property
    def received(self) -> tuple[str, ...]:
        """The addresses that SES takes mail for: the mailboxes', and `reports`."""
        return (*(mailbox.address for mailbox in self.mailboxes), *([self.reports] if self.reports else []))


def _product(sender: str) -> str:
    name, address = parseaddr(sender)
    return name or address.partition("@")[2]
