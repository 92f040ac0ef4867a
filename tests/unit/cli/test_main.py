import subprocess
import sys

import pytest
from click.testing import CliRunner

from cli.main import ENTRIES, mailroom

# What a command of a few words should not have to wait for.
HEAVY = """
import sys
from cli.main import main
try:
    main()
finally:
    print(sorted({"boto3", "botocore", "rich", "aws_cdk", "ministack"} & set(sys.modules)))
"""


def imported(*arguments):
    ran = subprocess.run([sys.executable, "-c", HEAVY, *arguments], capture_output=True, text=True, check=False)
    return ran.stdout.splitlines()[-1]


def test_help_imports_nothing_heavy():
    assert imported("--help") == "[]"


def test_parse_imports_no_aws(tmp_path):
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"Subject: x\n\ny\n")
    assert imported("parse", str(mail), "--json") == "[]"


def test_help_lists_every_command_in_its_section_with_one_line_and_examples():
    shown = CliRunner().invoke(mailroom, ["--help"], terminal_width=80).stdout
    for path, entry in ENTRIES.items():
        assert [line for line in shown.splitlines() if line.split("  ")[1:2] == [path] and line.endswith(entry.line)]
    headings = ("The system:", "Mail that goes out:", "Mail that comes in:", "Examples:")
    assert [line.strip() for line in shown.splitlines() if line.strip() in headings] == list(headings)


@pytest.mark.parametrize("path", [path for path in ENTRIES if path != "parse"])
def test_the_line_of_a_command_is_the_first_of_its_own_help(path):
    shown = CliRunner().invoke(mailroom, [*path.split(), "--help"], terminal_width=80)
    assert shown.exit_code == 0
    assert ENTRIES[path].line in shown.stdout.splitlines()[2]


@pytest.mark.parametrize("path", [path for path in ENTRIES if path not in {"up"}])
def test_every_command_that_prints_data_prints_json_too(path):
    assert "--json" in CliRunner().invoke(mailroom, [*path.split(), "--help"]).stdout


@pytest.mark.parametrize("arguments", [["bogus"], ["ticket", "bogus"], ["tickets", "--limit", "0"], ["deliver"]])
def test_a_wrong_call_is_a_usage_error(arguments):
    ran = CliRunner().invoke(mailroom, arguments)
    assert ran.exit_code == 2
    assert not ran.stdout
