"""An Atlassian Document Format document as plain text. Pure.

The nodes are those of developer.atlassian.com, "Atlassian Document Format"; of an unknown one its text is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DEPTH = 50  # of nodes; a person's comment has about ten


def plain(document: Any) -> str:
    """The text; of a string, which API version 2 gives, the string."""
    return document if isinstance(document, str) else text(document, 0).strip("\n")


def text(node: Any, depth: int) -> str:
    if not isinstance(node, dict) or depth > DEPTH:
        return ""
    return KINDS.get(str(node.get("type")), joined)(node, depth + 1)


def children(node: dict[str, Any], depth: int) -> list[str]:
    content = node.get("content")
    return [text(child, depth) for child in content] if isinstance(content, list) else []


def attribute(node: dict[str, Any], *names: str) -> str:
    attributes = node.get("attrs")
    given = [attributes[name] for name in names if attributes.get(name)] if isinstance(attributes, dict) else []
    return str(given[0]) if given else ""


def joined(node: dict[str, Any], depth: int) -> str:
    """Blocks with an empty line between; inline nodes as one paragraph."""
    content = node.get("content")
    kinds = {child.get("type") for child in content if isinstance(child, dict)} if isinstance(content, list) else set()
    return inline(node, depth) if kinds & INLINE else "\n\n".join(filter(None, children(node, depth)))


def inline(node: dict[str, Any], depth: int) -> str:
    return "".join(children(node, depth))


def words(node: dict[str, Any], _depth: int) -> str:
    """A text node; a link's address stands behind it, if the text is another."""
    said = node.get("text")
    if not isinstance(said, str):
        return ""
    marks = node.get("marks")
    hrefs = [attribute(mark, "href") for mark in marks if isinstance(mark, dict)] if isinstance(marks, list) else []
    href = next(filter(None, hrefs), said)
    return said if href in {said, f"mailto:{said}"} else f"{said} ({href})"


def code(node: dict[str, Any], depth: int) -> str:
    said = inline(node, depth)
    ticks = "```"
    while ticks in said:
        ticks += "`"
    return f"{ticks}{attribute(node, 'language')}\n{said}\n{ticks}" if said else f"{ticks}\n{ticks}"


def quote(node: dict[str, Any], depth: int) -> str:
    return "\n".join(f"> {line}".rstrip() for line in joined(node, depth).split("\n"))


def bullets(node: dict[str, Any], depth: int) -> str:
    return "\n".join(indented("- ", item) for item in children(node, depth))


def numbers(node: dict[str, Any], depth: int) -> str:
    order = attribute(node, "order")
    first = int(order) if order.isdecimal() and len(order) < 10 else 1
    return "\n".join(indented(f"{number}. ", item) for number, item in enumerate(children(node, depth), first))


def item(node: dict[str, Any], depth: int) -> str:
    return "\n".join(filter(None, children(node, depth)))


def task(node: dict[str, Any], depth: int) -> str:
    return f"[{'x' if attribute(node, 'state') == 'DONE' else ' '}] {inline(node, depth)}"


def indented(mark: str, item: str) -> str:
    return mark + item.replace("\n", "\n" + " " * len(mark))


def date(node: dict[str, Any], _depth: int) -> str:
    """Milliseconds since 1970, as a string."""
    stamp = attribute(node, "timestamp")
    try:
        return datetime.fromtimestamp(int(stamp) / 1000, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return stamp


def titled(node: dict[str, Any], depth: int) -> str:
    return "\n\n".join(filter(None, (attribute(node, "title"), joined(node, depth))))


def shown(*names: str) -> Callable[[dict[str, Any], int], str]:
    return lambda node, _depth: attribute(node, *names)


INLINE = {"text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status", "mediaInline", "placeholder"}
KINDS: dict[str, Callable[[dict[str, Any], int], str]] = {
    "text": words,
    "paragraph": inline,
    "heading": inline,
    "hardBreak": lambda _node, _depth: "\n",
    "rule": lambda _node, _depth: "---",
    "codeBlock": code,
    "blockquote": quote,
    "bulletList": bullets,
    "orderedList": numbers,
    "listItem": item,
    "taskList": lambda node, depth: "\n".join(children(node, depth)),
    "taskItem": task,
    "decisionList": bullets,
    "decisionItem": inline,
    "table": lambda node, depth: "\n".join(children(node, depth)),
    "tableRow": lambda node, depth: " | ".join(" ".join(cell.split()) for cell in children(node, depth)),
    "expand": titled,
    "nestedExpand": titled,
    "mention": shown("text", "id"),
    "emoji": shown("text", "shortName"),
    "inlineCard": shown("url"),
    "blockCard": shown("url"),
    "embedCard": shown("url"),
    "date": date,
    "status": shown("text"),
    "media": shown("alt"),
    "mediaInline": shown("alt"),
}
