"""Which parts of a mail are what a person reads, and which are attachments."""

import re
from dataclasses import dataclass, field
from functools import cached_property

from lambdas.shared.mail import charset, html_text, limits, plain, transfer, words
from lambdas.shared.mail.mail import Attachment
from lambdas.shared.mail.parts import Part

_PATH = re.compile(r"[\x00-\x1f\x7f]")


@dataclass
class Bodies:
    """`text` joined of the plain parts shown in a row; `html` likewise; `rest` the parts that are attachments."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    rest: list[tuple[Part, bool]] = field(default_factory=list)  # (part, inside multipart/related)
    doubts: list[str] = field(default_factory=list)
    room: dict[bool, int] = field(default_factory=lambda: {False: limits.TEXT, True: limits.TEXT})  # by: is HTML

    @property
    def text(self) -> str | None:
        return "\n".join(self.texts) if self.texts else None

    @property
    def html(self) -> str | None:
        return "\n".join(self.htmls) if self.htmls else None

    @cached_property
    def shown(self) -> str | None:
        """What a person reads: the plain text, else the HTML as text. Programs that write HTML alone may leave the
        plain alternative empty."""
        if self.html is None or (self.text is not None and self.text.strip()):
            return self.text
        return html_text.read(self.html)


def read(raw: bytes, root: Part) -> Bodies:
    bodies = Bodies()
    # (part, inside related, may be body)
    waiting = [(root, False, True)]
    while waiting:
        part, related, readable = waiting.pop()
        if part.children:
            waiting.extend(reversed(_children(part, related=related, readable=readable)))
        elif readable and _is_text(part):
            _show(raw, part, bodies)
        elif part.end > part.start or part.main != "multipart":
            bodies.rest.append((part, related))
    return bodies


def _children(part: Part, *, related: bool, readable: bool) -> list[tuple[Part, bool, bool]]:
    """The children of a multipart, with which of them may be the body."""
    if part.content_type == "multipart/alternative":
        shown = _alternatives(part.children)
        return [(child, related, readable and child in shown) for child in part.children]
    if part.content_type in ("multipart/related", "multipart/signed", "multipart/report", "multipart/encrypted"):
        # The first is the body; what follows are its images (RFC 2387), signature (RFC 1847), or report (RFC 6522).
        inside = related or part.content_type == "multipart/related"
        return [(child, inside, readable and index == 0) for index, child in enumerate(part.children)]
    return [(child, related, readable) for child in part.children]


def _alternatives(children: list[Part]) -> list[Part]:
    """The last plain text and the last of anything else that has text: the best is last (RFC 2046 section 5.1.4)."""
    shown: dict[bool, Part] = {}
    for child in children:
        if _is_text(child) or child.children:
            shown[child.content_type == "text/plain"] = child
    return list(shown.values())


def _is_text(part: Part) -> bool:
    """Whether it is shown in the mail. A multipart without parts is: its text is all there is."""
    if part.main == "multipart":
        return part.end > part.start
    if part.content_type not in ("text/plain", "text/html"):
        return False
    disposition = part.fields.token("Content-Disposition")
    if disposition == "attachment" or (filename(part) and part.content_type == "text/html"):
        return False
    return not filename(part) or disposition == "inline"


def _show(raw: bytes, part: Part, bodies: Bodies) -> None:
    html = part.content_type == "text/html"
    room = bodies.room[html]
    if not room:
        return
    # Quoted-printable takes up to three bytes for one.
    end = min(part.end, part.start + 3 * room)
    data = transfer.decode(raw, part.start, end, part.fields.token("Content-Transfer-Encoding"))[:room]
    bodies.room[html] = 0 if end < part.end else room - len(data)
    if not bodies.room[html]:
        bodies.doubts.append(f"text of more than {limits.TEXT} bytes: the rest was not read")
    text = charset.decode(data, part.parameters.get("charset"), html=html)
    if html:
        bodies.htmls.append(text)
    else:
        bodies.texts.append(plain.read(text, part.parameters))


def content(raw: bytes, part: Part) -> bytes:
    return transfer.decode(raw, part.start, part.end, part.fields.token("Content-Transfer-Encoding"))


def filename(part: Part) -> str:
    """The name that the sender gave, decoded: Content-Disposition's wins over Content-Type's (RFC 2183)."""
    name = part.fields.parameters("Content-Disposition").get("filename") or part.parameters.get("name") or ""
    return _PATH.sub("", name).strip()


def attachment(raw: bytes, part: Part, *, related: bool) -> Attachment:
    data = content(raw, part)
    content_id = words.decode(part.fields.raw("Content-ID") or "").strip("<> ")
    disposition = part.fields.token("Content-Disposition")
    return Attachment(
        filename=filename(part),
        content_type=part.content_type,
        size=len(data),
        content_id=content_id,
        inline=disposition == "inline" or (disposition != "attachment" and related and bool(content_id)),
        content=data,
    )
