"""What an Atlassian Document Format document may hold, as far as a mailbox writes it. Pure.

Of the schema that Atlassian publishes (go.atlassian.com/adf-json-schema): which node holds which, that a text is not
empty, that code has no marks, and that no node has a part that its kind has not. Jira answers anything else with 400,
and what is longer than its text fields are.
"""

from __future__ import annotations

from typing import Any

LONGEST = 32_767  # characters as Java counts them, in UTF-16 (jira.text.field.character.limit)
BLOCKS = {"paragraph", "bulletList", "orderedList", "codeBlock"}
CHILDREN = {
    "doc": BLOCKS | {"blockquote"},
    "blockquote": BLOCKS,
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "listItem": BLOCKS,
    "paragraph": {"text", "hardBreak"},
    "codeBlock": {"text"},
}
FILLED = {"blockquote", "bulletList", "orderedList", "listItem"}  # minItems 1
PARTS = {
    "doc": {"type", "version", "content"},
    "text": {"type", "text", "marks"},
    "hardBreak": {"type"},
    "codeBlock": {"type", "attrs", "content"},
    "orderedList": {"type", "attrs", "content"},
}


def faults(document: Any) -> list[str]:
    """What is wrong, each with where; nothing if it is a document."""
    if not isinstance(document, dict) or document.get("type") != "doc" or document.get("version") != 1:
        return ["no document of version 1"]
    found = node_faults(document, "doc", "doc")
    return found or ([f"longer than {LONGEST} characters"] if length(document) > LONGEST else [])


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def length(node: dict[str, Any]) -> int:
    return units(node.get("text", "")) + sum(length(child) for child in node.get("content", []))


def node_faults(node: dict[str, Any], kind: str, where: str) -> list[str]:
    found = [f"{where}: {part}" for part in node.keys() - PARTS.get(kind, {"type", "content"})]
    if kind == "text":
        return found + text_faults(node, where)
    if kind not in CHILDREN:
        return found
    content = node.get("content")
    if not isinstance(content, list) or (kind in FILLED and not content):
        return [*found, f"{where}: no content"]
    if kind == "listItem" and content[0].get("type") not in {"paragraph", "codeBlock"}:
        found.append(f"{where}: begins with {content[0].get('type')}")
    for number, child in enumerate(content):
        inner = f"{where}/{number}:{child.get('type')}"
        allowed = child.get("type") in CHILDREN[kind]
        found += node_faults(child, child["type"], inner) if allowed else [f"{inner}: not within {kind}"]
        found += [f"{inner}: marks in code"] if kind == "codeBlock" and "marks" in child else []
    return found


def text_faults(node: dict[str, Any], where: str) -> list[str]:
    if not isinstance(node.get("text"), str) or not node["text"]:
        return [f"{where}: empty text"]
    links = [mark for mark in node.get("marks", []) if mark.get("type") != "link" or not mark["attrs"].get("href")]
    return [f"{where}: mark {mark}" for mark in links]
