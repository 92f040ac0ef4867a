"""Which addresses a notice says failed, and what it says about each."""

import re
from collections.abc import Iterator

from lambdas.shared.mail import addresses, dsn, fields, notice_phrases
from lambdas.shared.mail.fields import Fields
from lambdas.shared.mail.parts import Part
from lambdas.shared.mail.quotes import any_of

_EMAIL = re.compile(r"[\w.!#$%&*+/?^`{|}~-][\w.!#$%&'*+/?^`{|}~-]{0,127}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}")
# What may stand before an address that starts its line. X.400 gateways write the address as an attribute: `dda:SMTP=`;
# "expanded from" is Sendmail's for the address that was written to, where an alias failed.
_ALONE = re.compile(
    r"^[\s\"'<>*|-]{0,20}"
    r"(?:(?:recipient|address|user|rfc822;|smtp:?|\(?expanded from:|c=[^@]{0,100}smtp=)\s*:?\s*[\"'<]{0,3})?$",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:addressed(?: to)?|recipients?|收件人|收件者|宛先|destinataires?|destinatarios?|destinatari|empfänger"
    r"|получател\w+|quota violation for|rcpt to|deliver\w*(?: \w+){0,4} to|send\w* to|failed"
    r"|address(?:es)?(?: \w+){0,2})\W{0,8}$",
    re.IGNORECASE,
)
_NEAR = re.compile(r"(?:deliver\w*|user|mailbox|account|to|unknown|full|for|an|à|a)\b[^@\n]{0,60}$", re.IGNORECASE)
_COPIED = re.compile(r"^\W{0,10}(?:to|cc|from)\s*:", re.IGNORECASE)  # Exchange repeats the header of the mail
_OTHER = re.compile(rf"(?:{any_of(notice_phrases.OTHERS)})[^@\n]{{0,60}}$", re.IGNORECASE)
_OWN = ("To", "From", "Reply-To")  # whom the notice is for, and the server
_NAMES = re.compile(r":[ \t]*\n((?:[ \t]+[A-Za-z0-9][\w.-]{1,63}[ \t]*(?:\n|$)){1,100})")
_TO = re.compile(r"^To:[ \t]*(\S[^\n]{0,500})$", re.MULTILINE)
_NEAR_RANK = 2  # the rank of an address behind a word of sending
_ANYWHERE = 3  # the rank of an address that nothing stands before


def find(raw: bytes, root: Part, text: str, notice: str) -> dict[str, str]:
    """The failed addresses, each with what the notice says about it: the lines from it to the next one."""
    header = root.fields
    mentions = list(_mentions(notice, _own(header)))
    failed = addresses.read(header.raw("X-Failed-Recipients") or "")
    named = {address.email.lower(): address.email for address in failed if address.email}
    if named:
        said = _with_words([(email, at) for _, email, at in mentions if email.lower() in named], notice)
        return dict.fromkeys(named.values(), _squeezed(notice[-2000:])) | said
    best = min((rank for rank, _, _ in mentions), default=_ANYWHERE)
    starts = [(email, at) for rank, email, at in mentions if rank == best]
    if best == _ANYWHERE and len({email.lower() for email, _ in starts}) != 1:
        return _screen_names(header, notice) or _returned_to(raw, root, text)
    return _with_words(starts, notice)


def names_any(header: Fields, notice: str) -> bool:
    """Whether an address starts its line or is called a recipient, as only servers write."""
    return any(rank < _NEAR_RANK for rank, _, _ in _mentions(notice, _own(header)))


def _own(header: Fields) -> set[str]:
    return {address.email.lower() for name in _OWN for address in addresses.read(header.raw(name) or "")}


def _with_words(starts: list[tuple[str, int]], notice: str) -> dict[str, str]:
    found: dict[str, str] = {}
    keys: dict[str, str] = {}
    for index, (email, at) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else len(notice)
        key = keys.setdefault(email.lower(), email)
        found[key] = f"{found.get(key, '')} {_squeezed(notice[at:end][:2000])}".strip()[:2000]
    return found


def _screen_names(header: Fields, notice: str) -> dict[str, str]:
    """Names alone on lines below a line that ends with a colon: AOL and other servers of one domain leave it away."""
    domain = next((address.email.rpartition("@")[2] for address in addresses.read(header.raw("From") or "")), "")
    found = _NAMES.search(notice) if domain else None
    return {f"{name}@{domain}": "" for name in found[1].split()} if found else {}


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
    returned = dsn.find(root, dsn.RETURNED)
    if returned:
        header, _ = fields.read(raw, returned[0].start, returned[0].end)
        to = addresses.read(header.raw("To") or "")
    else:
        copied = _TO.search(text)
        to = addresses.read(copied[1]) if copied else ()
    return {to[0].email: ""} if len(to) == 1 and to[0].email else {}


def _squeezed(text: str) -> str:
    return " ".join(text.split())
