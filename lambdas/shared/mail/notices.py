"""Failed deliveries that a server tells in plain text only: who failed, and why, as far as the text says it."""

import re
from collections.abc import Iterator

from lambdas.shared.mail import addresses, dsn, fields, limits, notice_phrases, parts, quotes, standard
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.mail import Bounced
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.quotes import any_of
from lambdas.shared.mail.reports import Report

# Names that only servers write as; `double-bounce` is Postfix's, `mdaemon` Alt-N's. And names that people share.
_SERVER = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|mdaemon|double-bounce|mail[._-]?delivery[._-]?(?:sub)?system)\b", re.IGNORECASE
)
_SERVER_NAME = re.compile(r"mail delivery (?:sub)?system|mailer.daemon|^delivery (?:sub)?system$", re.IGNORECASE)
_SHARED = re.compile(r"^(?:postmaster|system administrator|mail[._-]administrator|bounces?|nobody)\b", re.IGNORECASE)
_PERSONS = ("In-Reply-To", "References", "User-Agent", "X-Originating-IP", "Thread-Index")
_SUBJECT = re.compile(any_of(notice_phrases.SUBJECTS), re.IGNORECASE)
_ANSWERED = re.compile(r"^\s*(?:re|aw|sv|antw|odp|rv|fwd?|wg|tr|vs|rif|i|enc|doorst)\s*:", re.IGNORECASE)
_FAILED = re.compile(any_of(notice_phrases.FAILED), re.IGNORECASE)
_AUTOMATIC = re.compile(any_of(notice_phrases.MACHINE), re.IGNORECASE)
_DELAYED = re.compile(any_of(notice_phrases.DELAYED), re.IGNORECASE)
_FINAL = re.compile(any_of(notice_phrases.FINAL), re.IGNORECASE)
_RETURNED = re.compile(
    rf"^[^\w\n]{{0,80}}(?:here is a |this is a |the |\w+ )?(?:{any_of(notice_phrases.RETURNED)})\b", re.IGNORECASE
)
_TRACE = re.compile(
    r"^>?\s?(?:Received|Return-Path|DKIM-Signature|X-Received|Delivered-To|Message-ID|ARC-Seal):\s", re.IGNORECASE
)
_EMAIL = re.compile(r"[\w.!#$%&*+/?^`{|}~-][\w.!#$%&'*+/?^`{|}~-]{0,127}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}")
# What may stand before an address that starts its line. X.400 gateways write the address as an attribute: `dda:SMTP=`;
# "expanded from" is Sendmail's for the address that was written to, where an alias failed.
_ALONE = re.compile(
    r"^[\s\"'<>*|-]{0,20}"
    r"(?:(?:recipient|address|user|rfc822;|smtp:|\(?expanded from:|c=[^@]{0,100}smtp=)\s*:?\s*[\"'<]{0,3})?$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:addressed(?: to)?|recipients?|rcpt to|deliver\w*(?: \w+){0,4} to|send\w* to|failed"
    r"|address(?:es)?(?: \w+){0,2})\W{0,8}$",
    re.IGNORECASE,
)
_NEAR = re.compile(r"(?:deliver\w*|user|mailbox|account|to|unknown|full|for|an|à|a)\b[^@\n]{0,60}$", re.IGNORECASE)
_COPIED = re.compile(r"^\W{0,10}(?:to|cc|from)\s*:", re.IGNORECASE)  # Exchange repeats the header of the mail
_OTHER = re.compile(rf"(?:{any_of(notice_phrases.OTHERS)})[^@\n]{{0,60}}$", re.IGNORECASE)
_ANYWHERE = 3  # the rank of an address that nothing stands before
_STATUS = re.compile(r"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)")
_REPLY = re.compile(r"(?<![\d.])[45]\d\d[ -]#?([45]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")


def read(raw: bytes, root: Part, text: str) -> Report | None:
    """The failure that a notice tells; None where the mail is no notice."""
    notice = _notice(text[: limits.REPORT])
    reason = _evidence(root, text, notice)
    if reason is None:
        return None
    return _enclosed(raw, root, text) or _told(raw, root, text, notice, reason)


def _enclosed(raw: bytes, root: Part, text: str) -> Report | None:
    """A standard report inside the notice: gateways make one text of its parts, or enclose the whole."""
    if "final-recipient:" in text.lower():
        return standard.report(dsn.recipients(dsn.flattened(text)))
    for part in dsn.find(root, ("message/rfc822",))[:1]:
        inner = raw[part.start : part.end]
        return standard.read(inner, parts.read(inner).root)
    return None


def _told(raw: bytes, root: Part, text: str, notice: str, reason: tuple[str, ...]) -> Report:
    header = root.fields
    subject = header.text("Subject") or ""
    delayed = _DELAYED.search(f"{subject}\n{notice}") is not None and not _FINAL.search(notice)
    found = _recipients(header, notice) or _returned_to(raw, root, text)
    bounces = tuple(
        Bounced(recipient=recipient, status=_status(said) or _status(notice), permanent=not delayed, diagnostic=said)
        for recipient, said in list(found.items())[: limits.BOUNCES]
    )
    return Report(kind="delay" if delayed else "bounce", reasons=reason, bounces=bounces)


def _notice(text: str) -> str:
    """The server's own words: the text above the mail that it returns."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if (
            len(line) < 200
            and (_RETURNED.match(line) or _TRACE.match(line))
            and any(kept.strip() for kept in lines[:at])
        ):
            return "\n".join(lines[:at])
    return text


def _evidence(root: Part, text: str, notice: str) -> tuple[str, ...] | None:
    """Why this is a server's notice, None where it is not one.

    What people write about their mail has the same words. So a server's own name needs one more sign, a name that
    people use too needs two, and any other sender needs all: the subject, the words, and the mail given back.
    """
    header = root.fields
    if header.raw("X-Failed-Recipients"):
        return ("X-Failed-Recipients",)
    name, needed = _sender(header)
    subject = header.text("Subject") or ""
    answered = _ANSWERED.match(subject) is not None
    said = None if answered else _SUBJECT.search(subject)
    if needed > 2 and not said:
        return None
    words = quotes.remove(notice) if answered or needed > 2 else notice
    failed = _FAILED.search(words) or _DELAYED.search(words)
    automatic = _AUTOMATIC.search(words)
    returned = len(notice) < len(text) or bool(dsn.find(root, dsn.RETURNED + dsn.DELIVERY))
    signs = (
        *([f"subject: {said[0].lower()}"] if said else []),
        *([f"says: {failed[0].lower()}"] if failed else []),
        *([f"says: {automatic[0].lower()}"] if automatic else []),
        *(["gives a mail back"] if returned and not answered else []),
    )
    return (*([name] if name else []), *signs) if len(signs) >= needed else None


def _sender(header: Fields) -> tuple[str, int]:
    """(the server's name, how many signs of a notice are needed besides)."""
    path = (header.raw("Return-Path") or "x").strip()
    for sender in addresses.read(header.raw("From") or ""):
        if _SERVER.match(sender.email) or _SERVER_NAME.search(sender.name):
            return f"From: {sender.email or sender.name}", 1
        if _SHARED.match(sender.email.replace('"', "")) or _SHARED.match(sender.name):
            return f"From: {sender.email or sender.name}", 2
    if (header.raw("From") or "x").strip().endswith("<>"):
        return "From: <>", 1
    if header.parameters("Content-Type").get("report-type", "").lower() == "delivery-status":
        return "report-type: delivery-status", 2
    if path == "<>" or _SERVER.match(path.strip("<>")):
        return f"Return-Path: {path}", 2
    return "", 99 if any(header.raw(name) for name in _PERSONS) else 3


def server(header: Fields) -> bool:
    """Whether a mail server is the sender, by its name."""
    return _sender(header)[1] == 1


def _recipients(header: Fields, notice: str) -> dict[str, str]:
    """The failed addresses, each with what the notice says about it: the lines from it to the next one."""
    named = [address.email for address in addresses.read(header.raw("X-Failed-Recipients") or "")]
    if named:
        return dict.fromkeys(named, _squeezed(notice[-2000:]))
    own = {
        address.email.lower()
        for name in ("To", "From", "Reply-To")
        for address in addresses.read(header.raw(name) or "")
    }
    mentions = list(_mentions(notice, own))
    best = min((rank for rank, _, _ in mentions), default=0)
    starts = [(email, at) for rank, email, at in mentions if rank == best]
    if best == _ANYWHERE and len({email.lower() for email, _ in starts}) > 1:
        return {}
    found: dict[str, str] = {}
    for index, (email, at) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else len(notice)
        key = next((known for known in found if known.lower() == email.lower()), email)
        found[key] = f"{found.get(key, '')} {_squeezed(notice[at:end][:2000])}".strip()
    return found


def _mentions(notice: str, own: set[str]) -> Iterator[tuple[int, str, int]]:
    """(rank, address, where) of addresses: 0 starts its line, 1 and 2 are called a recipient, 3 is there."""
    at = 0
    for line in notice.split("\n"):
        for found in _EMAIL.finditer(line[:2000]):
            email = found[0].rstrip(".")
            before = line[: found.start()]
            rank = _rank(before[-150:])
            other = _COPIED.match(line) or _OTHER.search(before[-100:])
            if email.lower() not in own and (rank == 0 or not other):
                yield rank, email, at
        at += len(line) + 1


def _rank(before: str) -> int:
    """How surely an address is the failed one, by what stands before it on its line."""
    for rank, words in enumerate((_ALONE.match, _NAMED.search, _NEAR.search)):
        if words(before):
            return rank
    return _ANYWHERE


def _returned_to(raw: bytes, root: Part, text: str) -> dict[str, str]:
    """To whom the returned mail was, where that is one address: a notice that names nobody is about that one."""
    for part in dsn.find(root, dsn.RETURNED):
        header, _ = fields.read(raw, part.start, part.end)
        to = addresses.read(header.raw("To") or "")
        return {to[0].email: ""} if len(to) == 1 and to[0].email else {}
    to = tuple(
        address
        for line in re.findall(r"^To:[ \t]*(\S[^\n]{0,500})$", text[: limits.REPORT], re.MULTILINE)[:1]
        for address in addresses.read(line)
    )
    return {to[0].email: ""} if len(to) == 1 and to[0].email else {}


def _status(said: str) -> str:
    """The enhanced status code (RFC 3463) in a server's answer, else any in the text."""
    found = _REPLY.search(said)
    if found:
        return found[1]
    alone = _STATUS.search(said)
    return alone[0] if alone else ""


def _squeezed(text: str) -> str:
    return " ".join(text.split())
