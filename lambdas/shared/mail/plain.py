"""A text/plain body as a person reads it."""

import re

from lambdas.shared.mail import limits

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def read(text: str, parameters: dict[str, str]) -> str:
    """Line ends made \\n, `format=flowed` paragraphs joined (RFC 3676), control characters removed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub("", text) if not text.isprintable() else text
    if parameters.get("format", "").lower() == "flowed":
        end = text.rfind("\n", 0, limits.FLOWED) + 1 if len(text) > limits.FLOWED else len(text)
        return _flowed(text[:end], delsp=parameters.get("delsp", "").lower() == "yes") + text[end:]
    return text


def _flowed(text: str, *, delsp: bool) -> str:
    """RFC 3676 section 4: a line that ends with a blank goes on, within one depth of quoting; "-- " never does."""
    paragraphs: list[list[str]] = []
    open_depth = -1  # the depth of quoting of a paragraph that goes on, -1 where none does
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        goes_on = content.endswith(" ") and content != "-- "
        shown = content[:-1] if goes_on and delsp else content
        if open_depth == depth and content != "-- ":
            paragraphs[-1].append(shown)
        else:
            paragraphs.append([">" * depth + " " if depth else "", shown])
        open_depth = depth if goes_on else -1
    return "\n".join("".join(pieces) for pieces in paragraphs)
