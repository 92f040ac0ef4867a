"""One page that shows mails as people will see them: desktop and phone, light and dark, subject and text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from minijinja import Environment
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cli.editions import Edition
    from lambdas.shared.outbox.render import Rendered

FRAME_HEIGHT = 840  # pixels; what is longer scrolls
DARK = "(prefers-color-scheme: dark)"


def gallery(mails: Sequence[tuple[Edition, Rendered]], height: int = FRAME_HEIGHT) -> str:
    """The page. Mails stand in sandboxed frames, where nothing of them can run."""
    template = Path(__file__).with_name("gallery.html").read_text(encoding="utf-8")
    environment = Environment(templates={"gallery.html": template}, undefined_behavior="strict")
    shown = [_shown(edition, rendered) for edition, rendered in mails]
    return environment.render_template("gallery.html", mails=shown, height=height)


def _shown(edition: Edition, rendered: Rendered) -> dict[str, Any]:
    preheader = LexborHTMLParser(rendered.html).css_first("body > div")
    return {
        "id": f"{edition.name}-{edition.locale}",
        "name": edition.name,
        "locale": edition.locale,
        "subject": rendered.subject,
        "preheader": preheader.text().strip() if preheader else "",
        "size": f"{len(rendered.html.encode()) / 1024:.0f}",
        "text": rendered.text,
        # Each frame shows its scheme whichever the reader's own is.
        "schemes": {"light": rendered.html.replace(DARK, "not all"), "dark": rendered.html.replace(DARK, "all")},
    }
