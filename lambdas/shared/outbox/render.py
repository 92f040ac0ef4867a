"""From a template and its data to a subject and two bodies.

Strict: what is missing, null, or not of the kind that its place needs is an error, never an empty place. Values are
escaped in HTML and stand as they are in text; links are absolute web addresses; the subject is one line whatever the
values hold, so that none can add a header.
"""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from minijinja import Environment, TemplateError, pass_state, safe

if TYPE_CHECKING:
    from pathlib import Path

    from minijinja._lowlevel import State

NAME = re.compile(r"[a-z0-9-]{1,64}")
LOCALE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")  # a language tag (RFC 5646), in small letters
# Absolute, printable ASCII without what RFC 3986 forbids: so no scheme but the web's, no space, quote or backslash.
WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9\[](?:[A-Za-z0-9!#$%&'()*+,./:;=?@\[\]_~-])*")
# Left of a value's characters after its lines are told apart: controls, half surrogate pairs, which are no text, and
# what would turn the direction of all that follows it (Unicode TR 9, explicit formatting).
NO_TEXT = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

# `{{ link | url }}` becomes `{{ link | url('link') }}`: a filter is told the value only, and a missing one is None.
FILTERED = re.compile(r"(\{\{-?\s*)([a-z_][a-z0-9_.]*)\s*\|\s*(url|text|lines|choose)\b(\()?")


class NotRendered(Exception):
    """The request's template or data do not make a mail; the message names template and variable."""


class Unfit(Exception):
    """A value does not fit its place. It is not in the message, which is stored: it may be a secret link."""

    def __init__(self, variable: str, value: object, wanted: str) -> None:
        super().__init__(f"`{variable}` {'is missing' if value is None else f'must be {wanted}'}")


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Whose mails they are: `color` as #rrggbb, `footer` the line under every mail."""

    product: str
    logo_url: str | None
    color: str
    footer: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    subject: str
    text: str
    html: str


class Templates:
    """The templates of a bundle: `<name>/{subject.txt,body.txt,body.html}` in English, and `<name>/<locale>/…`."""

    def __init__(self, folder: Path, *, brand: Brand) -> None:
        self._folder = folder
        self._ours = {"product": brand.product, "brand": asdict(brand)}
        self._environment = Environment(
            loader=self._load,
            undefined_behavior="strict",
            filters={"url": url, "text": text, "lines": lines, "choose": choose},
            keep_trailing_newline=True,
        )

    def render(self, name: str, data: dict[str, Any], locale: str | None = None, *, unsubscribe: str = "") -> Rendered:
        """The mail `name` in the nearest locale there is (de-CH, else de, else English); raises NotRendered.
        `unsubscribe` is the link that marketing shows, and empty for other mail."""
        if not NAME.fullmatch(name) or not (self._folder / name).is_dir():
            raise NotRendered(f"there is no template {name!r}; there are {', '.join(self._names())}")
        place = self._place(name, locale)
        values = {**cleaned(data), **self._ours, "unsubscribe": unsubscribe}
        try:
            return Rendered(
                subject=" ".join(self._environment.render_template(f"{place}/subject.txt", **values).split()),
                text=paragraphs(self._environment.render_template(f"{place}/body.txt", **values)),
                html=self._environment.render_template(f"{place}/body.html", **values),
            )
        except TemplateError as error:
            raise NotRendered(f"template {name!r}: {error.message}") from None
        except Unfit as unfit:
            raise NotRendered(f"template {name!r}: {unfit}") from None

    def _place(self, name: str, locale: str | None) -> str:
        tag = (locale or "").lower().replace("_", "-")
        while LOCALE.fullmatch(tag):
            if (self._folder / name / tag).is_dir():
                return f"{name}/{tag}"
            tag = tag.rpartition("-")[0]
        return name

    def _names(self) -> list[str]:
        return sorted(folder.name for folder in self._folder.iterdir() if folder.is_dir())

    def _load(self, name: str) -> str:
        source = (self._folder / name).read_text(encoding="utf-8")
        return FILTERED.sub(lambda use: f"{use[1]}{use[2]} | {use[3]}('{use[2]}'{', ' if use[4] else ')'}", source)


def paragraphs(rendered: str) -> str:
    """The text without the gaps that parts leave which are not there this time."""
    return re.sub(r"\n{3,}", "\n\n", rendered).strip() + "\n"


def cleaned(value: Any) -> Any:
    """JSON's value without what is no text and without nulls, which are as good as missing; line ends are newlines."""
    if isinstance(value, str):
        return NO_TEXT.sub("", "\n".join(value.splitlines()))
    if isinstance(value, list):
        return [cleaned(item) for item in value if item is not None]
    if isinstance(value, dict):
        return {cleaned(key): cleaned(item) for key, item in value.items() if item is not None}
    return value


def text(value: Any, variable: str) -> str:
    """For what a number would spoil: a code's leading zeros, an amount's decimals."""
    if not isinstance(value, str):
        raise Unfit(variable, value, "a text, written as it shall be read")
    return value


def choose(value: Any, variable: str, wordings: dict[str, str]) -> str:
    """For a value that is one of a few, each with its words."""
    if not isinstance(value, str) or value not in wordings:
        raise Unfit(variable, value, f"one of {', '.join(wordings)}")
    return wordings[value]


@pass_state  # type: ignore[arg-type]  # its stub knows no filter that takes an argument
def url(state: State, value: Any, variable: str) -> str:
    """For every link. In HTML with its slashes as they are, which the escaping of other values turns into entities."""
    if not isinstance(value, str) or not WEB_ADDRESS.fullmatch(value):
        raise Unfit(variable, value, "an absolute https:// or http:// address, in ASCII and percent-encoded")
    return safe(html.escape(value)) if state.auto_escape == "html" else value


@pass_state  # type: ignore[arg-type]  # its stub knows no filter that takes an argument
def lines(state: State, value: Any, variable: str) -> str:
    """For texts of several lines: their line ends show in HTML too."""
    written = text(value, variable)
    return safe(html.escape(written).replace("\n", "<br />")) if state.auto_escape == "html" else written
