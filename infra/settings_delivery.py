"""The settings about how SES hands mail on: `dedicated_ips`, and `tenant`'s name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.settings_domains import STREAMS
from infra.settings_texts import expected, matching

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.settings import Settings

KINDS = ("standard", "managed")
LONGEST = 64 - len("mailroom--transactional")  # characters of a stage's name, in that of a pool (API v2, PoolName)
TENANT = matching(r"[A-Za-z0-9_-]{1,64}", "a name of letters, digits, - and _, 64 at most")


def dedicated_ips(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or value.keys() - {*STREAMS} or not all(kind in KINDS for kind in value.values()):
        raise expected('an object of streams, such as {"marketing": "managed"}, each "standard" or "managed"', value)
    return dict(value)


def _pools_are_named(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.dedicated_ips and len(settings.stage) > LONGEST:
        yield (
            f"dedicated_ips: a pool is named after its stage, whose name may have {LONGEST} characters then; it has "
            f"{len(settings.stage)}"
        )


RULES = (_pools_are_named,)
