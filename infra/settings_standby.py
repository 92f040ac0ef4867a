"""The setting `standby`: a second region, in which everything is prepared to send in the place of the first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from infra.settings_domains import EASY, mail_from_alone
from infra.settings_texts import expected, matching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.settings import Settings

REGION = matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region such as 'eu-west-1'")
EXAMPLE = 'an object {"region": "eu-central-1"}'
# Policies name what CloudFormation makes in the other region by how its names begin: with the stack's name, as long as
# that fits. Buckets have the shortest names, 63 characters, of which `mailroom-`, `-storage-mail1a2b3c4d-` and what
# makes one unique take 43.
LONGEST = 20


@dataclass(frozen=True, kw_only=True)
class Standby:
    region: str


def standby(value: object) -> Standby:
    if not isinstance(value, dict) or value.keys() != {"region"}:
        raise expected(EXAMPLE, value)
    try:
        return Standby(region=REGION(value["region"]))
    except ValueError as fault:
        raise ValueError(f"its `region` {fault}") from None


def in_standby(settings: Settings, standby: Standby) -> Settings:
    """The stage as it is in its standby region: the same, but for what belongs to one region.

    A MAIL FROM domain names one region's host, and a name that opens and links go over leads to one region, so mails
    there have others. Dedicated addresses and tenants are not kept twice, and user pools are where they are.
    """
    further = tuple(replace(domain, mail_from=f"{domain.mail_from}-standby") for domain in settings.further_domains)
    return replace(
        settings,
        region=standby.region,
        standby=None,
        first_region=settings.region,
        mail_from=f"{settings.mail_from}-standby",
        further_domains=further,
        tracking=replace(settings.tracking, domain=None, cdn=None),
        dedicated_ips={},
        tenant=None,
        cognito=(),
    )


def other_region(settings: Settings) -> str:
    """Of a stage with two regions, seen from either."""
    return settings.standby.region if settings.standby else settings.first_region or ""


def _elsewhere(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.standby and settings.standby.region == settings.region:
        yield f"standby: its `region` is the stage's own, {settings.region}; name another"


def _keys_are_sess(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    """Deterministic Easy DKIM copies only keys that SES has made (developer guide, dkim-deed)."""
    for domain in settings.domains if settings.standby else ():
        if domain.dkim != EASY:
            reason = "signs with keys of its own, which SES copies to no other region"
            yield f"standby: {domain.name} {reason}; use {EASY!r}"


def _names_fit(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if not settings.standby:
        return
    if len(settings.stage) > LONGEST:
        yield f"standby: the stage's name may have {LONGEST} characters then; it has {len(settings.stage)}"
    for fault in mail_from_alone(in_standby(settings, settings.standby), {}):
        yield f"standby: there, {fault}"


RULES = (_elsewhere, _keys_are_sess, _names_fit)
