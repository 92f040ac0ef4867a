"""Who wrote the mail that a mail forwards.

Programs forward in two ways: as an attached message, or below the new text, where they copy some of its header under a
line of their own. Outlook and those who write like it have no such line, and copy the header above what is answered
too: there the subject tells ("FW:"). The first quotation in a mail is its own, all others came with it; so where the
first one is an answer, nothing was forwarded.
"""

import re
import textwrap
from dataclasses import dataclass

from lambdas.shared.mail import addresses, forward_phrases, limits, phrases
from lambdas.shared.mail.mail import Address, Mail, Unreadable
from lambdas.shared.mail.parse import parse
from lambdas.shared.mail.quotes import any_of

_WIDTH = 1000  # a longer line is a paragraph
_HEADER = 40  # lines of a copied header
_TRIES = 10  # markers that are followed by no mail
_DASHES = r"[-_=*~\u2500\u2014\u2013]{2,40}"
_LEADS = re.compile(rf"[\s*]{{0,20}}{_DASHES}")
_MARKERS = any_of(phrases.FORWARDED + forward_phrases.MARKERS)
_MARKER = re.compile(
    rf"[\s*]{{0,20}}(?:{_DASHES}\s?(?:{_MARKERS})\s?(?:{_DASHES})?(?P<rest>.*)|(?:{_MARKERS})\s?[:\uff1a]\s*$)",
    re.IGNORECASE,
)
_END = re.compile(rf"\s{{0,10}}{_DASHES}\s*(?:{any_of(forward_phrases.ENDS)})", re.IGNORECASE)
_PREFIX = re.compile(
    rf"\s*(?:\[[^\]]{{1,50}}\]\s*)?(?:(?:{any_of(forward_phrases.PREFIXES)})\s?[:\uff1a]\s*)+", re.IGNORECASE
)
_LABELS = "|".join(
    f"(?P<{kind}>{any_of(words)})"
    for kind, words in {
        "sender": phrases.FROM + forward_phrases.FROM,
        "sent": phrases.SENT + forward_phrases.SENT,
        "to": phrases.TO + forward_phrases.TO,
        "subject": phrases.SUBJECT + forward_phrases.SUBJECT,
    }.items()
)
_LABEL = re.compile(
    rf"[\s*_]{{0,10}}(?:{_LABELS}|(?P<other>{any_of(forward_phrases.OTHER)}))[\s*_]{{0,5}}[:\uff1a][*_]{{0,2}}",
    re.IGNORECASE,
)
_INNER_LABEL = re.compile(rf"(?:{_LABELS})\s?[:\uff1a]", re.IGNORECASE)
_WROTE = re.compile(rf"(?<!\w)(?:{any_of(phrases.WROTE)})(?!\w)|{any_of(phrases.WROTE_UNSPACED)}", re.IGNORECASE)
_OPENER = re.compile(rf"\s*(?:{any_of(phrases.OPENERS)})\s", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s<>\"'@()\[\],;:]{1,100}@[^\s<>\"'@()\[\],;:]{1,200}")
_AROUND_NAME = " \t\xa0<([*_\"'„“”«»,:-"
# "On <date>, <name> <address> wrote:"; Yandex writes the same without the verb.
_INTRODUCTION = re.compile(
    r"(?P<before>[^<>\[\]]{1,300})[<\[(](?P<email>[^\s<>@]{1,100}@[^\s<>@]{1,200})[>\])].{0,60}[:\uff1a]\s*$"
)
_QUOTED_NAME = re.compile(r"[\"„“«]([^\"„“”«»]{1,200})[\"“”»]\s*$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Forwarded:
    """The mail that was forwarded. `sender.email` is "" where the program copied only a name (Exchange does, of
    colleagues); `date` is as it is written, or ""; `text` is the whole of the original."""

    sender: Address
    subject: str
    date: str
    text: str


def forwarded(mail: Mail) -> Forwarded | None:
    """The outermost mail that this one forwards, None where it forwards none. Linear in the size of the mail.

    What it gives is what the forwarder says: believe it as far as you believe them.
    """
    if mail.kind not in ("mail", "list"):
        return None
    inline, answers = _inline(mail)
    return inline or (None if answers else _attached(mail))


def _attached(mail: Mail) -> Forwarded | None:
    """The first attached message."""
    for attachment in mail.attachments:
        if attachment.content_type == "message/rfc822":
            try:
                original = parse(attachment.content)
            except Unreadable:
                return None
            if original.sender is None:
                return None
            written = original.header("Date") or ""
            return Forwarded(
                sender=original.sender, subject=original.subject, date=written, text=(original.text or "").strip("\n")
            )
    return None


def _inline(mail: Mail) -> tuple[Forwarded | None, bool]:
    """(what is forwarded below the new text, whether the mail answers another one instead)."""
    text = mail.text or ""
    lines = text.split("\n")
    says_so = _PREFIX.match(mail.subject) is not None
    searched = text[: limits.QUOTES].count("\n") + 1
    tries = _TRIES
    for at in range(searched):
        line = lines[at]
        if not line.strip() or len(line) > _WIDTH:
            continue
        quoted = line.lstrip(" ").startswith(">")
        if tries and (marker := _marker(line.lstrip("> ") if quoted else line)):
            tries -= 1
            found = _below(lines, at, marker, mail)
            if found:
                return found, False
        elif quoted:
            return None, True
        elif found := _unmarked(lines, at, mail):
            return (found, False) if says_so else (None, True)
    return None, False


def _marker(line: str) -> re.Match[str] | None:
    """A program's line above what it forwards. Cheap for all that start with no dashes and end with no colon."""
    return _MARKER.match(line) if _LEADS.match(line) or line.rstrip().endswith((":", "\uff1a")) else None


def _below(lines: list[str], at: int, marker: re.Match[str], mail: Mail) -> Forwarded | None:
    """The mail below a program's line that says that it is forwarded."""
    rest = _parted(marker["rest"] or "")
    block = rest + _unquoted(lines, at)
    first = _next(block, 0)
    return _copied(block, first, mail) or _introduced(block, first, mail)


def _unmarked(lines: list[str], at: int, mail: Mail) -> Forwarded | None:
    """The mail below a copied header, or below "On <date>, <name> wrote:", that stands without such a line."""
    line = lines[at]
    if ":" not in line and "\uff1a" not in line:
        return None
    label = _LABEL.match(line[:200])
    if label and label.lastgroup in ("sender", "sent"):
        return _copied(lines, at, mail)
    return _introduced(lines, at, mail) if _WROTE.search(line) else None


def _parted(rest: str) -> list[str]:
    """Yahoo's plain text has the copied header on the line of the marker, without blanks between its fields."""
    starts: list[int] = []
    for label in _INNER_LABEL.finditer(rest[:_WIDTH]):
        if not rest[label.start()].islower():
            starts.append(label.start())
            if label.lastgroup == "subject":
                break
    ends = [*starts[1:], len(rest)] if starts else []
    return [rest[start:end] for start, end in zip(starts, ends, strict=True)]


def _unquoted(lines: list[str], at: int) -> list[str]:
    """The lines below a marker; where Apple Mail has quoted what it forwards, those of the quotation without marks."""
    below = lines[at + 1 :]
    first = _next(below, 0)
    if first == len(below) or not below[first].lstrip(" ").startswith(">"):
        return below
    block: list[str] = []
    for line in below:
        bare = line.lstrip(" ")
        if bare.startswith(">"):
            block.append(bare[1:].removeprefix(" "))
        elif bare.strip():
            break
        else:
            block.append("")
    return block


def _copied(lines: list[str], at: int, mail: Mail) -> Forwarded | None:
    """The mail whose copied header starts at a line: a sender, and another label at least."""
    fields: dict[str, str] = {}
    kind, end = "", at
    for end in range(at, min(at + _HEADER, len(lines))):
        line = lines[end].strip()
        if not line:
            if "sender" in fields and len(fields) > 1:
                break
            continue
        label = _LABEL.match(line[:200]) if len(line) <= _WIDTH else None
        if label:
            kind = label.lastgroup or ""
            fields.setdefault(kind, line[label.end() :].strip(" \t\xa0*"))
        elif kind and _goes_on(lines, end):
            fields[kind] += f" {line}"
        elif _MARKER.match(line[:200]) is None:
            break
    else:
        end += 1
    fields.pop("other", None)
    if "sender" not in fields or len(fields) < 2:
        return None
    return _forwarded(fields, lines[end:], mail)


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether a line is the rest of the header's line before it: more labels follow, or it goes on with addresses."""
    following = [line for line in lines[at + 1 : at + 3] if line.strip()]
    if following and any(_LABEL.match(line[:200]) for line in following[:1]):
        return True
    return lines[at - 1].rstrip().endswith((",", ";")) or lines[at].lstrip().startswith("<")


def _introduced(lines: list[str], at: int, mail: Mail) -> Forwarded | None:
    """The mail below one line with its date and sender: Yandex, and Outlook for Mac."""
    found = _INTRODUCTION.match(lines[at][:_WIDTH]) if at < len(lines) else None
    if not found:
        return None
    before = found["before"].rstrip()
    named = _QUOTED_NAME.search(before)
    date, _, name = (before[: named.start()], "", named[1]) if named else before.rpartition(",")
    fields = {"sender": f"{name.strip()} <{found['email']}>", "sent": _OPENER.sub("", date, count=1).strip(" ,")}
    return _forwarded(fields, lines[at + 1 :], mail)


def _forwarded(fields: dict[str, str], below: list[str], mail: Mail) -> Forwarded:
    end = next(
        (at for at, line in enumerate(below) if line[:1] in " -=*_\u2014" and _END.match(line[:200])), len(below)
    )
    text = textwrap.dedent("\n".join(line.rstrip() for line in below[:end])).strip()
    subject = fields.get("subject") or _PREFIX.sub("", mail.subject, count=1)
    return Forwarded(sender=_sender(fields["sender"]), subject=subject, date=fields.get("sent", ""), text=text)


def _sender(value: str) -> Address:
    """The first address of a copied field with the name before it. Outlook writes it twice
    (`Mia <mia@example.org<mailto:mia@example.org>>`) or in square brackets."""
    value = re.sub(r"mailto:", "", value[:_WIDTH], flags=re.IGNORECASE)
    found = _EMAIL.search(value)
    if not found:
        return Address(name=value.strip(_AROUND_NAME + ">)]"), email="")
    read = addresses.read(found[0])
    return Address(name=value[: found.start()].strip(_AROUND_NAME), email=read[0].email if read else found[0])


def _next(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at
