"""What mail programs, and the people who use them, demand of a mail: each rule yields its faults.

A mail that shows a link to unsubscribe is meant for marketing too, and has to keep the mailbox providers' rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minijinja import Environment
from selectolax.lexbor import LexborHTMLParser

from lambdas.shared.outbox.render import NotRendered
from lambdas.shared.outbox.sender_rules import unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.editions import Edition, Mails
    from lambdas.shared.outbox.render import Rendered

GMAIL_CLIPS = 102 * 1024  # bytes of HTML, after which Gmail shows "[Message clipped]"
WIDEST = 600  # pixels; wider mails are cut off by desktop programs with a list beside the mail
OURS = {"brand", "product", "unsubscribe"}  # what every template may use without being given it
LINK = "https://pages.example/unsubscribe/sample"  # stands in for a mail's own
ACTIVE = "script, form, input, button, textarea, select, iframe, object, embed, applet, video, audio, base, svg, link"
EXTERNAL_STYLE = re.compile(r"@import|@font-face|url\(", re.IGNORECASE)
PIXELS = re.compile(r"(?<![a-z-])width:\s*(\d+)px")


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A rendered edition, and its HTML as a browser reads it."""

    locale: str
    subject: str
    text: str
    html: str
    tree: LexborHTMLParser


def faults(mails: Mails, edition: Edition) -> list[str]:
    """What is wrong with a mail, as `file: what, and what to do`."""
    found = list(_names(edition))
    try:
        made = mails.rendered(edition, unsubscribe=LINK)
    except NotRendered as error:
        return [*found, f"sample.json: {error}"]
    tree = LexborHTMLParser(made.html)
    mail = Mail(locale=edition.locale, subject=made.subject, text=made.text, html=made.html, tree=tree)
    found += [fault for rule in RULES for fault in rule(mail)]
    return [*found, *_marketing(made, tree)] if for_marketing(mails, edition.name) else found


def for_marketing(mails: Mails, name: str) -> bool:
    """Whether a template shows a link to unsubscribe, in any part and language."""
    return any(_shows_link(mails, edition) for edition in mails.editions if edition.name == name)


def _shows_link(mails: Mails, edition: Edition) -> bool:
    try:
        made = mails.rendered(edition, unsubscribe=LINK)
    except NotRendered:
        return False
    return LINK in made.text or LINK in made.html


def _marketing(made: Rendered, tree: LexborHTMLParser) -> Iterator[str]:
    yield from (f"as marketing: {fault}" for fault in unseen(LINK, made))
    for link in tree.css(f'[style*="display:none"] a[href="{LINK}"]'):
        yield f"as marketing: body.mjml hides the link to unsubscribe, {link.text()!r}; it must be easy to see"


def _names(edition: Edition) -> Iterator[str]:
    """A misspelt optional variable would never show, so each that is used must be in the sample, and the reverse."""
    engine = Environment()
    used = {name for source in edition.sources.values() for name in engine.undeclared_variables_in_str(source)}
    for name in sorted(used - edition.sample.keys() - OURS):
        yield f"sample.json: has no `{name}`, which the template uses; add it there, or correct the template"
    for name in sorted(edition.sample.keys() - used):
        yield f"sample.json: has `{name}`, which the template does not use; remove it there, or correct the template"


def _subject(mail: Mail) -> Iterator[str]:
    if not mail.subject:
        yield "subject.txt: is empty"


def _text(mail: Mail) -> Iterator[str]:
    if not mail.text.strip():
        yield "body.txt: is empty; some people read only this part, and filters distrust a mail without it"
    for link in dict.fromkeys(node.attributes["href"] or "" for node in mail.tree.css("a[href]")):
        if link not in mail.text:
            yield f"body.txt: lacks the link {link}, which the HTML has"


def _size(mail: Mail) -> Iterator[str]:
    size = len(mail.html.encode())
    if size >= GMAIL_CLIPS:
        yield f"body.mjml: makes {size // 1024} KB of HTML; Gmail cuts off what is longer than 102 KB"


def _preheader(mail: Mail) -> Iterator[str]:
    hidden = mail.tree.css_first('body > div[style*="display:none"]')
    if not hidden or not hidden.text().strip():
        yield "body.mjml: has no <mj-preview>, the line that lists of mails show beside the subject"


def _head(mail: Mail) -> Iterator[str]:
    root = mail.tree.css_first("html")
    if root is None or root.attributes.get("lang") != mail.locale:
        yield f'body.mjml: must begin with <mjml lang="{mail.locale}">, by which screen readers choose the voice'
    title = mail.tree.css_first("title")
    if title is None or not title.text().strip():
        yield "body.mjml: has no <mj-title>"
    if not mail.tree.css_first('meta[name="color-scheme"]') or "prefers-color-scheme: dark" not in mail.html:
        yield "body.mjml: says nothing of dark mode; include ../_head.mjml"


def _width(mail: Mail) -> Iterator[str]:
    widths = [node.attributes["width"] or "" for node in mail.tree.css("[width]")]
    widest = max((int(width) for width in [*widths, *PIXELS.findall(mail.html)] if width.isdecimal()), default=0)
    if widest > WIDEST:
        yield f"body.mjml: is {widest} pixels wide; mail programs show {WIDEST} without scrolling"


def _pictures(mail: Mail) -> Iterator[str]:
    for picture in mail.tree.css("img"):
        source = picture.attributes.get("src") or ""
        if not picture.attributes.get("alt"):
            yield f"body.mjml: the picture {source} has no alt text, which stands in its place until it is loaded"
        if not source.startswith("https://"):
            yield f"body.mjml: the picture {source} is not at an https:// address"


def _links(mail: Mail) -> Iterator[str]:
    for link in mail.tree.css("a"):
        target = link.attributes.get("href") or ""
        if not target.startswith(("https://", "mailto:")):
            yield f"body.mjml: the link to {target!r} is not an absolute https:// address"
        if not link.text().strip() and not link.css_first("img[alt]"):
            yield f"body.mjml: the link to {target} has no text"


def _active(mail: Mail) -> Iterator[str]:
    for node in mail.tree.css(ACTIVE):
        yield f"body.mjml: has <{node.tag}>, which mail programs remove or distrust"
    for node in mail.tree.css("*"):
        yield from (f"body.mjml: has {name}=, and mail runs no script" for name in node.attributes if name[:2] == "on")


def _styles(mail: Mail) -> Iterator[str]:
    styles = [node.text() for node in mail.tree.css("style")]
    styles += [node.attributes["style"] or "" for node in mail.tree.css("[style]")]
    for found in sorted({match[0] for style in styles for match in EXTERNAL_STYLE.finditer(style)}):
        yield f"body.mjml: its CSS has {found}, and mail programs load no fonts or styles from elsewhere"


RULES = (_subject, _text, _size, _preheader, _head, _width, _pictures, _links, _active, _styles)
