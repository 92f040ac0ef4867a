"""Whether a mail is a mail server's notice of a failed delivery that comes as plain text."""

import re

from lambdas.shared.mail import addresses, dsn, notice_phrases, quotes
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.quotes import any_of

# Names that only servers write as; `double-bounce` is Postfix's, `mdaemon` Alt-N's. And names that people share.
_SERVER = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|mdaemon|double-bounce|mail[._-]?delivery[._-]?(?:sub)?system)\b", re.IGNORECASE
)
_SERVER_NAME = re.compile(r"mail delivery (?:sub)?system|mailer.daemon|^delivery (?:sub)?system$", re.IGNORECASE)
_SHARED = re.compile(
    r"^(?:post[._-]?master|post[._-]?office|system administrator|sysadmin|mail[._-]administrator|bounces?|nobody)\b",
    re.IGNORECASE,
)
# What Mailman, VERP and others name the path that only servers answer to (RFC 5321 section 4.5.5).
_BOUNCE_PATH = re.compile(r"(?:^|[-+._=])bounces?(?:[-+._=].{0,100})?@", re.IGNORECASE)
_PERSONS = ("In-Reply-To", "References", "User-Agent", "X-Originating-IP", "Thread-Index")
# "Hello Tom," on a line of its own is a person's; qmail's "Hi. This is the qmail-send program" goes on.
_GREETING = re.compile(r"^\s*[^\W\d_]+(?: [^\W\d_]+\.?){0,4}\s*,\s*(?:\n|$)")
_ANSWERED = re.compile(r"^\s*(?:re|aw|sv|antw|odp|rv|fwd?|wg|tr|vs|rif|i|enc|doorst)\s*:", re.IGNORECASE)
_RETURNED = re.compile(
    rf"^[^\w\n]{{0,80}}(?:here is a |this is a |the |\w+ )?(?:{any_of(notice_phrases.RETURNED)})\b"
    r"(?! was (?:received|sent))",  # Sendmail's first line: "The original message was received at ..."
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"^>?\s?(?:Received|Return-Path|DKIM-Signature|X-Received|Delivered-To|Message-ID|ARC-Seal):\s", re.IGNORECASE
)
# How many signs of a notice are needed besides a sender of that kind.
_BY_SERVER, _BY_SHARED_NAME, _BY_ANYBODY = 1, 2, 3


def find(root: Part, text: str) -> tuple[str, ...] | None:
    """Why this mail may be a server's notice; None where it is not one.

    What people write about their mail has the same words. So a server's own name needs one more sign, a name that
    people use too needs two, and any other sender needs the subject and two. For the last two it is one only where it
    says whose mail failed (notices.py): parcels are undeliverable too.
    """
    header = root.fields
    if header.raw("X-Failed-Recipients"):
        return ("X-Failed-Recipients",)
    name, needed = _sender(header)
    subject = header.text("Subject") or ""
    answered = _ANSWERED.match(subject) is not None
    # Some servers append to the subject of the mail: "Re: Lamp : non remis".
    own = subject.rpartition(" : ")[2] if answered and " : " in subject else "" if answered else subject
    said = phrase(notice_phrases.SUBJECTS, own.lower())
    if needed == _BY_ANYBODY and (said is None or _is_person_s(header)):
        return None
    if needed != _BY_SERVER and _GREETING.match(text):
        if needed == _BY_ANYBODY:
            return None
        needed += 1  # some servers write "Dear sender,"
    notice = own_words(text)
    words = (quotes.remove(notice) if answered or needed == _BY_ANYBODY else notice).lower()
    failed = phrase(notice_phrases.FAILED, words) or phrase(notice_phrases.DELAYED, words)
    automatic = phrase(notice_phrases.MACHINE, words)
    returned = not answered and (len(notice) < len(text) or bool(dsn.find(root, dsn.RETURNED + dsn.DELIVERY)))
    signs = (
        *([f"subject: {said}"] if said else []),
        *([f"says: {failed}"] if failed else []),
        *([f"says: {automatic}"] if automatic else []),
        *(["gives a mail back"] if returned else []),
    )
    return (*([name] if name else []), *signs) if len(signs) >= needed else None


def phrase(phrases: tuple[str, ...], lowered: str) -> str | None:
    """The phrase that comes first in a text in lower case. To look for each alone is many times faster than one
    regular expression of hundreds."""
    found = [(lowered.find(one), -len(one), one) for one in phrases if one in lowered]
    return min(found)[2] if found else None


def _is_person_s(header: Fields) -> bool:
    """Whether a mail has what mail programs write, or is sent from the address that it names: a notice's path is empty
    (RFC 5321 section 4.5.5)."""
    path = (header.raw("Return-Path") or "").strip("<> ").lower()
    senders = [sender.email.lower() for sender in addresses.read(header.raw("From") or "")]
    return path in senders or any(header.raw(field) for field in _PERSONS)


def own_words(text: str) -> str:
    """The server's own words: the text above the mail that it returns."""
    lines = text.split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    for at in range(first + 1, len(lines)):
        line = lines[at]
        if len(line) < 200 and (_RETURNED.match(line) or _TRACE.match(line)):
            return "\n".join(lines[:at])
    return text


def by_server(header: Fields) -> bool:
    """Whether a mail server is the sender, by a name that only servers have."""
    return _sender(header)[1] == _BY_SERVER


def _sender(header: Fields) -> tuple[str, int]:
    """(the sender where it may be a server, how many signs are needed besides)."""
    written = (header.raw("From") or "x").strip()
    for sender in addresses.read(written):
        kind = _named(sender.email.replace('"', ""), sender.name)
        if kind:
            return f"From: {sender.email or sender.name}", kind
    if written.endswith("<>"):
        return "From: <>", _BY_SERVER
    if header.parameters("Content-Type").get("report-type", "").lower() == "delivery-status":
        return "report-type: delivery-status", _BY_SHARED_NAME
    if any(_BOUNCE_PATH.search(to.email) for to in addresses.read(header.raw("To") or "")):
        return "To: an address for bounces", _BY_SHARED_NAME
    path = (header.raw("Return-Path") or "x").strip()
    if path == "<>" or _SERVER.match(path.strip("<>")):
        return f"Return-Path: {path}", _BY_SHARED_NAME
    return "", _BY_ANYBODY


def _named(email: str, name: str) -> int:
    if _SERVER.match(email) or _SERVER_NAME.search(name):
        return _BY_SERVER
    return _BY_SHARED_NAME if _SHARED.match(email) or _SHARED.match(name) else 0
