import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from cli import output

HOSTILE = {
    "an escape sequence": ("\x1b[31mred", "\\x1b[31mred"),
    "a title, ended by a bell": ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
    "an eight-bit CSI": ("\x9b31m", "\\x9b31m"),
    "a backspace": ("a\x08b", "a\\x08b"),
    "a direction override": ("\u202egpj.exe", "\\u202egpj.exe"),
    "an isolate": ("\u2066x\u2069", "\\u2066x\\u2069"),
    "a lone surrogate": ("\ud800", "\\ud800"),
    "a private character": ("\ue000", "\\ue000"),
    "a tag beyond the first plane": ("\U000e0041", "\\U000e0041"),
    "invisible break hints": ("a\u200bb\ufeffc\u00add", "abcd"),
    "rich's markup": ("[bold]x[/bold] [link=http://x]y[/]", "[bold]x[/bold] [link=http://x]y[/]"),
    "an emoji's name": (":smile:", ":smile:"),
    "letters of many scripts": ("Grüße, 日本語, עברית", "Grüße, 日本語, עברית"),
    "joiners, which are part of scripts": ("क्\u200dष 👩\u200d🚀", "क्\u200dष 👩\u200d🚀"),
}


@pytest.mark.parametrize(("value", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_what_would_drive_a_terminal_is_spelled_out_and_the_rest_is_kept(value, shown):
    assert output.line(value) == shown


def test_a_value_of_one_line_stays_on_one_line():
    assert output.line(" Hello\r\n\tWorld\u2028again\x0b! ") == "Hello World again !"


def test_a_long_value_of_one_line_is_cut():
    assert output.line("x" * 301) == "x" * 299 + "…"
    assert output.line("x" * 300) == "x" * 300


def test_a_text_keeps_its_own_lines():
    assert output.paragraphs("one\r\ntwo\rthree\u2028four\n\nsix\t.") == "one\ntwo\nthree\nfour\n\nsix ."


@given(st.text())
def test_no_text_gets_a_control_character_to_the_terminal(text):
    for shown in (output.line(text), output.paragraphs(text).replace("\n", "")):
        assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Co", "Zl", "Zp"}]
        assert not [c for c in shown if unicodedata.category(c) == "Cf" and c not in "\u200c\u200d"]


@given(st.text(), st.integers(20, 120))
def test_no_cell_drives_the_terminal_or_is_wider_than_it(text, width):
    screen = output.console(width=width, force_terminal=True, color_system=None)
    with screen.capture() as capture:
        screen.print(output.table(("a", "b"), [(output.line(text), "x" * 200)]), markup=False, highlight=False)
    rows = capture.get().split("\n")
    assert not [character for row in rows for character in row if unicodedata.category(character) == "Cc"]
    assert max(map(cell_len, rows)) <= width


def test_markup_in_a_printed_string_is_not_interpreted(capsys):
    output.show("[bold]x[/bold] :smile: 'quoted' 12", output.cell("[red]y[/red]"))
    assert capsys.readouterr().out == "[bold]x[/bold] :smile: 'quoted' 12\n[red]y[/red]\n"


def test_no_colour_leaves_for_what_is_no_terminal(capsys):
    output.show(output.table(("status",), [("bounced",)]))
    assert "\x1b" not in capsys.readouterr().out


def test_a_state_has_its_colour_in_a_terminal():
    screen = output.console(force_terminal=True, color_system="standard", no_color=False)
    with screen.capture() as capture:
        screen.print(output.cell("bounced"))
    assert capture.get() == "\x1b[31mbounced\x1b[0m\n"


def test_json_is_ascii_so_that_it_cannot_drive_a_terminal_either(capsys):
    output.print_json({"subject": "\x1b[2J \x9b Grüße"})
    printed = capsys.readouterr().out
    assert printed == '{\n  "subject": "\\u001b[2J \\u009b Gr\\u00fc\\u00dfe"\n}\n'
    assert json.loads(printed) == {"subject": "\x1b[2J \x9b Grüße"}


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-11-21T20:04:31.123Z", "2026-11-21 20:04:31"),
        ("2026-11-21T20:04:31+02:00", "2026-11-21 18:04:31"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("soon \x1b[2J", "soon \\x1b[2J"),
        ("", ""),
        (None, ""),
    ],
)
def test_times_are_shown_in_utc_and_what_is_no_time_as_it_is(at, shown):
    assert output.moment(at) == shown


def test_a_person_without_a_name_is_an_address():
    assert output.person("", "mia@example.org") == "mia@example.org"
    assert output.person("Mia", "mia@example.org") == "Mia <mia@example.org>"
