"""Any page to one whose elements are closed in the order in which they were opened.

HTML5 repairs pages while it parses them, and an enemy can make that repair take the square of a page's size in time or
in space: every tag looks through all open elements, formatting that was never closed is opened again in every later
paragraph, and what stands between a table's cells is moved before the table (WHATWG, HTML, section 13.2.6 "Tree
construction"). Here a page is brought, in one pass, into a shape that leaves nothing to repair. It is not a sanitiser:
what comes out is as hostile as before, only cheap to parse. Where a page is broken, it may look different from what a
browser makes of it, which shows no text that is left out here.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection

from lambdas.shared.mail import limits

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# WHATWG 13.2.5.32-40: names end at a blank, a slash, ">" or "="; only a value behind "=" is quoted.
_ATTRIBUTE = re.compile(r"[\s/]*(=?[^\s/>=]+|=)\s*(=?)\s*")
_BARE = re.compile(r"[^\s>]*")
_END = re.compile(r"[\s/]*(>?)")
_PLAIN_NAME = re.compile(r"[a-z][a-z-]{0,30}")
# What is no markup inside: without an end tag, everything to the end of the page (WHATWG 13.2.5.2-4).
_RAW = frozenset({"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"})
# What follows rules of its own inside, and is not shown.
_UNSHOWN = frozenset({"math", "noscript", "select", "svg", "template"})
_ENDS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"</{name}(?=[\s/>])[^>]*>?", re.IGNORECASE) for name in _RAW | _UNSHOWN
}
_VOID = frozenset({"br", "hr", "img", "wbr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# What ends an open paragraph (WHATWG 13.2.6.4.7).
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer",
    "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
}  # fmt: skip
# An end tag of these ends what was opened inside, blocks too; one of `span` does not.
_FORMATTING = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u"}
)  # fmt: skip
_SECTIONS = frozenset({"thead", "tbody", "tfoot"})
_PARTS = _SECTIONS | {"caption", "tr", "td", "th"}
_BETWEEN_CELLS = _SECTIONS | {"table", "tr"}
_REFERENCES = 10_000  # "&" in one text: html5ever takes the square of their number
_SCOPE = frozenset({"table", "td", "th", "caption"})  # nothing inside ends what is open outside
# An element of this name ends open ones of these names, up to the nearest of those.
_SIBLINGS = {
    "p": ({"p"}, _SCOPE),
    "a": ({"a"}, _SCOPE),
    "li": ({"li"}, _SCOPE | {"ul", "ol"}),
    "dd": ({"dd", "dt"}, _SCOPE | {"dl"}),
    "dt": ({"dd", "dt"}, _SCOPE | {"dl"}),
}


def well_nested(page: str, tags: Collection[str]) -> str:
    """The page with those of its elements that are in `tags`, nested at most `limits.HTML_DEPTH` deep; the body, which
    no fragment has, becomes a <div>. Attributes stay, their values quoted. Linear in time and space."""
    return _Reader(page.replace("\0", ""), tags).read()


class _Nest:
    """What is written, and which elements are open in it."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.open: list[str] = []
        self.count: Counter[str] = Counter()  # of open elements by name
        self.references = 0  # in the text since the last tag

    def text(self, text: str) -> None:
        if text:
            if not text.isspace():
                self._cell()
            self._write(text)

    def _write(self, text: str) -> None:
        first, *others = text.split("&")
        self.out.append(first)
        for at in range(0, len(others), _REFERENCES):
            some = others[at : at + _REFERENCES]
            self.references += len(some)
            if self.references > _REFERENCES:
                self.references = len(some)
                self.out.append("<wbr>")
            self.out += ("&", "&".join(some))

    def start(self, name: str, attributes: str) -> None:
        if name in _PARTS:
            if not self._part(name):
                return
        else:
            self._cell()
            self._make_room(name)
        if name in _VOID:
            self.out.append(f"<{name}{attributes}>")
        elif len(self.open) < limits.HTML_DEPTH:
            self._push(name, attributes)

    def end(self, name: str) -> None:
        if name in _PARTS or name == "table":
            found = self._last({name}, frozenset({"table"}))
        elif name in _BLOCKS or name in _FORMATTING:
            found = self._last({name}, _SCOPE)
        else:
            found = self._last({name}, _SCOPE | _BLOCKS)
        if found >= 0:
            self.close(found)

    def close(self, depth: int) -> None:
        """End elements until only so many are open."""
        while len(self.open) > depth:
            name = self.open.pop()
            self.count[name] -= 1
            self.out.append(f"</{name}>")
            self.references = 0

    def _push(self, name: str, attributes: str = "") -> None:
        self.out.append(f"<{name}{attributes}>")
        self.references = 0
        self.open.append(name)
        self.count[name] += 1

    def _cell(self) -> None:
        """What stands between the cells of a table gets one of its own."""
        if self.open and self.open[-1] in _BETWEEN_CELLS:
            if self.open[-1] != "tr":
                self._push("tr")
            self._push("td")

    def _part(self, name: str) -> bool:
        """Come to where this part of a table belongs; False where no table is open."""
        table = self._last({"table"}, frozenset())
        if table < 0:
            return False
        if name in ("td", "th"):
            row = self._last({"tr"}, frozenset({"table"}))
            if row < 0:
                self._part("tr")
                self._push("tr")
            else:
                self.close(row + 1)
        else:
            section = self._last(_SECTIONS, frozenset({"table"})) if name == "tr" else -1
            self.close(max(section, table) + 1)
        return True

    def _make_room(self, name: str) -> None:
        """End what an element of this name implies the end of."""
        siblings = _SIBLINGS.get(name)
        found = self._last(*siblings) if siblings else -1
        if found >= 0:
            self.close(found)
        paragraph = self._last({"p"}, _SCOPE) if name in _BLOCKS else -1
        if paragraph >= 0:
            self.close(paragraph)
        if name in _HEADINGS and self.open and self.open[-1] in _HEADINGS:
            self.close(len(self.open) - 1)

    def _last(self, names: Collection[str], borders: Collection[str]) -> int:
        """The index of the innermost open element of these names, -1 where a border is nearer."""
        if not any(self.count[name] for name in names):
            return -1
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index] in names:
                return index
            if self.open[index] in borders:
                return -1
        return -1


class _Reader:
    """Goes through a page once. Each `_…` from a "<" on gives where it goes on; the end of the page where HTML5 takes
    all of the rest for part of one tag, comment or script."""

    def __init__(self, page: str, tags: Collection[str]) -> None:
        self.page = page
        self.tags = tags
        self.nest = _Nest()
        self.unclosed: set[str] = set()  # names of which no end tag follows any more

    def read(self) -> str:
        at = 0
        while at < len(self.page):
            start = self.page.find("<", at)
            self.nest.text(self.page[at : start if start >= 0 else None])
            at = self._markup(start) if start >= 0 else len(self.page)
        self.nest.close(0)
        return "".join(self.nest.out)

    def _markup(self, start: int) -> int:
        found = _TAG.match(self.page, start)
        if found:
            name = found[2].lower()
            end, attributes = self._attributes(found.end())
            return self._end_tag(name, end) if found[1] else self._start_tag(name, attributes, end)
        if self.page.startswith("<!--", start):
            return self._after("-->", start + 2)
        if self.page.startswith(("<!", "<?", "</"), start):
            return self._after(">", start)
        self.nest.text("&lt;")
        return start + 1

    def _after(self, mark: str, start: int) -> int:
        found = self.page.find(mark, start)
        return found + len(mark) if found >= 0 else len(self.page)

    def _attributes(self, at: int) -> tuple[int, dict[str, str]]:
        """Where the tag ends, and its attributes; the first of each name counts."""
        attributes: dict[str, str] = {}
        page = self.page
        while True:
            found = _ATTRIBUTE.match(page, at)
            if not found:
                end = _END.match(page, at)
                return (end.end() if end and end[1] else len(page)), attributes
            at, value = found.end(), ""
            if found[2] and page[at : at + 1] in ('"', "'"):
                closing = page.find(page[at], at + 1)
                if closing < 0:
                    return len(page), attributes
                value, at = page[at + 1 : closing], closing + 1
            elif found[2] and (bare := _BARE.match(page, at)):
                value, at = bare[0], bare.end()
            attributes.setdefault(found[1].lower(), value)

    def _start_tag(self, name: str, attributes: dict[str, str], end: int) -> int:
        if name in _ENDS:
            return self._skip(name, end)
        if name == "body":
            name, attributes = "div", _styled(attributes)
        if name in self.tags:
            self.nest.start(name, _written(attributes))
        return end

    def _end_tag(self, name: str, end: int) -> int:
        if name in self.tags:
            self.nest.end(name)
        return end

    def _skip(self, name: str, end: int) -> int:
        """Leave out an element with all that is in it."""
        found = None if name in self.unclosed else _ENDS[name].search(self.page, end)
        if found:
            return found.end()
        self.unclosed.add(name)
        return len(self.page) if name in _RAW else end


def _written(attributes: dict[str, str]) -> str:
    """Attributes as HTML; character references in them stay as they are."""
    return "".join(
        f' {name}="{value.replace(chr(34), "&quot;")}"'
        for name, value in attributes.items()
        if _PLAIN_NAME.fullmatch(name)
    )


def _styled(attributes: dict[str, str]) -> dict[str, str]:
    """A body's colours and picture, said in a way that a <div> knows: text would else be white on white."""
    known: dict[str, Callable[[str], str]] = {
        "bgcolor": lambda value: f"background-color:{value};",
        "text": lambda value: f"color:{value};",
        "background": lambda value: f"background-image:url('{value}');",
    }
    said = "".join(write(attributes[name]) for name, write in known.items() if attributes.get(name))
    return attributes | {"style": said + attributes.get("style", "")}
