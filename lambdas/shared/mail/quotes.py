"""What the author of a mail newly wrote: the text without the mail that it answers or forwards.

HTML is made into text with its quotations marked by ">" before it comes here (html_text.py), so one set of rules does.
"""

import re

from lambdas.shared.mail import limits, phrases
from lambdas.shared.mail.html_text import WEAK


def any_of(words: tuple[str, ...]) -> str:
    """The alternatives of a regular expression, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_WIDTH = 1000  # a longer line is a paragraph, nothing that a program writes around a quotation
_QUOTED = re.compile(r"[ \t]{0,3}>")
_WROTE = re.compile(
    rf"(?<!\w)(?:{any_of(phrases.WROTE)})(?!\w)|{any_of(phrases.WROTE_UNSPACED)}",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s<>\"@()]{1,100}@[^\s<>\"@()]{1,200}")
# A date by numbers, a year, or a month with a day: what a program always puts into the line above a quotation.
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?<!\d)(?:19|20)\d\d(?!\d)|\b\d{1,2}[- .]{1,2}\w{3}|\w{3}\.? \d{1,2}\b|\d{1,2}月"
)
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}|\d{1,2} ?[AaPp]\.?[Mm]\b|\d{1,2}時")
# A weekday or the like before a number, a number, or an opener of some language.
_STARTS = re.compile(
    rf"[\s\"'*-]{{0,5}}(?:(?:{any_of(phrases.OPENERS)})(?!\w)|\d|\w{{1,12}}[.,]{{0,2}}\s{{0,2}}\d)", re.IGNORECASE
)
_ENDS = (":", "\uff1a", " wrote", " napisał(a)")  # the last is Tlen's
# The same at the end of a line, and "Quoting <name>:" of webmails that give no date.
_WROTE_LAST = re.compile(rf"{_WROTE.pattern}\s*$", re.IGNORECASE)
_QUOTING = re.compile(rf"(?:{any_of(phrases.QUOTING)}) \S.{{0,100}}:\s*$", re.IGNORECASE)
_NAME_WORDS, _NAME_WIDTH = 5, 80
_ADDRESSED = re.compile(r"<[^\s<>@]{1,100}@[^\s<>@]{1,200}>")
# Polymail's line, which it breaks in the middle.
_POLYMAIL = re.compile(r"\n\n<\nmailto:([^\n]{1,300})\n>\s{0,3}wrote:")
# "Sent from my phone" and the like; a person's sentence that starts so goes on after a comma.
SENT_FROM = re.compile(rf"^\s*[-<(]?\s*(?:{any_of(phrases.SENT_FROM)})(?!.*, )", re.IGNORECASE)
_WEEKDAYS = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? "
_MIDDLE = re.compile(rf"\bOn (?:{_WEEKDAYS})?(?:\w{{3,9}}\.? \d|\d)[^\n]{{0,400}} wrote:\s*$")
_DASHED = re.compile(r"^\s{0,10}-{2,10} ?([^\s-].{6,300}\S) ?-{2,10}\s{0,10}$")
# A link that a program on the way put on a line of its own, and the end of one that it broke.
_LINK = re.compile(r"^\s{0,3}\(https?://[^\s)]{1,1000}\)[\s>]{0,10}$")
_OPEN_LINK = re.compile(r"[(<]https?://[^\s)>]{1,1000}$")
_DASHES = r"[-_=*~\u2500\u2014]{2,40}"
_ORIGINAL = re.compile(
    rf"^[\s>*]{{0,20}}{_DASHES}\s*(?:{any_of(phrases.ORIGINAL + phrases.FORWARDED)})[^\n]{{0,60}}?\s*{_DASHES}\s*$"
    rf"|^\s{{0,10}}(?:{any_of(phrases.FORWARDED)})\s*[:\uff1a]\s*$",
    re.IGNORECASE,
)
_LEADS = re.compile(r"[\s>*]{0,20}[-_=*~\u2500\u2014]{2}|.{1,100}[:\uff1a]\s*$")  # what both need, cheaper to look for
_RULE = re.compile(r"^\s*(?:_{4,}|-{4,}|={4,}|\u2500{4,})\s*$")
_TITLED = re.compile(rf"\s{{0,10}}{_DASHES} ?\S[^\n]{{0,60}}\S ?{_DASHES}\s*$")  # a line with a title, in any language
_LABEL = re.compile(
    rf"^[\s*_]{{0,10}}(?:(?P<sender>{any_of(phrases.FROM)})|(?P<sent>{any_of(phrases.SENT)})"
    rf"|(?P<to>{any_of(phrases.TO)})|(?P<subject>{any_of(phrases.SUBJECT)}))[\s*_]{{0,5}}[:\uff1a]",
    re.IGNORECASE,
)
_PIECES = 4  # the most lines that the line above a quotation is broken into


def remove(text: str) -> str:
    """The new text of a mail: above, between and below what it quotes."""
    text = text[: limits.QUOTES]
    lines = (_POLYMAIL.sub(r" <\1> wrote:", text) if "\n<\nmailto:" in text else text).split("\n")
    kept: list[str] = []
    at = 0
    while at < len(lines):
        end, rest_is_quoted = _quotation(lines, at)
        if rest_is_quoted:
            break
        if end == at:
            kept.append(lines[at])
            if _is_last(lines, at) and any(line.strip() for line in kept[:-1]):
                break
            end = at + 1
        elif not _is_quoted(lines[at]) and (shared := _shared(lines[at])):
            kept.append(shared)
        at = end
    return "\n".join(kept).replace(WEAK, "").strip("\n")


def _quotation(lines: list[str], at: int) -> tuple[int, bool]:
    """(where what is quoted from `at` on ends, whether everything below is quoted); (at, False) where nothing is."""
    line = lines[at]
    if not line.strip() or len(line) > _WIDTH:
        return at, False
    if _is_quoted(line):
        return _skip(lines, at), False
    if _header(lines, at) or (_LEADS.match(line) and (_ORIGINAL.match(line) or _dashed(lines, at))):
        return at, True
    if (_RULE.match(line) or _TITLED.match(line)) and _header(lines, _next(lines, at + 1)):
        return at, True
    return _introduced(lines, at)


def _dashed(lines: list[str], at: int) -> bool:
    """Zoho's "---- On <date> <name> wrote ----", on one line or two, and Android's with the name alone."""
    line = lines[at].rstrip()
    if not line.lstrip().startswith("--") or len(line) > _WIDTH:
        return False
    if not line.endswith("--") and at + 1 < len(lines):
        line = f"{line} {lines[at + 1].strip()}"
    found = _DASHED.match(line)
    if found is None or _WROTE_LAST.search(found[1]) is None:
        return False
    return _DATE.search(found[1]) is not None or _is_undated(found[1])


def _is_last(lines: list[str], at: int) -> bool:
    """Whether a phone's line ends the new text: it stands alone below it, and what follows is the mail answered."""
    alone = at > 0 and not lines[at - 1].strip() and at + 1 < len(lines) and not lines[at + 1].strip()
    if not alone or len(lines[at]) > _WIDTH or not SENT_FROM.match(lines[at]):
        return False
    following = _next(lines, at + 1)
    return following < len(lines) and _quotation(lines, following) == (following, False)


def _introduced(lines: list[str], at: int) -> tuple[int, bool]:
    """As `_quotation`, for what a line "On <date>, <name> wrote:" introduces."""
    end = at + 1 if _shared(lines[at]) else _introduction(lines, at)
    if not end:
        return at, False
    first = _next(lines, end)
    if first < len(lines) and (_is_quoted(lines[first]) or lines[first].startswith(WEAK)):
        return _skip(lines, first, also=WEAK), False
    # Without marks of quoting only a full date or an address tells the program's line from a person's sentence.
    introduction = " ".join(lines[at:end])
    certain = _EMAIL.search(introduction) or (_DATE.search(introduction) and _TIME.search(introduction))
    if certain is None and first < len(lines):
        return at, False
    return (end, False) if _shared(lines[at]) else (at, True)


def _shared(line: str) -> str:
    """The author's words where the program's line follows them without a line end."""
    found = _MIDDLE.search(line) if "wrote:" in line and len(line) <= _WIDTH else None
    return line[: found.start()].rstrip("-_ ") if found else ""


def _is_quoted(line: str) -> bool:
    """A line with the mark of quoting, not one that is decorated with arrows on both ends."""
    return _QUOTED.match(line) is not None and not line.rstrip().endswith("<<")


def _skip(lines: list[str], at: int, also: str = ">") -> int:
    """The end of the quoted lines from `at` on, with the empty ones between them; lines that start with `also` too."""
    end = at
    while at < len(lines):
        if _is_quoted(lines[at]) or lines[at].startswith(also) or _is_rest(lines, at):
            end = at + 1
        elif lines[at].strip():
            break
        at += 1
    return end


def _is_rest(lines: list[str], at: int) -> bool:
    """The end of a quoted line that was too long for a program on the way: it goes on in the middle of a sentence,
    between two quoted lines."""
    if at == 0 or at + 1 >= len(lines) or not (_is_quoted(lines[at - 1]) and _is_quoted(lines[at + 1])):
        return False
    before, line = lines[at - 1].rstrip(), lines[at].strip()
    if _LINK.match(lines[at]) or (" " not in line and line.endswith((")", ">")) and _OPEN_LINK.search(before)):
        return True
    return 60 <= len(before) <= 100 and before[-1] not in ".?!:;" and line[:1].islower() and len(line) < 60


def _next(lines: list[str], at: int) -> int:
    """The next line that is not empty."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _introduction(lines: list[str], at: int, pieces: int = _PIECES) -> int:
    """The end of a line "On <date>, <name> wrote:" that starts at `at`, in `pieces` at most; 0 where none does."""
    joined = ""
    opened = _STARTS.match(lines[at]) is not None
    starts = opened or _ADDRESSED.search(lines[at]) is not None
    for end in range(at, min(at + pieces, len(lines))):
        line = lines[end].strip()
        if not line or len(joined) > _WIDTH or (end > at and (not starts or _interrupts(lines, end))):
            return 0
        joined = f"{joined} {line}".strip()
        if _introduces(joined, lines, end) and (end == at or opened or _WROTE.search(joined)):
            return end + 1
    return 0


def _interrupts(lines: list[str], at: int) -> bool:
    """Whether this line is none of the pieces: quoted, other than the end of an address, or itself such a line."""
    if _is_quoted(lines[at]):
        return _WROTE.search(lines[at]) is None and lines[at].strip() not in (">:", ">")
    starts = _STARTS.match(lines[at]) is not None and _EMAIL.match(lines[at].strip()) is None
    return starts and _introduction(lines, at, pieces=1) > 0


def _introduces(line: str, lines: list[str], end: int) -> bool:
    if line.isascii() and " " not in line:
        return False  # a link
    if line.rstrip("* ").endswith(_ENDS):
        addressed = "@" in line and _EMAIL.search(line) is not None
        if _DATE.search(line):
            return addressed or _WROTE.search(line) is not None
        return (addressed and _WROTE.search(line) is not None) or (_is_undated(line) and _is_quoted_next(lines, end))
    # Gmail's form of 2011: date, name and address, and nothing behind them
    if not line.endswith(">") or _DATE.match(line) is None or _EMAIL.search(line) is None:
        return False
    return _is_quoted_next(lines, end)


def _is_quoted_next(lines: list[str], at: int) -> bool:
    first = _next(lines, at + 1)
    return first < len(lines) and _is_quoted(lines[first])


def _is_undated(line: str) -> bool:
    """ "Quoting <name>:", or a name alone with the verb: a person's sentence has words that are no names."""
    if len(line) > _NAME_WIDTH:
        return False
    if _QUOTING.match(line):
        return True
    found = _WROTE_LAST.search(line.rstrip("* ").rstrip(":\uff1a "))
    names = line[: found.start()].split() if found else []
    return 0 < len(names) <= _NAME_WORDS and not any(name[0].islower() for name in names)


def _header(lines: list[str], at: int) -> bool:
    """Whether a copied header starts here: labels of two kinds on lines that follow each other, the sender's or the
    date's first."""
    kinds: list[str] = []
    misses = 0
    for line in lines[at : at + 8]:
        found = _LABEL.match(line[:200]) if ":" in line[:60] or "\uff1a" in line[:60] else None
        if found:
            kinds.append(found.lastgroup or "")
        elif not kinds or misses or not line.strip():
            break
        else:
            misses += 1
    return bool(kinds) and kinds[0] in ("sender", "sent") and len(set(kinds)) >= 2
