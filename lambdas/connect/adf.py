"""Plain text as an Atlassian Document Format document. Pure; adf_text.py goes the other way.

What plain text has by custom, and the node that it becomes (developer.atlassian.com, "Atlassian Document Format"):

    lines, empty lines between        paragraph; hardBreak where a line ends within
    - x, * x, • x                     bulletList
    1. x, 1) x                        orderedList, from that number on
    > x                               blockquote, which may not hold another: what is quoted twice keeps its second ">"
    ``` … ```, or 4 spaces or a tab   codeBlock
    http://…, https://…               text with a link mark

A list item's further lines are indented; they may hold lists and code.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lambdas.connect.marking import NOT_TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Node = dict[str, Any]

BULLET = re.compile(r" {0,3}[-*•][ \t]+(?=\S)")
NUMBER = re.compile(r" {0,3}(\d{1,9})[.)][ \t]+(?=\S)", re.ASCII)
QUOTE = re.compile(r" {0,3}> ?")
FENCE = re.compile(r" {0,3}(`{3,})[ \t]*([\w+#.-]*)[ \t]*", re.ASCII)
INDENT = re.compile(r" {4}|\t")
LINK = re.compile(r"https?://[\w\[][^\s<>\"]*")
AFTER_LINK = ".,;:!?'"
CLOSING = {")": "(", "]": "[", "}": "{"}
DEPTH = 4  # of lists within lists; deeper ones stay text


def document(text: str) -> Node:
    """The document; it has no content if there are only blanks."""
    return {"type": "doc", "version": 1, "content": blocks(NOT_TEXT.sub("", text).splitlines(), quotes=True)}


def blocks(lines: list[str], *, quotes: bool, depth: int = 0) -> list[Node]:
    """The nodes of these lines. `quotes`: there may be block quotes."""
    nodes: list[Node] = []
    at = 0
    while at < len(lines):
        start = next((start for start in STARTS if starts(start, lines[at], quotes=quotes, depth=depth)), None)
        if start:
            node, at = STARTS[start](lines, at, depth)
            nodes.append(node)
        elif lines[at].strip():
            end = paragraph_end(lines, at, quotes=quotes, depth=depth)
            nodes.append(paragraph(lines[at:end]))
            at = end
        else:
            at += 1
    return nodes


def starts(kind: re.Pattern[str], line: str, *, quotes: bool, depth: int) -> bool:
    """Whether a block of this kind starts with this line."""
    if kind is QUOTE and not quotes:
        return False
    if kind in {BULLET, NUMBER} and depth >= DEPTH:
        return False
    if kind is FENCE:
        return bool(FENCE.fullmatch(line))
    return bool(kind.match(line)) and bool(line.strip())


def paragraph_end(lines: list[str], at: int, *, quotes: bool, depth: int) -> int:
    """Indented lines go on with a paragraph: mails break and indent as they like. A bare ``1.`` may end a sentence, so
    only a list's first number ends one."""
    end = at + 1
    while end < len(lines) and lines[end].strip():
        line = lines[end]
        kinds = [kind for kind in (BULLET, QUOTE, FENCE) if starts(kind, line, quotes=quotes, depth=depth)]
        number = NUMBER.match(line) if depth < DEPTH else None
        if kinds or (number and number[1] == "1"):
            break
        end += 1
    return end


def quote(lines: list[str], at: int, depth: int) -> tuple[Node, int]:
    end = at
    while end < len(lines) and QUOTE.match(lines[end]):
        end += 1
    inner = blocks([QUOTE.sub("", line, count=1) for line in lines[at:end]], quotes=False, depth=depth)
    return {"type": "blockquote", "content": inner or [paragraph([])]}, end


def fenced(lines: list[str], at: int, _depth: int) -> tuple[Node, int]:
    """Without its end it goes to the end of the text."""
    opened = FENCE.fullmatch(lines[at])
    ticks, language = (opened[1], opened[2]) if opened else ("```", "")
    end = at + 1
    while end < len(lines) and not (lines[end].strip().startswith(ticks) and not lines[end].strip().strip("`")):
        end += 1
    return code("\n".join(lines[at + 1 : end]), language), end + 1


def indented(lines: list[str], at: int, _depth: int) -> tuple[Node, int]:
    end = at
    while end < len(lines) and (INDENT.match(lines[end]) or not lines[end].strip()):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return code("\n".join(INDENT.sub("", line, count=1) for line in lines[at:end])), end


def listed(kind: re.Pattern[str], type: str) -> Callable[[list[str], int, int], tuple[Node, int]]:
    def read(lines: list[str], at: int, depth: int) -> tuple[Node, int]:
        first = kind.match(lines[at])
        items = []
        while at < len(lines) and (begun := kind.match(lines[at])):
            end = item_end(lines, at + 1, begun.end())
            inner = [lines[at][begun.end() :], *(dedented(line, begun.end()) for line in lines[at + 1 : end])]
            items.append({"type": "listItem", "content": item(blocks(inner, quotes=False, depth=depth + 1))})
            at = end
        number = int(first[1]) if first and kind is NUMBER else 1
        return {"type": type, **({"attrs": {"order": number}} if number != 1 else {}), "content": items}, at

    return read


def item_end(lines: list[str], at: int, indent: int) -> int:
    """An item goes on with the lines that are indented as its text is, or by two."""
    end = at
    while end < len(lines) and lines[end].strip() and lines[end].startswith(" " * min(indent, 2)):
        end += 1
    return end


def dedented(line: str, most: int) -> str:
    return line[min(most, len(line) - len(line.lstrip(" "))) :]


def item(nodes: list[Node]) -> list[Node]:
    """A listItem begins with a paragraph or code (its schema: "listItem_node")."""
    return nodes if nodes and nodes[0]["type"] in {"paragraph", "codeBlock"} else [paragraph([]), *nodes]


def code(text: str, language: str = "") -> Node:
    attributes = {"attrs": {"language": language}} if language else {}
    return {"type": "codeBlock", **attributes, "content": [{"type": "text", "text": text}] if text else []}


def paragraph(lines: list[str]) -> Node:
    content: list[Node] = []
    for number, line in enumerate(lines):
        content += [{"type": "hardBreak"}] if number else []
        content += inline(line.strip())
    return {"type": "paragraph", "content": content}


def inline(line: str) -> Iterator[Node]:
    """Text nodes, none of them empty."""
    done = 0
    for found in LINK.finditer(line):
        url = link(found[0])
        if found.start() > done:
            yield {"type": "text", "text": line[done : found.start()]}
        yield {"type": "text", "text": url, "marks": [{"type": "link", "attrs": {"href": url}}]}
        done = found.start() + len(url)
    if done < len(line):
        yield {"type": "text", "text": line[done:]}


def link(found: str) -> str:
    """Without the punctuation after it, and without a bracket that was opened before it."""
    while found[-1] in AFTER_LINK or (
        found[-1] in CLOSING and found.count(CLOSING[found[-1]]) < found.count(found[-1])
    ):
        found = found[:-1]
    return found


STARTS: dict[re.Pattern[str], Callable[[list[str], int, int], tuple[Node, int]]] = {
    FENCE: fenced,
    INDENT: indented,
    QUOTE: quote,
    BULLET: listed(BULLET, "bulletList"),
    NUMBER: listed(NUMBER, "orderedList"),
}
