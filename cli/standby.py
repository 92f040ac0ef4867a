"""What `--standby` asks for: the stage as it is in its standby region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.deployment import NoStandby, wants_standby
from infra.settings_standby import in_standby

if TYPE_CHECKING:
    from infra.settings import Settings


def in_chosen_region(settings: Settings) -> Settings:
    """NoStandby where the stage has one region only."""
    return of_standby(settings) if wants_standby() else settings


def of_standby(settings: Settings) -> Settings:
    if not settings.standby:
        raise NoStandby(settings.stage)
    return in_standby(settings, settings.standby)
