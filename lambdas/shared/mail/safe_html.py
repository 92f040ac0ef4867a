"""The HTML of a mail, made safe to show to people: nothing in it runs, fetches, or looks like the page around it.

html_nesting.py makes it cheap to parse; nh3 (ammonia) parses it as browsers do, and writes anew only what is allowed
here. What is not named in this file is not let through.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from lambdas.shared.mail import html_style, limits
from lambdas.shared.mail.html_nesting import well_nested

_TAGS = {
    "a", "abbr", "acronym", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption",
    "center", "cite", "code", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol",
    "p", "pre", "q", "s", "samp", "section", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
}  # fmt: skip
_BOX = {"align", "bgcolor", "background", "height", "valign", "width"}
# No id, class or name: the page around has its own, and finds its elements by them.
_ATTRIBUTES = {
    "*": {"align", "dir", "lang", "style", "title"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "hr": {"size", "width"},
    "img": {"alt", "border", "height", "hspace", "src", "srcset", "vspace", "width"},
    "li": {"type", "value"},
    "ol": {"start", "type"},
    "table": _BOX | {"border", "cellpadding", "cellspacing"},
    "tbody": _BOX,
    "td": _BOX | {"colspan", "nowrap", "rowspan"},
    "tfoot": _BOX,
    "th": _BOX | {"colspan", "nowrap", "rowspan"},
    "thead": _BOX,
    "tr": _BOX,
    "ul": {"type"},
}
# A mail's links open beside the page, which they learn nothing of; its images neither.
_SET = {"a": {"target": "_blank"}, "img": {"referrerpolicy": "no-referrer"}}
# `contain` makes the box the end of all that is painted, laid out and numbered in it (CSS Containment, section 3), and
# `isolation` of what lies above what; the colours are those that a mail without colours was written for.
_AROUND = (
    "contain:content;isolation:isolate;position:relative;overflow:auto;max-width:100%;overflow-wrap:anywhere;"
    "background:#fff;color:#000;color-scheme:light;text-align:start;white-space:normal"
)

_BLANK = re.compile(r"[\x00-\x1f\x7f]")  # which browsers leave out of addresses (WHATWG, URL, section 4.4)
_LINK = re.compile(r"(?:https?://|mailto:)[^\s\"<>\\]+", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^\s\"<>\\]+", re.IGNORECASE)
_CANDIDATE = r"https?://[^\s,\"<>\\]+(?: [\d.]{1,9}[wx])?"
_CANDIDATES = re.compile(rf"{_CANDIDATE}(?: ?, ?{_CANDIDATE})*", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=]+", re.IGNORECASE)
_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,4})?%?(?:px)?")
_NUMBER = re.compile(r"[+-]?\d{1,4}")
_SPAN = re.compile(r"\d{1,3}")  # browsers stop at 1000 columns; an empty table of that many rows and columns takes long


@dataclass(frozen=True, kw_only=True, slots=True)
class SafeHtml:
    """`html` is one element, to be put into a page as it is; `blocked` counts the remote images that it leaves out."""

    html: str
    blocked: int


def safe_html(html: str, images: Mapping[str, str], *, remote: bool) -> SafeHtml:
    """The HTML of a mail as one <div> that can stand in any page.

    `images` are addresses of the mail's own images by their Content-ID, as `Attachment.content_id` gives it; one that
    is not among them is shown by its alternative text. `remote` keeps images that are fetched from elsewhere, which
    tells the sender that the mail was read, when and where. Only the first 1,000,000 characters are read (limits.HTML);
    time and space are linear in them.
    """
    chosen = _Choice(images, remote=remote)
    # No surrogate can be written as UTF-8, which is what nh3 takes.
    page = html[: limits.HTML].encode("utf-8", "replace").decode()
    cleaned = nh3.clean(
        well_nested(page, _TAGS),
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=chosen.attribute,
        url_schemes={"http", "https", "mailto", "cid", "data"},  # each only where `_Choice` lets it through
        link_rel="noopener noreferrer",
        set_tag_attribute_values=_SET,
    )
    return SafeHtml(html=f'<div style="{_AROUND}">{cleaned}</div>', blocked=chosen.blocked)


class _Choice:
    """Which values of the attributes are let through, and with what they are replaced; None leaves one out."""

    def __init__(self, images: Mapping[str, str], *, remote: bool) -> None:
        self.images = images
        self.remote = remote
        self.blocked = 0
        self.rules: dict[str, Callable[[str], str | None]] = {
            "href": _link,
            "src": self._source,
            "srcset": self._sources,
            "background": self._background,
            "style": self._style,
        } | _PLAIN_RULES

    def attribute(self, _: str, name: str, value: str) -> str | None:
        rule = self.rules.get(name)
        return rule(value) if rule else value

    def _source(self, value: str) -> str | None:
        address = _BLANK.sub("", value).strip()
        if address[:4].lower() == "cid:":
            # RFC 2392: the Content-ID without <>, percent-encoded; programs encode nothing
            return self.images.get(address[4:]) or self.images.get(unquote(address[4:]))
        if address[:5].lower() == "data:":
            address = address.replace(" ", "")
            return address if _PICTURE.fullmatch(address) else None
        return self._fetched(address.replace(" ", "%20"))

    def _sources(self, value: str) -> str | None:
        written = " ".join(value.split())
        return self._shown(written) if _CANDIDATES.fullmatch(written) else None

    def _background(self, value: str) -> str | None:
        return self._fetched(_BLANK.sub("", value).strip())

    def _fetched(self, address: str) -> str | None:
        if not _REMOTE.fullmatch(address):
            return None
        return self._shown(f"https:{address}" if address.startswith("//") else address)

    def _shown(self, written: str) -> str | None:
        self.blocked += not self.remote
        return written if self.remote else None

    def _style(self, value: str) -> str | None:
        style, blocked = html_style.reduced(value, remote=self.remote)
        self.blocked += blocked
        return style or None


def _link(value: str) -> str | None:
    address = _BLANK.sub("", value).strip().replace(" ", "%20")
    return address if _LINK.fullmatch(address) else None


def _length(value: str) -> str | None:
    return value if _LENGTH.fullmatch(value.strip()) else None


def _number(value: str) -> str | None:
    return value if _NUMBER.fullmatch(value.strip()) else None


def _span(value: str) -> str | None:
    return value if _SPAN.fullmatch(value.strip()) else None


_PLAIN_RULES: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(("width", "height", "border", "cellpadding", "cellspacing", "hspace", "vspace"), _length),
    **dict.fromkeys(("start", "value", "size"), _number),
    **dict.fromkeys(("colspan", "rowspan"), _span),
}
