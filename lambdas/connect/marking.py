"""Comments of ours, known again: neither system has a field of a comment that it surely gives back (Zendesk has none,
Jira documents comment properties for writing alone), so a comment's last line names it. Pure.

The line counts only in a comment by our own account: agents quote ours.
"""

import re

MARKER = re.compile(r"[A-Za-z0-9.-]{1,100}", re.ASCII)
LINE = re.compile(r"(?:^|\s)Mailroom-Ref: ([A-Za-z0-9.-]{1,100})\s*\Z", re.ASCII)
# What JSON can name and a text field cannot keep: XML 1.0 section 2.2, which Jira goes by.
NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CUT = "\n\n[…]"
UTF_8, UTF_16 = "utf-8", "utf-16-le"
UNIT = {UTF_8: 1, UTF_16: 2}  # bytes of what length is counted in


def marker(given: str) -> str:
    if not MARKER.fullmatch(given):
        raise ValueError(f"no marker of a remote ticket: {given!r}")
    return given


def clean(text: str, most: int, encoding: str = UTF_16) -> str:
    """The text as any text field takes it, at most so many units of UTF-16, as Java counts characters (an emoji is
    two); or so many bytes of UTF-8."""
    text = NOT_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if units(text, encoding) <= most:
        return text
    room = (most - units(CUT, encoding)) * UNIT[encoding]
    return text.encode(encoding)[:room].decode(encoding, errors="ignore") + CUT


def units(text: str, encoding: str = UTF_16) -> int:
    return len(text.encode(encoding)) // UNIT[encoding]


def marked(text: str, name: str) -> str:
    return f"{text.rstrip()}\n\nMailroom-Ref: {marker(name)}".lstrip()


def unmarked(text: str) -> tuple[str, str | None]:
    """(the text without its last line, the marker that was there)."""
    found = LINE.search(text)
    return (text[: found.start()].rstrip(), found[1]) if found else (text, None)


def refused(files: list[str]) -> str:
    """What a comment tells of attachments that were not taken."""
    return "\n\nNot attached:\n" + "\n".join(f"- {file}" for file in files) if files else ""
