"""The mails of templates/ in each of their languages, rendered with their sample data."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from infra.bundle import ROOT
from infra.settings import Settings, SettingsError
from infra.templates import TEMPLATES, BrokenTemplate, compile_templates, editions
from lambdas.shared.outbox.render import Brand, Rendered, Templates

if TYPE_CHECKING:
    from collections.abc import Iterator

ENGLISH = "en"
PARTS = ("subject.txt", "body.txt", "body.html")


class NoTemplates(click.ClickException):
    """The templates or the stage's brand cannot be used; the message says what to change."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """A mail in one language: its sample data, and its sources as functions find them."""

    name: str
    locale: str
    sample: dict[str, Any]
    sources: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Mails:
    editions: list[Edition]
    templates: Templates

    def rendered(self, edition: Edition, *, unsubscribe: str = "") -> Rendered:
        """With the link to unsubscribe that it has as marketing, or without. Raises NotRendered."""
        return self.templates.render(edition.name, edition.sample, edition.locale, unsubscribe=unsubscribe)


@contextmanager
def compiled(stage: str, source: Path = TEMPLATES) -> Iterator[Mails]:
    """All editions of all mails, in the look of a stage of cdk.json; raises NoTemplates."""
    with tempfile.TemporaryDirectory(prefix="mailroom-") as folder:
        target = Path(folder)
        try:
            brand = Brand(**Settings.choose(stage, _stages()).branding)
            compile_templates(target, source)
        except (SettingsError, BrokenTemplate) as error:
            raise NoTemplates(str(error)) from None
        found = [_edition(mail, place, target) for mail in _mails(source) for place, _ in editions(mail)]
        yield Mails(editions=found, templates=Templates(target, brand=brand))


def _stages() -> dict[str, Any]:
    stages: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
    return stages


def _mails(source: Path) -> list[Path]:
    return sorted(folder for folder in source.iterdir() if folder.is_dir())


def _edition(mail: Path, place: str, target: Path) -> Edition:
    locale = place.partition("/")[2]
    own = mail / locale / "sample.json"
    try:
        sample = json.loads((own if own.is_file() else mail / "sample.json").read_text(encoding="utf-8"))
        sources = {name: (target / place / name).read_text(encoding="utf-8") for name in PARTS}
    except FileNotFoundError as missing:
        name = Path(missing.filename).name.replace(".html", ".mjml")
        raise NoTemplates(f"templates/{mail.name}/{name} is missing.") from None
    except ValueError as error:
        raise NoTemplates(f"templates/{place}: sample.json is not JSON: {error}") from None
    if not isinstance(sample, dict):
        raise NoTemplates(f"templates/{place}: sample.json must be an object, with a sample value for each variable.")
    return Edition(name=mail.name, locale=locale or ENGLISH, sample=sample, sources=sources)
