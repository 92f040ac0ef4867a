"""How mail programs mark in HTML what they quote."""

import re
from enum import Enum

from selectolax.lexbor import LexborNode


class Mark(Enum):
    """What an element says about quoting."""

    NONE = 0
    WEAK = 1  # indented: quoted only where a line above says so
    QUOTED = 2  # the element is quoted
    REST = 3  # the element and everything below it is quoted
    SIGNATURE = 4


# In any element with this class: Thunderbird's line above a quotation, Yahoo, Proton, Zoho, Tuta, Front, and what
# Thunderbird forwards.
_QUOTED_CLASSES = {
    "moz-cite-prefix", "moz-forward-container", "yahoo_quoted", "yahoo-quoted", "protonmail_quote", "zmail_extra",
    "tutanota_quote", "tutanota_indented", "front-blockquote",
}  # fmt: skip
_QUOTED_IDS = {"olk_src_body_section", "isreplycontent"}  # Outlook for Mac, NetEase
# Outlook on the web and its apps, Hotmail, Zimbra, and the bookmark that Word sets at the original in every language.
_REST_IDS = {
    "divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "mail-editor-reference-message-container", "reply-intro",
}  # fmt: skip
_REST_CLASSES = {"ms-outlook-mobile-reference-message"}
# Gmail, Thunderbird, Proton; Outlook on the web and its apps.
_SIGNATURE_CLASSES = {"gmail_signature", "moz-signature", "protonmail_signature_block"}
_SIGNATURE_IDS = {"signature", "ms-outlook-mobile-signature"}
# Outlook for Windows and Windows Mail draw a line above the copied header: these borders with this padding.
_OUTLOOK_LINE = re.compile(
    r"border:\s*none;\s*border-top:\s*solid\s+(?:#[0-9a-f]{6}|windowtext)\s+1\.0pt;\s*padding:\s*3\.0pt"
    r"|border-(?:top-)?color:\s*rgb\(229, ?229, ?229\)[^\"]{0,200}padding-top:\s*5px"
    r"|padding-top:\s*5px;[^\"]{0,100}border-top-color:\s*rgb\(229, ?229, ?229\)",
    re.IGNORECASE,
)
_ANY = re.compile(
    r"<blockquote|divrplyfwdmsg|appendonsend|stopspelling|zwchr|_MailOriginal|reference-message|reply-intro|border-top"
    r"|gmail_signature|moz-signature|protonmail_signature|id=.?signature|mobile-signature"
    r"|olk_src_body|isreplycontent|moz-cite|moz-forward|yahoo.quoted|protonmail_quote|zmail_extra|tutanota_|__DIVIDER__",
    re.IGNORECASE,
)


def present(html: str) -> bool:
    """Whether a page may have marks at all."""
    return _ANY.search(html) is not None


def of(node: LexborNode, tag: str, attributes: dict[str, str | None]) -> Mark:
    if tag == "blockquote":
        return _blockquote(attributes)
    if not attributes:
        return Mark.NONE
    classes = set((attributes.get("class") or "").lower().split())
    # Outlook on the web writes "x_" before the ids of the mail that it quotes.
    identity = (attributes.get("id") or "").lower().removeprefix("x_")
    if identity in _REST_IDS or classes & _REST_CLASSES or attributes.get("data-marker") == "__DIVIDER__":
        return Mark.REST
    if attributes.get("name") == "_MailOriginal" or _OUTLOOK_LINE.search((attributes.get("style") or "")[:500]):
        return Mark.REST
    if classes & _SIGNATURE_CLASSES or identity in _SIGNATURE_IDS:
        return Mark.SIGNATURE
    if classes & _QUOTED_CLASSES or identity in _QUOTED_IDS:
        return Mark.QUOTED
    return Mark.QUOTED if "gmail_attr" in classes and _before_blockquote(node) else Mark.NONE


def _blockquote(attributes: dict[str, str | None]) -> Mark:
    """`type=cite` is Apple Mail's and Thunderbird's, `gmail_quote` Gmail's; Fastmail and others name a class or id."""
    kind = (attributes.get("type") or "").lower()
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''} {attributes.get('cite') or ''}".lower()
    return Mark.QUOTED if kind == "cite" or "quote" in named or "mid:" in named or named.strip() == "qt" else Mark.WEAK


def _before_blockquote(node: LexborNode) -> bool:
    """Gmail's attribution stands above a blockquote; the same element opens what it forwards, without one."""
    following = node.next
    while following is not None and (
        following.tag == "br" or (following.tag == "-text" and not (following.text_content or "").strip())
    ):
        following = following.next
    return following is not None and following.tag == "blockquote"
