"""A received mail, as values. `parse.py` makes them."""

from dataclasses import dataclass, field

from lambdas.shared.mail.fields import Fields


class Unreadable(Exception):
    """These bytes are no mail that can be kept as one: empty, or larger than anything SES delivers."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """`email` as written, its domain in lower case, or "" where there is none; `name` decoded, or ""."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A part that is not the text of the mail; `content` is decoded, `content_id` without <>."""

    filename: str
    content_type: str
    size: int
    content_id: str
    inline: bool
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounced:
    """One recipient of a failed or delayed delivery; `status` is x.y.z (RFC 3463), or "" where none is given."""

    recipient: str
    status: str
    permanent: bool
    diagnostic: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Complained:
    """What a feedback report says (RFC 5965): its type, such as abuse; whom the mail went to, often left out; and which
    program reports it."""

    kind: str
    recipients: tuple[str, ...]
    agent: str


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What one mail says. Header values are decoded; ids are without <>; `date` is ISO 8601 in UTC."""

    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    subject: str
    date: str | None
    message_id: str | None
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    text: str | None  # the body as a person reads it
    html: str | None  # the HTML body as sent: hostile until sanitised
    attachments: tuple[Attachment, ...]  # inline ones included
    reply: str  # what the author newly wrote
    signature: str | None
    kind: str  # mail, bounce, delay, complaint, auto-reply, list
    reasons: tuple[str, ...]  # why that kind, and what was doubtful in reading
    bounces: tuple[Bounced, ...]
    complaint: Complained | None  # of a complaint in the standard form
    original_message_id: str | None  # of the mail that a bounce or complaint gives back
    original: Fields | None = field(repr=False)  # its header, as far as it is given back
    fields: Fields = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first value of that header field, decoded; None where the mail has none."""
        return self.fields.text(name)
