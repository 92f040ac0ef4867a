"""What the author of a mail newly wrote: the text without the mail that it answers or forwards."""

import re

from lambdas.shared.mail import limits, phrases


def any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))


_WIDTH = 1000  # a longer line is a paragraph, nothing that a program writes around a quotation
_QUOTED = re.compile(r"[ \t]{0,3}>")
_ADDRESS = r"[^\s<>\"@]{1,100}@[^\s<>\"@]{1,200}"
_WROTE = re.compile(rf"(?<!\w)(?:{any_of(phrases.WROTE)})(?!\w)|{any_of(phrases.WROTE_UNSPACED)}", re.IGNORECASE)
_HAS_ADDRESS = re.compile(_ADDRESS)
# A time, a date by numbers, or a year: what a program always puts into such a line.
_DATE = re.compile(
    r"\d{1,2}[:.h]\d{2}|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|(?:19|20)\d\d"
    r"|\b\d{1,2}[- .]{1,2}\w{3}|\w{3}\.? \d{1,2}\b|\d{1,2}月"
)
_ENDS = re.compile(r"[:\uff1a]\s*$")
_MIDDLE = re.compile(r"\b(On (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? )?[^:]{0,40}\d[^\n]{0,300}? wrote:)\s*$")
_DASHED = re.compile(r"^\s*-{2,}\s*(?:On\b.{1,300}|.{1,100}\bwrote)\s*-{2,}\s*$", re.IGNORECASE)
_DASHES = r"[-_=*~\u2500\u2014]{2,40}"
_ORIGINAL = re.compile(
    rf"^[\s>*]{{0,20}}{_DASHES}\s*(?:{any_of(phrases.ORIGINAL + phrases.FORWARDED)})[^\n]{{0,60}}?\s*{_DASHES}\s*$"
    rf"|^\s{{0,10}}(?:{any_of(phrases.FORWARDED)})\s*[:\uff1a]\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*(?:_{10,}|-{10,}|─{5,})\s*$")
_LABEL = re.compile(
    rf"^[\s*_]{{0,10}}(?:(?P<sender>{any_of(phrases.FROM)})|(?P<sent>{any_of(phrases.SENT)})|(?P<to>{any_of(phrases.TO)})|(?P<subject>{any_of(phrases.SUBJECT)}))"
    r"[\s*_]{0,5}[:\uff1a]",
    re.IGNORECASE,
)


def remove(text: str) -> str:
    """The new text of a mail: above, between and below what it quotes."""
    lines = text[: limits.QUOTES].split("\n")
    kept: list[str] = []
    position = 0
    while position < len(lines):
        end, rest_is_quoted = _quotation(lines, position)
        if rest_is_quoted:
            break
        if end > position:
            position = end
            continue
        line = lines[position]
        shared = _MIDDLE.search(line) if "wrote:" in line and len(line) <= _WIDTH else None
        if shared:
            kept.append(line[: shared.start()].rstrip("-_ "))
            position = _skip(lines, position + 1)
            continue
        kept.append(line)
        position += 1
    return "\n".join(kept).strip("\n")


def _quotation(lines: list[str], at: int) -> tuple[int, bool]:
    """(where what is quoted from `at` on ends, whether everything below is quoted); (at, False) where nothing is."""
    line = lines[at]
    if not line.strip() or len(line) > _WIDTH:
        return at, False
    if _is_quoted(line):
        return _skip(lines, at), False
    if _ORIGINAL.match(line) or _DASHED.match(line) or _header(lines, at):
        return at, True
    if _RULE.match(line) and _header(lines, _next(lines, at + 1)):
        return at, True
    introduced = _introduction(lines, at)
    if introduced:
        first = _next(lines, introduced)
        quoted = first < len(lines) and _is_quoted(lines[first])
        return (_skip(lines, first), False) if quoted else (at, True)
    return at, False


def _is_quoted(line: str) -> bool:
    """A line with the mark of quoting, not one that is decorated with arrows on both ends."""
    return _QUOTED.match(line) is not None and not line.rstrip().endswith("<<")


def _skip(lines: list[str], at: int) -> int:
    """The end of the quoted lines from `at` on, with the empty ones between them."""
    end = at
    while at < len(lines) and (_is_quoted(lines[at]) or not lines[at].strip()):
        at += 1
        if lines[at - 1].strip():
            end = at
    return end


def _next(lines: list[str], at: int) -> int:
    """The next line that is not empty."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _introduction(lines: list[str], at: int) -> int:
    """The end of a line "On <date>, <name> wrote:" that starts at `at`, in one to four pieces; 0 where none does."""
    joined = ""
    for end in range(at, min(at + 4, len(lines))):
        line = lines[end].strip()
        if not line or len(joined) > 500 or (end > at and _is_quoted(lines[end])):
            return 0
        joined = f"{joined} {line}".strip()
        if _introduces(joined):
            return end + 1
    return 0


def _introduces(line: str) -> bool:
    dated = _DATE.search(line) is not None
    if not _ENDS.search(line):
        return False
    addressed = _HAS_ADDRESS.search(line) is not None
    if _WROTE.search(line):
        return dated or addressed
    return dated and addressed


def _header(lines: list[str], at: int) -> bool:
    """Whether a copied header starts here: labels of two kinds on lines that follow each other, the sender's or the
    date's first."""
    kinds: list[str] = []
    misses = 0
    for line in lines[at : at + 8]:
        found = _LABEL.match(line)
        if found:
            kinds.append(found.lastgroup or "")
        elif not kinds or misses or not line.strip():
            break
        else:
            misses += 1
    return bool(kinds) and kinds[0] in ("sender", "sent") and len(set(kinds)) >= 2
