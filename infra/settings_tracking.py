"""The setting `tracking`: of which streams SES tells that mails were opened and links followed, and by which name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.settings_texts import domain_name, expected, named, switch

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """`domain` is the name of ours that opens and links go over; `cdn` what stands behind it, with a certificate for
    it."""

    marketing: bool = True
    transactional: bool = False
    domain: str | None = None
    cdn: str | None = None

    @property
    def streams(self) -> tuple[str, ...]:
        return tuple(name for name in ("transactional", "marketing") if getattr(self, name))

    @property
    def links(self) -> bool:
        """Whether links can be tracked. Ours are https, and SES has no certificate for a name of ours: without a CDN
        every link would lead to a warning (developer guide, configure-custom-open-click-domains)."""
        return self.domain is None or self.cdn is not None


def tracking(value: object) -> Tracking:
    if not isinstance(value, dict) or value.keys() - READERS.keys():
        raise expected(f"an object of {', '.join(READERS)}", value)
    try:
        return Tracking(**{key: READERS[key](given) for key, given in value.items()})
    except ValueError as fault:
        raise ValueError(f"its {fault}") from None


READERS: dict[str, Callable[[object], Any]] = {
    "marketing": named("marketing", switch),
    "transactional": named("transactional", switch),
    "domain": named("domain", domain_name),
    "cdn": named("cdn", domain_name),
}
