"""A stage's settings as cdk.json has them, checked; with `--standby` as they are in its standby region."""

from __future__ import annotations

from cli.deployment import NoStandby, WrongSettings, stage_settings, wants_standby
from infra.settings import InvalidStage, Settings
from infra.settings_standby import in_standby


def settings_of(stage: str) -> Settings:
    """WrongSettings, with a line for each fault."""
    try:
        return Settings.read(stage, stage_settings(stage))
    except InvalidStage as faults:
        raise WrongSettings(str(faults)) from None


def in_chosen_region(stage: str) -> Settings:
    """WrongSettings; NoStandby where the stage has one region only."""
    settings = settings_of(stage)
    return of_standby(settings) if wants_standby() else settings


def of_standby(settings: Settings) -> Settings:
    """NoStandby"""
    if not settings.standby:
        raise NoStandby(settings.stage)
    return in_standby(settings, settings.standby)
