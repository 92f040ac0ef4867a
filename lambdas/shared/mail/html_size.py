"""Whether a page can be parsed in linear time and space, and what to do with one that cannot.

HTML5's rules (WHATWG, "Tree construction") look through all open elements at every tag, and open formatting elements
that were not closed again in every later paragraph. A page of a few kilobytes can grow to gigabytes.
"""

import html as entities
import re

from lambdas.shared.mail import limits

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
# Elements without content, and those that the next of their kind ends: they do not nest by themselves.
_FLAT = {
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "tbody", "thead", "tfoot",
    "colgroup",
}  # fmt: skip
_FORMATTING = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_FEW = 300  # tags that can do no harm
# Comments, and what is no markup inside; without an end, all that follows (WHATWG 13.2.5, "Tokenization"). Within
# foreign content the latter is markup after all: there only start tags can be believed.
_RAW = "iframe|noembed|noframes|noscript|script|select|style|template|textarea|title|xmp"
_COMMENT = r"<!--(?:-?>|.*?(?:--!?>|\Z))"
_ASIDE = re.compile(rf"{_COMMENT}|<(?P<name>{_RAW})\b(?P<raw>.*?(?:</(?P=name)\b|\Z))", re.I | re.S)
_UNSHOWN = re.compile(rf"<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)|{_COMMENT}", re.I | re.S)
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|x[0-9a-f]{8,});?", re.IGNORECASE)  # of no character
_BREAK = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6]|/?blockquote|/?table)\b[^>]{0,2000}>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_ANY = re.compile(r"<[a-zA-Z/!][^<>]{0,5000}>?")


def is_safe(page: str) -> bool:
    """Whether the page stays small when it is parsed."""
    if page.count("<") <= _FEW:
        return True
    open_elements: dict[str, int] = {}
    depth = formatting = most_formatting = tags = 0
    for tag in _TAG.finditer(_ASIDE.sub(lambda aside: (aside["raw"] or "").replace("</", ""), page)):
        tags += 1
        name = tag[2].lower()
        if name in _FLAT:
            continue
        count = open_elements.get(name, 0)
        step = -1 if tag[1] else 1
        if count + step < 0:
            continue
        open_elements[name] = count + step
        depth += step
        if name in _FORMATTING:
            formatting += step
            most_formatting = max(most_formatting, formatting)
        if depth > limits.HTML_DEPTH:
            return False
    return tags * (1 + most_formatting) <= limits.HTML_NODES


def stripped(page: str) -> str:
    """The text between the tags, for a page that is not safe to parse."""
    page = _BREAK.sub("\n", _UNSHOWN.sub(" ", page))
    text = _CONTROL.sub("", entities.unescape(_LONG_REFERENCE.sub("\ufffd", _ANY.sub("", page))))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
