import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.parse import parse_command

MAILS = Path(__file__).parents[2] / "mail"


def run(*arguments, **options):
    return CliRunner().invoke(parse_command, arguments, **options)


def test_json_is_one_object_a_line_in_the_order_of_the_files():
    files = [str(MAILS / "postfix-dsn.eml"), str(MAILS / "gmail-new-question.eml")]
    result = run(*files, "--json")
    dsn, question = map(json.loads, result.output.splitlines())
    assert result.exit_code == 0
    assert [dsn["file"], question["file"]] == files
    assert dsn["kind"] == "bounce"
    assert dsn["bounces"][0]["recipient"] == "gone@example.org"
    assert question["from"] == "mia@example.org"
    assert question["error"] is None


def test_an_unreadable_mail_is_an_answer():
    result = run(str(MAILS / "truncated-unreadable.eml"), "--json")
    assert result.exit_code == 0
    assert json.loads(result.output)["error"].startswith("nothing but trace fields")


def test_a_file_that_cannot_be_opened_is_named_and_the_others_are_read():
    result = run("no-such-file.eml", str(MAILS / "postfix-dsn.eml"), "--json")
    missing, dsn = map(json.loads, result.output.splitlines())
    assert result.exit_code == 1
    assert missing == {"file": "no-such-file.eml", "error": "cannot be opened: No such file or directory"}
    assert dsn["kind"] == "bounce"


def test_a_dash_is_standard_input():
    result = run("-", "--json", input=(MAILS / "qmail-bounce.eml").read_bytes())
    assert json.loads(result.output)["kind"] == "bounce"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("outlook-pdf-attachment", "Rechnung März 2026.pdf (application/pdf, 125 bytes)"),
        ("postfix-dsn", "gone@example.org 5.1.1"),
        ("truncated-unreadable", "nothing but trace fields"),
        ("iphone-reply-with-quote", "they can’t find the parcel"),
    ],
)
def test_a_person_sees_a_summary(name, shown):
    assert shown in run(str(MAILS / f"{name}.eml")).output


def test_no_escape_of_a_mail_reaches_the_terminal():
    result = run("-", input=b"From: =?utf-8?Q?=1B[2J?= <a@example.org>\nSubject: \xe2\x80\xae\n\n\x1b]0;owned\x07hi")
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output


def test_it_starts_without_the_sdk():
    loaded = "import sys, cli.parse; print([name for name in ('boto3', 'botocore', 'rich') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "[]\n"
