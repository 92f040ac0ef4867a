"""What a person sees: one small page, without script, that no frame, cache or search engine may keep."""

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from minijinja import Environment

# The page may load nothing and send its form only to where it came from. `form-action` also covers redirects,
# and `no-referrer` keeps the link's token from the next site (OWASP Forgot Password Cheat Sheet).
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True, kw_only=True)
class Page:
    status: HTTPStatus
    title: str
    text: str
    button: str | None = None
    onward: str | None = None


NOT_OURS = Page(
    status=HTTPStatus.NOT_FOUND,
    title="This link is not one of ours",
    text="It may have been cut off on the way. Copy the whole link from the e-mail and try again.",
)


class Pages:
    def __init__(self, product: str) -> None:
        template = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
        self._environment = Environment(templates={"page.html": template}, undefined_behavior="strict")
        self._product = product

    def answer(self, page: Page) -> dict[str, Any]:
        """The HTTP API's answer (payload format 2.0) that shows the page."""
        html = self._environment.render_template("page.html", page=page, product=self._product)
        return {"statusCode": page.status.value, "headers": HEADERS, "body": html}
