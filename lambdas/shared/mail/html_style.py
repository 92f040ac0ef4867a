"""Style attributes (CSS 2.1 declarations), reduced to what sets type, colours and boxes.

Nothing that is let through can leave the element that the mail is shown in: no position, no negative margin, no
function but colours, no escape, no address.
"""

import re

_LONGEST = 4000  # characters of a style attribute; more is no person's mail
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_URL = re.compile(r"url\(\s*([\"']?)([^\"'()\\<>\s]+)\1\s*\)", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^\s]+", re.IGNORECASE)
_COLOUR = re.compile(r"\b(?:rgb|hsl)a?\([\d.,%/\s-]{1,60}\)", re.IGNORECASE)
_PLAIN = re.compile(r"[\w\s.,#%!/'\"+-]*")
_NEGATIVE = re.compile(r"(?<![\w.])-\s*[\d.]")
_PROPERTIES = frozenset(
    {
        "background", "background-color", "background-image", "background-position", "background-repeat",
        "background-size", "border-collapse", "border-radius", "border-spacing", "caption-side", "clear", "color",
        "direction", "display", "empty-cells", "float", "font", "font-family", "font-size", "font-style",
        "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style", "list-style-position",
        "list-style-type", "max-height", "max-width", "min-height", "min-width", "overflow-wrap", "table-layout",
        "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width",
        "word-break", "word-spacing", "word-wrap",
    }
)  # fmt: skip
_SIDED = re.compile(r"(?:margin|padding|border)(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?")


def reduced(style: str, *, remote: bool) -> tuple[str, int]:
    """(the declarations that are safe, how many addresses were left out of them that `remote` would have kept)."""
    kept: list[str] = []
    blocked = 0
    for declaration in _COMMENT.sub(" ", style[:_LONGEST]).split(";") if len(style) <= _LONGEST else ():
        name, colon, value = declaration.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon or not (name in _PROPERTIES or _SIDED.fullmatch(name)):
            continue
        images = _addresses(value) if name in ("background", "background-image") else []
        blocked += 0 if remote else len(images)
        plain = " ".join(_URL.sub(" ", value).split()) if images else value
        if not _is_plain(plain):
            continue
        if remote and images:
            plain = f"{plain} url('{images[0]}')".strip()
        if plain:
            kept.append(f"{name}:{plain}")
    return ";".join(kept), blocked


def _addresses(value: str) -> list[str]:
    """Remote addresses in a value."""
    found = (address for _, address in _URL.findall(value) if _REMOTE.fullmatch(address))
    return [f"https:{address}" if address.startswith("//") else address for address in found]


def _is_plain(value: str) -> bool:
    """Numbers, words, strings and colours alone. A negative length could move what is shown out of its place."""
    return _PLAIN.fullmatch(_COLOUR.sub(" ", value)) is not None and not _NEGATIVE.search(value)
