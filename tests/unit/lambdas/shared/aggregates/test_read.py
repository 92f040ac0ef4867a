"""From a mail to the reports in it: where they are, and what is not unpacked."""

import gzip
import io
import tracemalloc
import zipfile
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.aggregates import limits
from lambdas.shared.aggregates.read import read
from lambdas.shared.mail.parse import parse
from tests.report_mail import gzipped, mailed, report, zipped

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOGLE = report("google.xml")


def found(raw):
    return read(parse(raw), ["acme.test"], NOW)


def counted(raw):
    """The mails that the reports in a mail count, and no fault."""
    result = found(raw)
    assert result.faults == ()
    return [sum(row.count for row in one.rows) for one in result.reports]


def faults(*files):
    result = found(mailed(*files))
    assert result.reports == ()
    return list(result.faults)


@pytest.mark.parametrize(
    "file",
    [
        ("google.com!acme.test!1795132800!1795219199.xml.gz", gzipped(GOOGLE)),
        ("google.com!acme.test!1795132800!1795219199.zip", zipped(report=GOOGLE)),
        ("report.xml", GOOGLE),
        ("report.bin", zipped(report=GOOGLE)),
        ("wrongly-named.zip", gzipped(GOOGLE)),
        ("with-bytes-behind-it.gz", gzipped(GOOGLE) + b"\r\n\0\0"),
        ("mac.zip", zipped(**{"report": GOOGLE, "__MACOSX/._report": b"\0"})),
    ],
)
def test_a_report_is_found_by_its_bytes_however_it_is_packed_and_called(file):
    assert counted(mailed(file)) == [421]


def test_the_mails_own_body_may_be_the_report():
    packed = b"From: a@b.test\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert counted(packed + gzipped(GOOGLE)) == [421]
    assert counted(mailed(text=GOOGLE.decode())) == [421]


def test_what_lies_beside_a_report_is_no_fault():
    logo = ("logo.bin", b"\x89PNG\r\n\x1a\n" + bytes(100))
    page = ("page.xml", b"<html><body>A report is attached.</body></html>")
    assert counted(mailed(logo, page, ("report.gz", gzipped(GOOGLE)))) == [421]


def test_a_mail_without_a_report_has_none_and_no_fault_but_of_what_looks_like_one():
    assert found(mailed()).faults == ()
    assert faults(("page.xml", b"<html/>")) == ["page.xml: its root is <html>, and not <feedback>"]


def test_several_reports_in_one_mail_are_all_read():
    archive = zipped(one=GOOGLE, two=report("yahoo.xml"))
    assert counted(mailed(("a.zip", archive), ("b.gz", gzipped(report("fastmail.xml"))))) == [421, 31, 4]


def test_a_tls_report_is_found_by_what_it_is():
    raw = mailed(("report.gz", gzipped(report("tls-google.json"))))
    assert [one.kind for one in found(raw).reports] == ["tls"]
    raw = mailed(("report.json", report("tls-microsoft.json")), TLS_Report_Domain="acme.test")
    assert [one.domain for one in found(raw).reports] == ["acme.test"]


def test_a_report_on_what_is_below_a_domain_is_taken_and_on_a_foreign_one_is_not():
    assert [one.domain for one in found(mailed(("a.xml", renamed(b"help.acme.test")))).reports] == ["help.acme.test"]
    assert faults(("a.xml", renamed(b"notacme.test"))) == [
        "a.xml: it is about notacme.test, which is no domain of this stage"
    ]


def renamed(domain):
    return GOOGLE.replace(b"<domain>acme.test</domain>\n    <adkim>", b"<domain>" + domain + b"</domain><adkim>")


def test_one_bad_file_does_not_take_the_others_along():
    result = found(mailed(("bad.gz", gzipped(GOOGLE)[:-30]), ("good.gz", gzipped(GOOGLE))))
    assert len(result.reports) == 1
    assert result.faults == ("bad.gz: damaged gzip: it was cut off",)


def test_bombs_are_refused_before_they_unpack():
    zeros = zlib.compressobj(1, wbits=31)
    piece = bytes(1_000_000)
    bomb = b"".join(zeros.compress(piece) for _ in range(30)) + zeros.flush()
    raw = mailed(*[(f"{n}.gz", bomb) for n in range(2)])
    mail = parse(raw)
    tracemalloc.start()
    result = read(mail, ["acme.test"], NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.faults == tuple(f"{n}.gz: it unpacks to more than {limits.UNPACKED} bytes" for n in range(2))
    assert peak < 50_000_000


def test_a_small_bomb_is_refused_by_its_ratio():
    assert faults(("a.gz", gzipped(b"<feedback>" + b" " * 10_000_000))) == [
        f"a.gz: it unpacks to more than {200 * len(gzipped(b'<feedback>' + b' ' * 10_000_000))} bytes"
    ]
    [fault] = faults(("a.zip", zipped(bomb=b"<feedback>" + b" " * 10_000_000)))
    assert fault.startswith("a.zip: it unpacks to more than 19")


def test_archives_in_archives_are_not_unpacked():
    assert faults(("a.zip", zipped(inner=zipped(report=GOOGLE)))) == ["a.zip: an archive within an archive is not read"]
    assert faults(("a.gz", gzipped(gzipped(GOOGLE)))) == ["a.gz: an archive within an archive is not read"]


def encrypted():
    content = bytearray(zipped(report=GOOGLE))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04" + bytes(100), "damaged zip: File is not a zip file"),
        (encrypted(), "a file in the zip is encrypted, or packed by another method than deflate"),
        (zipped(**{f"r{n}": GOOGLE for n in range(11)}), "a zip of 11 files; 10 at most are read"),
        (gzipped(b"unused"), "neither XML nor JSON is packed in it, but b'unused'"),
        (b"\x1f\x8b" + bytes(100), "damaged gzip: Error -3 while decompressing data: unknown compression method"),
        (b"\x1f\x8b" + bytes(5_000_000), "5000002 bytes are more than the 5000000 that a packed report may have"),
    ],
)
def test_what_cannot_be_unpacked_is_told(content, fault):
    assert faults(("a.zip", content)) == [f"a.zip: {fault}"]


def test_another_method_than_deflate_is_not_unpacked():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("report.xml", GOOGLE)
    assert faults(("a.zip", packed.getvalue())) == [
        "a.zip: a file in the zip is encrypted, or packed by another method than deflate"
    ]


def test_of_many_files_the_first_are_read():
    result = found(mailed(*[(f"{n}.gz", gzipped(GOOGLE)) for n in range(12)]))
    assert len(result.reports) == 10
    assert result.faults == ("12 files; the first 10 were read",)


ARCHIVES = [zipped(report=GOOGLE, other=report("yahoo.xml")), gzip.compress(GOOGLE, mtime=0)]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ARCHIVES), st.integers(0, 2_000), st.integers(0, 8), st.binary(max_size=8))
def test_a_damaged_archive_is_read_or_refused(archive, start, length, written):
    start = start % len(archive)
    result = found(mailed(("a.zip", archive[:start] + written + archive[start + length :])))
    assert result.reports or result.faults or start < 4
