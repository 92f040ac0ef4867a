"""What one account has in SES in one region, in memory. Options keep the shapes of the v2 API, rules those of v1."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from local.ses.errors import BadRequest, NotFound
from local.ses.quota import Quota, sandbox_quota
from local.ses.review import Details
from local.ses.tenants import Tenant

VERIFIED = "SUCCESS"
SHARED = "ses-shared-pool"  # SES's own addresses (DG managing-ip-pools)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A domain, or an address. `on_mx_failure` is USE_DEFAULT_VALUE or REJECT_MESSAGE; `unverified` is what SES says of
    its records while it is not verified: PENDING, TEMPORARY_FAILURE, FAILED. `dkim` and `mail_from_records` are what it
    says of these records where that is not the same; `error` is why, as in VerificationInfo. `parent` is the region
    whose DKIM keys it signs with: deterministic Easy DKIM; `selector` is of the key that was brought for it, if any."""

    name: str
    since: datetime
    parent: str = ""
    selector: str = ""
    verified: bool = True
    unverified: str = "PENDING"
    dkim: str = ""
    mail_from_records: str = ""
    error: str = ""
    mail_from: str = ""
    on_mx_failure: str = "USE_DEFAULT_VALUE"
    configuration_set: str = ""
    feedback_forwarding: bool = True
    tags: tuple[dict[str, str], ...] = ()

    @property
    def is_domain(self) -> bool:
        return "@" not in self.name

    @property
    def status(self) -> str:
        return VERIFIED if self.verified else self.unverified

    @property
    def dkim_status(self) -> str:
        """An address is verified by a link, and its domain's DKIM is not its own."""
        return (self.dkim or self.status) if self.is_domain else "NOT_STARTED"

    @property
    def mail_from_status(self) -> str:
        return self.mail_from_records or self.status

    @property
    def mails_from(self) -> str:
        """The MAIL FROM domain as long as its records are there; else bounces come back to SES's own (DG mail-from)."""
        return self.mail_from if self.mail_from_status == VERIFIED else ""

    @property
    def tokens(self) -> tuple[str, ...]:
        """Easy DKIM's three selectors; SES's are as long and as arbitrary."""
        digests = (hashlib.sha256(f"{self.name}{number}".encode()).digest() for number in range(3))
        return tuple(base64.b32encode(digest).decode().lower()[:32] for digest in digests)


@dataclass(frozen=True, kw_only=True)
class Firehose:
    """A delivery stream, and the role that SES takes to put records into it."""

    stream_arn: str
    role_arn: str


@dataclass(frozen=True, kw_only=True)
class EventDestination:
    """`event_types` in the API's spelling: SEND, BOUNCE, DELIVERY_DELAY, ...; `to` is where they go, a topic by its
    ARN."""

    name: str
    enabled: bool
    event_types: frozenset[str]
    to: str | Firehose


@dataclass(frozen=True, kw_only=True)
class ConfigurationSet:
    """`options` as in GetConfigurationSet: SendingOptions, SuppressionOptions, DeliveryOptions, ..."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    destinations: dict[str, EventDestination] = field(default_factory=dict)

    @property
    def sending_enabled(self) -> bool:
        return bool(self.options.get("SendingOptions", {}).get("SendingEnabled", True))

    def suppressed_reasons(self, of_account: frozenset[str]) -> frozenset[str]:
        """The set's own reasons where it has any say ([] is off), else the account's."""
        reasons = self.options.get("SuppressionOptions", {}).get("SuppressedReasons")
        return of_account if reasons is None else frozenset(reasons)


@dataclass(frozen=True, kw_only=True)
class Suppressed:
    address: str
    reason: str
    since: datetime


@dataclass(kw_only=True)
class Account:
    """`new_identities` is how those are that are made from now on, SUCCESS or PENDING; `review` is what AWS says to a
    request for production access. `pools` have the scaling mode of each dedicated IP pool, `vdm` is as in GetAccount.
    `regions` are the account in all regions, by their names."""

    id: str
    region: str
    clock: Callable[[], datetime]
    sandbox: bool = False
    sending_enabled: bool = True
    enforcement: str = "HEALTHY"
    plan: str = "ESSENTIALS"  # a new account's, since 2026-07-21
    details: Details | None = None
    review: str = "GRANTED"
    new_identities: str = VERIFIED
    suppressed_reasons: frozenset[str] = frozenset({"BOUNCE", "COMPLAINT"})
    quota: Quota = field(default_factory=Quota)
    identities: dict[str, Identity] = field(default_factory=dict)
    configuration_sets: dict[str, ConfigurationSet] = field(default_factory=dict)
    suppressed: dict[str, Suppressed] = field(default_factory=dict)
    rule_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    active_rule_set: str | None = None
    pools: dict[str, str] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    vdm: dict[str, Any] = field(default_factory=lambda: {"VdmEnabled": "DISABLED"})
    regions: "dict[str, Account]" = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.regions[self.region] = self

    def move(self, *, sandbox: bool) -> None:
        """Into the sandbox or out of it, with the quotas that go with it."""
        self.sandbox = sandbox
        self.quota = sandbox_quota() if sandbox else Quota()

    def reviewed(self, outcome: str) -> None:
        """AWS says this to the request for production access, and to those that follow."""
        self.review = outcome
        if self.details:
            self.details = replace(self.details, status=outcome)
        if self.details and outcome == "GRANTED" and self.sandbox:
            self.move(sandbox=False)

    @property
    def verifies(self) -> bool:
        """Whether records and links are as good as found."""
        return self.new_identities == VERIFIED

    def new_identity(self, name: str) -> Identity:
        return Identity(name=name.lower(), since=self.clock(), verified=self.verifies)

    def arn(self, resource: str) -> str:
        return f"arn:aws:ses:{self.region}:{self.id}:{resource}"

    def check_pool(self, options: dict[str, Any]) -> None:
        """A configuration set cannot name a pool that is not there."""
        pool = options.get("DeliveryOptions", {}).get("SendingPoolName", SHARED)
        if pool not in (SHARED, *self.pools):
            raise BadRequest(f"SendingPool <{pool}> doesn't exist.")

    def configuration_set(self, name: str) -> ConfigurationSet:
        try:
            return self.configuration_sets[name]
        except KeyError:
            raise NotFound(f"Configuration set <{name}> does not exist.") from None

    def identity_of(self, address: str) -> Identity | None:
        """The identity that covers an address: itself, its domain, or a domain above that (DG verify-domains)."""
        address = address.lower()
        if address in self.identities:
            return self.identities[address]
        labels = address.rpartition("@")[2].split(".")
        names = (".".join(labels[start:]) for start in range(len(labels) - 1))
        return next((self.identities[name] for name in names if name in self.identities), None)

    def verified(self, address: str) -> bool:
        identity = self.identity_of(address)
        return identity is not None and identity.verified

    def receives(self) -> list[dict[str, Any]]:
        """The rules that mail coming in meets, in their order."""
        rules = self.rule_sets.get(self.active_rule_set or "", [])
        return [rule for rule in rules if rule.get("Enabled", False)]
