"""What a deployment may vary: one stage of cdk.json's context, checked whole before anything is made.

SettingsError
├── NoStage        `-c stage=…` is missing, or names no stage of cdk.json
└── InvalidStage   what a stage says cannot be deployed: every fault at once, each with its key
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs import Node

# SES receives in every region where it sends but GovCloud, ap-south-2, ap-southeast-5, ca-west-1, eu-central-2 and
# me-central-1: 22 regions in August 2026. AWS keeps the list in the General Reference, "Amazon SES endpoints and
# quotas", under "Email receiving endpoints"; a region that is new there belongs here.
RECEIVING_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-south-1"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "af-south-1"),
)
DMARC_POLICIES = ("none", "quarantine", "reject")
ONLY_WITH_DOMAIN = ("hosted_zone", "mail_from", "dmarc", "mailboxes", "tls_required_in")

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"(?=.{{4,253}}$)(?:{LABEL}\.)+(?!\d+$){LABEL}")
# RFC 5322 dot-atom. ASCII, for SES has no SMTPUTF8 (developer guide, send-email-concepts-email-format).
LOCAL_PART = re.compile(r"(?=.{1,64}$)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
STACK_NAME_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


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
class Mailbox:
    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class HostedZone:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One stage. Either `domain` or `address` is the SES identity; without a domain nothing is received."""

    stage: str
    region: str
    sender: str
    product: str = ""
    account: str | None = None
    domain: str | None = None
    address: str | None = None
    hosted_zone: HostedZone | None = None
    mail_from: str = "bounce"
    dmarc: str = "none"
    mailboxes: tuple[Mailbox, ...] = ()
    tls_required_in: bool = False
    raw_mail_days: int = 365
    alarm_email: str | None = None

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
        faults = list(_wrong_keys(stage, given))
        values: dict[str, Any] = {}
        for key in given.keys() & READERS.keys():
            try:
                values[key] = READERS[key](given[key])
            except ValueError as fault:
                faults.append(f"{key}: {fault}")
        if not faults:
            settings = cls(**{"product": _product(values["sender"]), **values, "stage": stage})
            faults = [fault for rule in RULES for fault in rule(settings, given)]
            if not faults:
                return settings
        raise InvalidStage(stage, sorted(faults))

    @property
    def identity(self) -> str:
        """The SES identity: the domain, or the one address of a trial without a domain."""
        return self.domain or self.address or ""

    @property
    def sender_address(self) -> str:
        return parseaddr(self.sender)[1]

    @property
    def receiving_domains(self) -> tuple[str, ...]:
        """The domains whose MX must be SES, each once, in the order of the mailboxes."""
        return tuple(dict.fromkeys(mailbox.address.partition("@")[2] for mailbox in self.mailboxes))


def _wrong_keys(stage: str, given: Mapping[str, Any]) -> Iterator[str]:
    if not STACK_NAME_PART.fullmatch(stage):
        yield "its name is part of every stack's name: use letters, digits and hyphens only"
    for key in given.keys() - READERS.keys():
        yield f"{key}: no such setting; remove it, or correct it to one of {', '.join(READERS)}"
    for key in {"region", "sender"} - given.keys():
        yield f"{key}: is missing; add it, for example {EXAMPLES[key]}"
    identities = given.keys() & {"domain", "address"}
    if len(identities) != 1:
        state = "both are given; keep one" if identities else "both are missing; give one"
        yield f"domain: {state}: `domain` (all of Mailroom) or `address` (a trial that only sends)"


def _product(sender: str) -> str:
    name, address = parseaddr(sender)
    return name or address.partition("@")[2]


def _expected(kind: str, value: object) -> ValueError:
    return ValueError(f"must be {kind}; it is {value!r}")


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _expected("a text of one line", value)
    return value.strip()


def _matching(pattern: str, kind: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise _expected(kind, value)
        return value

    return read


def _domain(value: object) -> str:
    if not isinstance(value, str) or not DOMAIN.fullmatch(value.lower()):
        raise _expected("a domain such as 'acme.com' (no scheme, no path; international names as xn--…)", value)
    return value.lower()


def _email(value: object) -> str:
    local, _, domain = value.rpartition("@") if isinstance(value, str) else ("", "", "")
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain.lower()):
        raise _expected("an address such as 'support@acme.com'", value)
    return f"{local}@{domain.lower()}"


def _sender(value: object) -> str:
    kind = "a sender such as 'Acme <hello@acme.com>' (a name with a comma in double quotes)"
    try:
        _email(parseaddr(_text(value))[1])
    except ValueError:
        raise _expected(kind, value) from None
    return _text(value)


def _hosted_zone(value: object) -> HostedZone:
    if not isinstance(value, dict) or value.keys() != {"id", "name"}:
        raise _expected('an object {"id": "Z0123456789ABC", "name": "acme.com"}', value)
    zone_id = _matching(r"Z[A-Z0-9]{5,31}", "an object whose `id` is a Route 53 zone id such as 'Z0123456789ABC'")
    return HostedZone(id=zone_id(value["id"]), name=_domain(value["name"]))


def _mailbox(value: object) -> Mailbox:
    if not isinstance(value, dict) or value.keys() != {"name", "address"}:
        raise _expected('a list of objects {"name": "Support", "address": "support@acme.com"}', value)
    address = _email(value["address"]).lower()
    if (
        "+" in address
    ):  # whether SES matches a labelled condition literally is not documented; the plain one takes labels
        raise ValueError(f"must have addresses without a +label ({address} has one): a mailbox receives all its labels")
    return Mailbox(name=_text(value["name"]), address=address)


def _mailboxes(value: object) -> tuple[Mailbox, ...]:
    if not isinstance(value, list):
        raise _expected('a list of objects {"name": "Support", "address": "support@acme.com"}', value)
    return tuple(_mailbox(item) for item in value)


def _dmarc(value: object) -> str:
    if value not in DMARC_POLICIES:
        raise _expected(f"one of {', '.join(DMARC_POLICIES)}", value)
    return str(value)


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise _expected("true or false", value)
    return value


def _days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise _expected("a whole number of days, 1 or more", value)
    return value


READERS: dict[str, Callable[[object], Any]] = {
    "region": _matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region such as 'eu-west-1'"),
    "account": _matching(r"\d{12}", "the AWS account's 12 digits, in quotes"),
    "domain": _domain,
    "address": _email,
    "sender": _sender,
    "product": _text,
    "hosted_zone": _hosted_zone,
    "mail_from": _matching(LABEL, "one label of a domain such as 'bounce', in small letters"),
    "dmarc": _dmarc,
    "mailboxes": _mailboxes,
    "tls_required_in": _bool,
    "raw_mail_days": _days,
    "alarm_email": _email,
}
EXAMPLES = {"region": '"region": "eu-west-1"', "sender": '"sender": "Acme <hello@acme.com>"'}


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain}")


def _domain_only(settings: Settings, given: Mapping[str, Any]) -> Iterator[str]:
    for key in ONLY_WITH_DOMAIN if settings.address else ():
        if key in given:
            yield f"{key}: needs `domain` in place of `address`; remove it for a trial with one address"


def _sender_of_identity(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    sender = settings.sender_address
    if settings.domain and not _within(sender.partition("@")[2].lower(), settings.domain):
        yield f"sender: {sender} is not of {settings.domain}, which is all that SES may send for; change one of them"
    if settings.address and sender.lower() != settings.address.lower():
        yield f"sender: {sender} is not {settings.address}, which is all that SES may send for; change one of them"


def _zone_of_domain(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    zone = settings.hosted_zone
    if zone and settings.domain and not _within(settings.domain, zone.name):
        yield f"hosted_zone: {zone.name} does not hold {settings.domain}; give the zone that does, or none"


def _mailboxes_received(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.mailboxes and settings.region not in RECEIVING_REGIONS:
        yield f"region: SES receives no mail in {settings.region}; choose one of {', '.join(RECEIVING_REGIONS)}"
    for mailbox in settings.mailboxes if settings.domain else ():
        if not _within(mailbox.address.partition("@")[2], settings.domain or ""):
            yield f"mailboxes: {mailbox.address} is not of {settings.domain}; use an address of it or of a sub-domain"


def _mail_from_alone(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    # A MAIL FROM domain has exactly one MX, SES's own (developer guide, mail-from).
    if f"{settings.mail_from}.{settings.domain}" in settings.receiving_domains:
        yield f"mail_from: {settings.mail_from}.{settings.domain} has mailboxes, so it cannot take bounces; use another"


def _mailboxes_distinct(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    addresses = [mailbox.address for mailbox in settings.mailboxes]
    for address in sorted({address for address in addresses if addresses.count(address) > 1}):
        yield f"mailboxes: {address} is there twice; keep one"


RULES = (
    _domain_only,
    _sender_of_identity,
    _zone_of_domain,
    _mailboxes_received,
    _mail_from_alone,
    _mailboxes_distinct,
)
