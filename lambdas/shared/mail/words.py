"""Encoded words in header fields (RFC 2047), as leniently as the programs that write them need."""

import binascii
import re

from lambdas.shared.mail import charset

# RFC 2231 section 5 allows a language after the charset. Encoded text may hold spaces and "?": programs forget to
# encode them.
_WORD = re.compile(r"=\?([\w.:+-]{1,60})(?:\*[\w-]{0,40})?\?([BbQq])\?(.*?)\?=", re.DOTALL)
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029]")
_FOLD = re.compile(r"[\r\n]+[ \t]*")


def decode(value: str) -> str:
    """The text of a header value: words decoded, folds made one space, control characters removed."""
    last = value.rfind("?=")
    if last < 0 or "=?" not in value:
        return _clean(value)
    out: list[str] = []
    run: list[tuple[str, bytes]] = []
    position = 0
    # Ending the search at the last "?=" lets every start of a word find an end, so that the time stays linear.
    for word in _WORD.finditer(value, 0, last + 2):
        between = value[position : word.start()]
        if between.strip() or not run:
            _flush(run, out)
            out.append(between)
        run.append((word[1].lower(), _bytes(word[2], word[3])))
        position = word.end()
    _flush(run, out)
    out.append(value[position:])
    return _clean("".join(out))


def _flush(run: list[tuple[str, bytes]], out: list[str]) -> None:
    """Neighbouring words of one charset are joined before decoding: many programs cut within a character."""
    joined: list[tuple[str, list[bytes]]] = []
    for label, data in run:
        if joined and joined[-1][0] == label and not label.startswith("iso-2022"):
            joined[-1][1].append(data)
        else:
            joined.append((label, [data]))
    out.extend(charset.decode(b"".join(pieces), label) for label, pieces in joined)
    run.clear()


def _bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "Bb":
        data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        data = data[: len(data) - 1] if len(data) % 4 == 1 else data
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    return _HEX.sub(lambda found: bytes([int(found[1], 16)]), data.replace(b"_", b" "))


def _clean(value: str) -> str:
    return _CONTROL.sub("", _FOLD.sub(" ", value)).strip()
