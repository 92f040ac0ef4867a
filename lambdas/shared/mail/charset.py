"""Bytes to text, with charsets as mail programs mean them rather than as the label says."""

import codecs
import re

# What the label says -> what the programs that write it put there. The WHATWG Encoding Standard (section 4.2) holds the
# same for browsers: a superset that Windows programs really use goes by the name of its subset.
_MEANT = {
    "ascii": "cp1252", "us-ascii": "cp1252", "ansi_x3.4-1968": "cp1252", "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "iso_8859-1": "cp1252", "x-ansi": "cp1252",
    "iso-8859-9": "cp1254", "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "gb2312": "gb18030", "gbk": "gb18030",
    "gb_2312-80": "gb18030", "chinesegb": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030", "big5": "big5hkscs",
    "cn-big5": "big5hkscs", "x-x-big5": "big5hkscs", "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932",
    "sjis": "cp932", "windows-31j": "cp932", "ms_kanji": "cp932", "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext", "euc-jp": "euc_jis_2004", "x-euc-jp": "euc_jis_2004", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "ks_c_5601": "cp949", "ksc5601": "cp949", "windows-949": "cp949",
    "unicode-1-1-utf-7": "utf-7", "x-unicode-2-0-utf-7": "utf-7", "utf8mb4": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "utf-8": "utf-8", "utf8": "utf-8", "x-mac-roman": "mac-roman", "macintosh": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic", "koi8-ru": "koi8-u",
}  # fmt: skip
# Python's own codecs that are no charset of any mail; decoding punycode takes quadratic time.
_NOT_IN_MAIL = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# Charsets in which bytes below 128 do not mean ASCII.
_NO_ASCII = ("utf-7", "utf-16", "utf-32", "hz", "cp037", "cp273", "cp424", "cp500", "cp875", "cp1026", "cp1140")
_SEVERAL = ("utf", "gb", "big5", "shift", "euc", "iso2022", "cp932", "cp949", "hz")  # more than one byte a character
_ESCAPED = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")  # ISO 2022 designations, RFC 1468
_RUN = re.compile(rb"(\x1b\$[@B]|\x1b\([BJI]|^)([^\x1b]*|\x1b)")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


def codec(label: str) -> str | None:
    """The Python codec for a charset label, None where the label names no charset of mail."""
    label = label.strip().strip("\"'").lower().replace(" ", "")
    try:
        info = codecs.lookup(_MEANT.get(label, label))
    except (LookupError, ValueError):
        return None
    # Codecs such as zlib are found by lookup too, but give bytes.
    if not getattr(info, "_is_text_encoding", True) or info.name in _NOT_IN_MAIL:
        return None
    return info.name


def decode(data: bytes, label: str | None, *, html: bool = False) -> str:
    """Text of `data`: by its label where that fits, else by what the bytes themselves are. Never raises."""
    named = codec(label) if label else None
    if data.isascii() and b"\x1b" not in data and not (named and named.startswith(_NO_ASCII)):
        return data.decode("ascii")
    if named is None and html and (meta := _META.search(data, 0, 4096)):
        named = codec(meta[1].decode("ascii"))
    if _ESCAPED.search(data) and (named is None or named.startswith(("iso2022_jp", "utf-8", "cp1252"))):
        return _iso_2022_jp(data)
    return _strict(data, named) or _guess(data, named)


def _iso_2022_jp(data: bytes) -> str:
    """ISO-2022-JP with the characters that Windows programs add to it, as (1) in a circle, which RFC 1468 lacks."""
    try:
        return data.decode("iso2022_jp_ext")
    except (UnicodeError, ValueError):
        return "".join(_run(*run) for run in _RUN.findall(data))


def _run(designation: bytes, content: bytes) -> str:
    """The characters behind one designation; two bytes of JIS X 0208 are moved to where Windows-31J has them."""
    if designation not in (b"\x1b$@", b"\x1b$B"):
        return content.decode("cp932" if designation != b"\x1b(I" else "latin-1", "replace")
    moved = bytearray()
    for row, cell in zip(content[::2], content[1::2], strict=False):
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        trail = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
        moved += bytes((lead & 255, trail & 255))
    return moved.decode("cp932", "replace")


def _strict(data: bytes, named: str | None) -> str | None:
    """Decoded without an error. UTF-8 goes first where one-byte charsets are named: they accept any bytes, while other
    text is valid UTF-8 practically never, and programs that paste UTF-8 under a Latin label are common."""
    for name in [named, "utf-8"] if named and named.startswith(_SEVERAL) else ["utf-8", named]:
        try:
            if name:
                return _whole(data.decode(name), name)
        except (UnicodeError, ValueError):
            continue
    return None


def _whole(text: str, name: str) -> str:
    """UTF-7 can write half of a character, which no program could store."""
    return text.encode("utf-8", "replace").decode("utf-8") if name == "utf-7" else text


def _guess(data: bytes, named: str | None) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if named and named not in ("utf-8", "cp1252"):
        return _whole(data.decode(named, "replace"), named)
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    # Mostly UTF-8, but cut within a character or mixed: every other non-ASCII character was right.
    if sum(1 for c in text[:20_000] if c > "\x7f") - text.count("\ufffd", 0, 20_000) > wrong:
        return text
    # Five bytes mean nothing in windows-1252; browsers show them as the control character of the same number.
    return data.decode("cp1252", "c1") if data else ""


def _c1(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("c1", _c1)
