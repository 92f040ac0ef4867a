"""The MIME structure of a mail (RFC 2046): one pass over its bytes, no copy of them."""

from dataclasses import dataclass, field

from lambdas.shared.mail import fields, limits
from lambdas.shared.mail.fields import Fields


@dataclass(slots=True)
class Part:
    """A part: its header, where its body lies in the mail's bytes, and its children where it is a multipart."""

    fields: Fields
    start: int
    end: int
    content_type: str
    parameters: dict[str, str]
    boundary: bytes = b""
    children: list["Part"] = field(default_factory=list)

    @property
    def main(self) -> str:
        return self.content_type.partition("/")[0]


@dataclass(slots=True)
class Structure:
    root: Part
    doubts: list[str]


def read(raw: bytes) -> Structure:
    """The tree of parts. message/rfc822 is a leaf: what is inside is another mail."""
    root = _open(raw, _first(raw), "text/plain")
    doubts: list[str] = []
    if root.boundary:
        _split(raw, root, doubts)
    if root.boundary and not root.children:
        # A program on the way wrote another boundary than the header names, or cut the parts off.
        root.boundary = _guessed(raw, root.start)
        doubts.append("the boundary in the header is not in the body")
        if root.boundary:
            _split(raw, root, doubts)
    _set_charset(root)
    return Structure(root, doubts)


def _set_charset(root: Part) -> None:
    """Read 8-bit header values in the charset of the first text."""
    every = walk(root)
    label = next((part.parameters["charset"] for part in every if "charset" in part.parameters), None)
    for part in every:
        part.fields.charset = label
        if not part.parameters.get("name", "").isascii():
            part.parameters = part.fields.parameters("Content-Type")


def walk(root: Part) -> list[Part]:
    """All parts, in the order of the mail."""
    found: list[Part] = []
    waiting = [root]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting.extend(reversed(part.children))
    return found


def _first(raw: bytes) -> int:
    """Empty lines before the header, and the mark of UTF-8, come from mail stores and editors; they would end the
    header before it started."""
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    while raw.startswith((b"\r\n", b"\n"), start):
        start += 1 if raw[start] == 10 else 2
    return start


def _open(raw: bytes, start: int, default: str) -> Part:
    header, body = fields.read(raw, start, len(raw))
    content_type = header.token("Content-Type")
    if content_type.count("/") != 1 or content_type.startswith("/") or content_type.endswith("/"):
        # RFC 2045 section 5.2: without a type that can be read it is text
        content_type = {"text": "text/plain", "html": "text/html", "multipart": "multipart/mixed"}.get(
            content_type.strip("/"), default
        )
    part = Part(header, body, len(raw), content_type, header.parameters("Content-Type"))
    if part.main == "multipart":
        part.boundary = part.parameters.get("boundary", "").rstrip().encode("utf-8", "replace") or _guessed(raw, body)
    return part


def _guessed(raw: bytes, start: int) -> bytes:
    """A multipart that names no boundary: the first line that looks like one, if it comes again."""
    position = start if raw.startswith(b"--", start) else raw.find(b"\n--", start, start + 10_000) + 1
    line = raw[position : position + 100].partition(b"\n")[0].strip() if position else b""
    again = raw.find(b"\n" + line, position + 1, position + 1_000_000)
    return line[2:] if len(line) > 4 and again > 0 else b""


def _split(raw: bytes, root: Part, doubts: list[str]) -> None:
    """Cut at the delimiter lines of all multiparts that are open; an outer one ends the inner ones.

    Every line that starts with two dashes is looked at once, so the time is linear however deep the parts nest.
    """
    stack, leaf, count, room = [root], root, 1, limits.HEADERS
    position = root.start
    lead, delimiters = _delimiters(stack)
    while (found := raw.find(lead, max(position - 1, 0))) >= 0:
        line_end = raw.find(b"\n", found + 3, found + 303)
        line = raw[found + 3 : line_end if line_end >= 0 else found + 303].rstrip()
        position = line_end + 1 if line_end >= 0 else found + len(lead)
        if line not in delimiters:
            continue
        level, closing = delimiters[line]
        _close(raw, found, leaf, stack, level)
        leaf = stack[-1]
        if not closing and (count == limits.PARTS or room < 0):
            most = f"{limits.PARTS} parts" if room >= 0 else f"{limits.HEADERS} bytes of header fields"
            doubts.append(f"more than {most}: the rest was not read")
            _close(raw, found, leaf, stack, 0)
            return
        if not closing:
            count += 1
            leaf = _child(raw, min(position, len(raw)), stack, doubts)
            room -= leaf.start - position
            position = leaf.start
        lead, delimiters = _delimiters(stack)


def _child(raw: bytes, start: int, stack: list[Part], doubts: list[str]) -> Part:
    """The part that starts here, in the innermost multipart; open from now on where it is a multipart itself."""
    parent = stack[-1]
    # RFC 2046 section 5.1.5
    part = _open(raw, start, "message/rfc822" if parent.content_type == "multipart/digest" else "text/plain")
    parent.children.append(part)
    if part.boundary and len(stack) < limits.DEPTH:
        stack.append(part)
    elif part.boundary:
        doubts.append(f"parts nested more than {limits.DEPTH} deep: the inner ones were kept as an attachment")
        part.boundary, part.content_type = b"", "application/octet-stream"
    return part


def _delimiters(stack: list[Part]) -> tuple[bytes, dict[bytes, tuple[int, bool]]]:
    """(how all delimiter lines start, {line after its dashes: (index of its multipart, whether it is the last)}).

    An inner multipart wins where two have the same boundary.
    """
    delimiters: dict[bytes, tuple[int, bool]] = {}
    for level, part in enumerate(stack):
        delimiters[part.boundary + b"--"] = (level, True)
        delimiters[part.boundary] = (level, False)
    low, high = min(part.boundary for part in stack), max(part.boundary for part in stack)
    same = next((at for at, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))
    return b"\n--" + low[:same], delimiters


def _close(raw: bytes, found: int, leaf: Part, stack: list[Part], level: int) -> None:
    """End the open parts below `level`. The line end before a delimiter belongs to it (RFC 2046 section 5.1.1)."""
    end = found - 1 if found > 0 and raw[found - 1] == 13 else found
    for part in (leaf, *stack[level + 1 :]):
        if part is not stack[level]:
            part.end = max(part.start, end)
    del stack[level + 1 :]
