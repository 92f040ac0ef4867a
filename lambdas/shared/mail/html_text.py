"""HTML to the text that a person would read on the page. It is not a sanitiser: what comes out is text."""

import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from lambdas.shared.mail import html_quotes, html_size, limits
from lambdas.shared.mail.html_quotes import Mark

_HIDDEN = {"head", "style", "script", "title", "noscript", "template", "object", "iframe", "svg", "math"}
_BLOCK = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset",
    "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol",
    "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
}  # fmt: skip
_GAP = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote", "table"}  # an empty line around
_SPACE = re.compile(r"[ \t\n\r\f]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
WEAK = "\x01"  # before a line that is only indented
SIGNATURE = "\x02"  # a line above what a mail program marked as the signature
_DEPTH = 50  # quotations that are told apart


class _Page:
    """Lines as they are laid out. `marks` are the open quotations, written before each line as in plain mail."""

    def __init__(self, *, marking: bool) -> None:
        self.marking = marking
        self.lines: list[str] = []
        self.line: list[str] = []
        self.marks: list[tuple[int, str]] = []  # (node, mark)
        self.below = ""  # the mark of everything below
        self.pre = 0
        self.wants_gap = False
        self.size = 0

    def put(self, text: str) -> None:
        text = text if text.isprintable() else _CONTROL.sub("", text)
        if self.pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._add(first)
            for line in rest:
                self.end(force=True)
                self._add(line)
            return
        text = _SPACE.sub(" ", text)
        if text.startswith(" ") and (not self.line or self.line[-1].endswith(" ")):
            text = text[1:]
        self._add(text)

    def _add(self, text: str) -> None:
        if text:
            self.fill_gap()
            self.line.append(text)

    def fill_gap(self) -> None:
        if self.wants_gap and self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.prefix().rstrip())
        self.wants_gap = False

    def prefix(self) -> str:
        return self.below + "".join(mark for _, mark in self.marks[:_DEPTH])

    def end(self, *, force: bool = False) -> None:
        """End the line; `force` makes an empty one where nothing stands on it, as <br> does."""
        if self.line or force:
            self.lines.append(self.prefix() + "".join(self.line).rstrip())
            self.size += len(self.lines[-1]) + 1
            self.line = []

    def gap(self) -> None:
        self.end()
        self.wants_gap = True


def read(html: str) -> str:
    """The text of a page, what is indented as a quotation marked by "> "."""
    return _laid_out(html, marking=False)


def marked(html: str) -> str:
    """The same with "> " on everything that a mail program marked as quoted, and WEAK on what is only indented."""
    return _laid_out(html, marking=True)


def _laid_out(html: str, *, marking: bool) -> str:
    html = html[: limits.HTML]
    if not html_size.is_safe(html):
        return html_size.stripped(html)
    page = _Page(marking=marking)
    root = LexborHTMLParser(html).root
    if root is not None:
        _walk(root, page)
    page.end()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(page.lines)).replace("\xa0", " ").strip("\n")


def _walk(root: LexborNode, page: _Page) -> None:
    """Depth first without recursion: pages may nest as deep as they are long."""
    node: LexborNode | None = root
    while node is not None and page.size < limits.HTML:
        inside = _enter(node, page)
        child = node.first_child if inside else None
        if child is not None:
            node = child
            continue
        if inside:
            _leave(node, page)
        while node is not None and node.next is None:
            node = node.parent
            if node is None or node.mem_id == root.mem_id:
                return
            _leave(node, page)
        node = node.next if node is not None else None


def _enter(node: LexborNode, page: _Page) -> bool:
    """Lay out what comes before the children; False where they are not shown."""
    tag = node.tag
    if tag == "-text":
        page.put(node.text_content or "")
        return False
    if tag is None or tag in _HIDDEN or tag.startswith(("-", "!")):
        return tag in ("-document", "-undef")
    attributes = node.attributes
    if "style" in attributes and _NOT_SHOWN.search(attributes["style"] or ""):
        return False
    if tag in _GAP:
        page.gap()
    elif tag in _BLOCK:
        page.end()
    _mark(node, tag, attributes, page)
    opener = _OPENERS.get(tag)
    if opener:
        opener(attributes, page)
    return True


def _leave(node: LexborNode, page: _Page) -> None:
    tag = node.tag
    if tag == "a":
        _link(node, page)
    elif tag in ("td", "th"):
        page.put("\t")
    if tag in _GAP:
        page.gap()
    elif tag in _BLOCK:
        page.end()
    if page.marks and page.marks[-1][0] == node.mem_id:
        page.end()
        page.marks.pop()
    if tag == "pre":
        page.pre = max(0, page.pre - 1)


def _mark(node: LexborNode, tag: str, attributes: dict[str, str | None], page: _Page) -> None:
    """Open a quotation where this element is one."""
    if not page.marking:
        if tag == "blockquote":
            page.fill_gap()
            page.marks.append((node.mem_id, "> "))
        return
    mark = html_quotes.of(node, tag, attributes)
    if mark is not Mark.NONE:
        page.end()
        page.fill_gap()
    if mark is Mark.REST:
        page.below = "> "
    elif mark is Mark.SIGNATURE:
        page.lines.append(page.prefix() + SIGNATURE)
    elif mark in (Mark.QUOTED, Mark.WEAK):
        page.marks.append((node.mem_id, "> " if mark is Mark.QUOTED else WEAK))


def _link(node: LexborNode, page: _Page) -> None:
    """The target behind its text, where the text does not say it."""
    target = (node.attributes.get("href") or "").strip()
    shown = "".join(page.line[-4:]).rstrip()
    if target.lower().startswith(("http://", "https://")) and len(target) <= 2000 and not shown.endswith(_bare(target)):
        page.put(f" <{target}>")


def _bare(target: str) -> str:
    return re.sub(r"^https?://(www\.)?", "", target, flags=re.IGNORECASE).rstrip("/")


def _pre(_: dict[str, str | None], page: _Page) -> None:
    page.pre += 1


def _image(attributes: dict[str, str | None], page: _Page) -> None:
    """What stands for a picture; one that comes with the mail is named as such."""
    alternative = (attributes.get("alt") or "").strip()
    attached = (attributes.get("src") or "").startswith("cid:")
    page.put(f"[{alternative}]" if attached and alternative else alternative)


def _rule(_: dict[str, str | None], page: _Page) -> None:
    page.put("-" * 20)
    page.end()


_OPENERS: dict[str, Callable[[dict[str, str | None], _Page], None]] = {
    "pre": _pre,
    "img": _image,
    "hr": _rule,
    "br": lambda _, page: page.end(force=True),
    "li": lambda _, page: page.put("* "),
}
