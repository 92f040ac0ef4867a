"""From a template and its data to a subject and two bodies.

Strict: a variable that is missing is an error, never an empty place. Values are escaped in HTML and stand as they
are in text; the subject is one line whatever the values hold, so that none can add a header.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minijinja import Environment, TemplateError


class NotRendered(Exception):
    """The request's template or data do not make a mail; the message names what is missing."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str


class Templates:
    """The templates of a bundle: `<name>/subject.txt`, `body.txt`, and `body.html` as compiled from MJML."""

    def __init__(self, folder: Path, *, product: str) -> None:
        self._folder = folder
        self._environment = Environment(
            loader=self._load, undefined_behavior="strict", globals={"product": product}, keep_trailing_newline=True
        )

    def render(self, name: str, data: dict[str, Any]) -> Rendered:
        if not (self._folder / name / "subject.txt").is_file():
            raise NotRendered(f"there is no template {name!r}; there are {', '.join(self._names())}")
        try:
            return Rendered(
                subject=" ".join(self._environment.render_template(f"{name}/subject.txt", **data).split()),
                text=self._environment.render_template(f"{name}/body.txt", **data),
                html=self._environment.render_template(f"{name}/body.html", **data),
            )
        except TemplateError as error:
            raise NotRendered(f"template {name!r}: {error.message}") from None

    def _names(self) -> list[str]:
        return sorted(folder.name for folder in self._folder.iterdir())

    def _load(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")
