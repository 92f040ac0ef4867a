import csv
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.deployment import CommandFailed
from cli.output import guarded
from cli.recipients_file import COLUMNS, Fault, Looked, Row, look, read, rows, unguarded

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HEADER = "address,scope,reason,since\n"


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "recipients.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def faults(looked):
    return {fault.number: fault.text for fault in looked.faults}


def test_a_file_as_spreadsheets_write_it_with_columns_in_another_order(file):
    path = file(
        b'\xef\xbb\xbfSince,Address,Reason,Scope\r\n2026-11-20,Mia@B\xc3\xbccher.example,"left, for good",ALL\r\n'
    )
    [row] = read(path, NOW)
    assert row == Row(
        number=2,
        address="mia@xn--bcher-kva.example",
        scope="all",
        reason="left, for good",
        since="2026-11-20T00:00:00.000Z",
    )


def test_each_bad_line_is_told_by_its_number_with_what_is_wrong(file):
    lines = [
        "mia@example.org,all,,",
        "nobody,all,,",
        "a@example.org,everything,,",
        "b@example.org,all,,yesterday",
        "c@example.org,all,,2027-01-01",
        "d@example.org,all",
        'e@example.org,all,"two',
        'lines",',
        "",
        "f@example.org,all,\x1b[2J,",
        f"g@example.org,all,{'x' * 5000},",
        "h\udcff@example.org,all,,",
        "ü@example.org,all,,",
        "MIA@example.org ,ALL,again,2026-01-01",
    ]
    looked = look(file((HEADER + "\n".join(lines)).encode(errors="surrogateescape")), NOW)
    assert faults(looked) == {
        3: "'nobody' is no address",
        4: "the scope is 'everything' and not one of all, transactional, marketing",
        5: "'yesterday' is no time such as 2026-11-21 or 2026-11-21T09:30Z",
        6: "'2027-01-01' has not been yet",
        7: "it has 2 columns and not 4",
        8: "the reason is longer than 300 characters, or has some that are not to be seen",
        11: "the reason is longer than 300 characters, or has some that are not to be seen",
        12: "it is longer than 4,000 characters",
        13: "'h\\\\udcff@example.org' is no address",
        14: "'ü@example.org': the part of an address before the @ must be ASCII: SES delivers to no other",
    }
    assert (looked.rows, looked.repeats) == (1, {15: 2})


def test_what_was_never_closed_ends_the_file_and_says_so(file):
    looked = look(file(HEADER + 'a@example.org,all,,\nb@example.org,all,"never closed,\nc@example.org,all,,\n'), NOW)
    assert (looked.rows, faults(looked)) == (1, {3: "this is no CSV: unexpected end of data"})


@pytest.mark.parametrize(
    "content", ["", "mia@example.org,all,,\n", "address,scope\n", 'address,"scope\n', b"\x00" * 9000]
)
def test_a_file_without_the_header_is_none(file, content):
    with pytest.raises(CommandFailed, match="has to name the columns: address,scope,reason,since"):
        look(file(content), NOW)


def test_a_file_that_is_not_there_is_no_crash(tmp_path):
    with pytest.raises(CommandFailed, match="cannot be read: No such file"):
        look(tmp_path / "none.csv", NOW)


def test_no_cell_is_a_formula_for_a_spreadsheet_and_it_comes_back_as_it_was():
    cells = ["=1+1", "+mia@example.org", "-x", "@x", "plain", "'quoted'"]
    assert [guarded(cell) for cell in cells] == ["'=1+1", "'+mia@example.org", "'-x", "'@x", "plain", "'quoted'"]
    assert [unguarded(guarded(cell)) for cell in cells] == cells


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["all", "marketing", "a@b.c", "A@b.c", "2026-01-01", '"', "\r", "\x00", "'=x"]),
)


@given(st.one_of(st.binary(max_size=200), st.lists(st.lists(CELLS, max_size=5).map(",".join)).map("\n".join)))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_a_file_every_line_is_a_row_a_repeat_or_a_fault(file, content):
    text = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    path = file(HEADER.encode() + text)
    looked = look(path, NOW)
    found = list(read(path, NOW))
    numbers = [one.number for one in found]
    assert numbers == sorted(set(numbers))
    assert len(found) == looked.rows + len(looked.repeats) + len(looked.faults)
    assert len(list(rows(path, NOW, looked))) == looked.rows
    for row in (one for one in found if isinstance(one, Row)):
        assert row.address == row.address.lower()
        assert not set(row.reason) & set("\x00\x1b\r\n\u202e")


def test_what_is_written_is_read_again(file, tmp_path):
    out = tmp_path / "out.csv"
    with out.open("w", newline="") as handle:
        csv.writer(handle).writerows(
            [COLUMNS, map(guarded, ("+a@b.example", "all", '=a "b", c', "2026-01-01T00:00:00.000Z"))]
        )
    assert look(out, NOW) == Looked(rows=1)
    [row] = read(out, NOW)
    assert not isinstance(row, Fault)
    assert (row.address, row.reason) == ("+a@b.example", '=a "b", c')
