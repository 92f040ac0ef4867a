"""XML as reports are written: into elements, within limits, and without a document type.

expat, which Python brings along, is told to stop at a document type declaration: so there is no entity of the sender's
to expand and none to fetch. defusedxml does the same by the same handler, around ElementTree: 2.7 ms more of a cold
start, and no release since 2021.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from lambdas.shared.aggregates import limits
from lambdas.shared.aggregates.report import Malformed, TooLarge
from lambdas.shared.mail import charset

if TYPE_CHECKING:
    from collections.abc import Iterator

DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
WIDE = ("utf-16", "utf-32", "ucs", "utf-7", "unicode", "iso-10646")
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
# What senders write that is no XML: `&` alone, or an entity of HTML; an address in <>; the schema's own element around
# the report, never closed.
MENDED = (
    (re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)"), "&amp;"),
    (re.compile(r"<([^<>\s@/]{1,64}@[^<>\s@]{1,255})>"), r"&lt;\1&gt;"),
    (re.compile(r"</?xs:schema\b[^<>]{0,1000}>"), ""),
)


@dataclass(slots=True)
class Element:
    """`name` is without its namespace or prefix, in small letters: senders write all, and mean the same."""

    name: str
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def every(self, *names: str) -> Iterator[Element]:
        return (child for child in self.children if child.name in names)

    def first(self, *names: str) -> Element:
        """The first child of one of these names; an empty element where there is none."""
        return next(self.every(*names), Element(""))

    def value(self, name: str) -> str:
        return self.first(name).text


def read(data: bytes) -> Element:
    """The root of a document. TooLarge, Malformed."""
    written = text(data)
    try:
        return _parse(written)
    except expat.ExpatError as error:
        mended = written
        for wrong, right in MENDED:
            mended = wrong.sub(right, mended)
        if mended == written:
            raise _malformed(error) from None
    try:
        return _parse(mended)
    except expat.ExpatError as error:
        raise _malformed(error) from None


def text(data: bytes) -> str:
    """A document's text. The encoding that it declares is often another than it has: UTF-16 is declared by programs
    that keep their texts so, and UTF-8 by all."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        found = data.decode("utf-16", "replace")
    elif data[:2] in (b"<\x00", b"\x00<"):
        found = data.decode("utf-16-le" if data[0] else "utf-16-be", "replace")
    else:
        data = data.removeprefix(b"\xef\xbb\xbf")
        declared = DECLARED.search(data[:1000])
        label = declared[1].decode() if declared else "utf-8"
        found = charset.decode(data, "utf-8" if label.lower().startswith(WIDE) else label)
    return NOT_XML.sub("?", found.strip("\ufeff\x00 \t\r\n"))


def _parse(written: str) -> Element:
    building = _Building()
    parser = expat.ParserCreate("utf-8")  # whatever the document declares: it has been decoded
    parser.buffer_text = True
    parser.StartElementHandler = building.start
    parser.EndElementHandler = building.end
    parser.CharacterDataHandler = building.characters
    parser.StartDoctypeDeclHandler = building.doctype
    data, fed = written.encode("utf-8", "replace"), 0
    for fed in range(limits.TOKEN, len(data), limits.TOKEN):
        parser.Parse(data[fed - limits.TOKEN : fed], False)  # noqa: FBT003 - expat's signature
        if fed - parser.CurrentByteIndex > limits.TOKEN:
            raise TooLarge(f"a tag of more than {limits.TOKEN} bytes")
    parser.Parse(data[fed:], True)  # noqa: FBT003
    return building.root


class _Building:
    """expat's events into elements."""

    def __init__(self) -> None:
        self._document = Element("")
        self._open = [self._document]
        self._count = 0

    @property
    def root(self) -> Element:
        return self._document.children[0]

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > limits.ELEMENTS:
            raise TooLarge(f"more than {limits.ELEMENTS} elements")
        if len(self._open) > limits.DEPTH:
            raise TooLarge(f"elements nested more than {limits.DEPTH} deep")
        element = Element(name.rpartition(":")[2].lower()[: limits.TEXT])
        self._open[-1].children.append(element)
        self._open.append(element)

    def end(self, _name: str) -> None:
        element = self._open.pop()
        element.text = " ".join(element.text.split())

    def characters(self, data: str) -> None:
        element = self._open[-1]
        if len(element.text) < limits.TEXT:
            element.text = (element.text + data)[: limits.TEXT]

    def doctype(self, *_declared: Any) -> None:
        raise Malformed("it has a document type declaration, which no report needs and bombs are made of")


def _malformed(error: expat.ExpatError) -> Malformed:
    return Malformed(f"no XML: {error}")
