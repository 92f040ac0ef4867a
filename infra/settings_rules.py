"""What must hold between the settings of a stage: each rule yields its faults, `key: what is wrong; what to change`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from infra import (
    settings_delivery,
    settings_destinations,
    settings_domains,
    settings_mailboxes,
    settings_mta_sts,
    settings_reports,
    settings_standby,
)
from infra.settings_values import READERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.settings import Settings

# SES receives in every region where it sends but GovCloud, ap-south-2, ap-southeast-5, ca-west-1, eu-central-2 and
# me-central-1: 22 regions in August 2026. AWS keeps the list in the General Reference, "Amazon SES endpoints and
# quotas", under "Email receiving endpoints"; a region that is new there belongs here.
RECEIVING_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1", "me-south-1"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "af-south-1"),
)
ONLY_WITH_DOMAIN = (
    *("hosted_zone", "mail_from", "dmarc", "dkim", "domains"),
    *("mailboxes", "tls_required_in", "mta_sts", "reports", "standby"),
)
STACK_NAME_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
EXAMPLES = {"region": '"region": "eu-west-1"', "sender": '"sender": "Acme <hello@acme.com>"'}


def wrong_keys(stage: str, given: Mapping[str, Any]) -> Iterator[str]:
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


def _domain_only(settings: Settings, given: Mapping[str, Any]) -> Iterator[str]:
    for key in ONLY_WITH_DOMAIN if settings.address else ():
        if key in given:
            yield f"{key}: needs `domain` in place of `address`; remove it for a trial with one address"


def _sender_of_address(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    sender = settings.sender_address
    if settings.address and sender.lower() != settings.address.lower():
        yield f"sender: {sender} is not {settings.address}, which is all that SES may send for; change one of them"


def _mailboxes_received(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    regions = {"region": settings.region} | ({"standby": settings.standby.region} if settings.standby else {})
    for key, region in regions.items() if settings.mailboxes else ():
        if region not in RECEIVING_REGIONS:
            yield f"{key}: SES receives no mail in {region}; choose one of {', '.join(RECEIVING_REGIONS)}"


RULES = (
    _domain_only,
    _sender_of_address,
    _mailboxes_received,
    *settings_domains.RULES,
    *settings_delivery.RULES,
    *settings_mailboxes.RULES,
    *settings_destinations.RULES,
    *settings_mta_sts.RULES,
    *settings_reports.RULES,
    *settings_standby.RULES,
)
