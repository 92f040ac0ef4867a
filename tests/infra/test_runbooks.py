"""Every alarm has its page, every page its alarm, and every command in them exists."""

import re
import shlex
from pathlib import Path

import botocore.session
import click
import pytest
from botocore import xform_name

from cli.main import ENTRIES, mailroom
from tests.dashboard import definitions
from tests.infra.conftest import STAGES, without_hash

RUNBOOKS = Path("docs/runbooks")
PAGES = sorted(path.stem for path in RUNBOOKS.glob("*.md") if path.stem != "README")
NAMED = re.compile(r"docs/runbooks/([a-z-]+)\.md")
# Of the AWS CLI itself, and of a command that is made of several operations.
GLOBAL_OPTIONS = {"query", "output", "region", "profile"}
CUSTOM = {("logs", "tail"): {"since", "filter-pattern", "follow"}}
SERVICES = {"s3api": "s3"}


@pytest.fixture
def descriptions(templates):
    """What each alarm of a stage says: `descriptions("local")`."""

    def read(stage):
        raised = definitions.alarms(templates(stage)["Monitoring"])
        return {name: properties["AlarmDescription"] for name, (properties, _) in raised.items()}

    return read


@pytest.mark.parametrize("stage", STAGES)
def test_every_alarm_names_a_page_that_is_there(descriptions, stage):
    for name, description in descriptions(stage).items():
        assert NAMED.findall(description), f"{name} names no runbook"
        assert set(NAMED.findall(description)) <= set(PAGES), f"{name} names a runbook that is not there"
        assert len(description) <= 1024, f"CloudWatch takes 1,024 characters: {name}"  # API reference, PutMetricAlarm


def test_every_page_is_of_an_alarm_and_listed(descriptions):
    named = {page for description in descriptions("local").values() for page in NAMED.findall(description)}
    listed = set(re.findall(r"\]\(([a-z-]+)\.md\)", (RUNBOOKS / "README.md").read_text()))
    assert (sorted(named), sorted(listed)) == (PAGES, PAGES)


def test_every_alarm_is_listed(descriptions, resources):
    text = (RUNBOOKS / "README.md").read_text()
    functions = {without_hash(name).removesuffix("Function") for name in resources("local", "AWS::Lambda::Function")}
    for name in descriptions("local"):
        kind = next((name.removeprefix(found) for found in functions if name.removeprefix(found) in KINDS), "")
        assert f"*Function*`{kind}`" in text if kind else f"`{name}`" in text, f"{name} is not listed"


KINDS = {"Errors", "Throttles", "DeadLetters", "Age"}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_it_means_where_to_look_and_what_to_do(page):
    text = (RUNBOOKS / f"{page}.md").read_text()
    assert re.findall(r"^#+ (.*)", text, re.MULTILINE)[1:] == ["What it means", "Look here", "Do this"]
    for link in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
        assert (RUNBOOKS / link).exists(), f"{link} is not there"


def commands(text):
    """Lines of blocks and `inline code` that begin with a command's name."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)", text)
    return [line for line in (*lines, *inline) if line.split()[0] in {"mailroom", "aws", "make"}]


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_exists_with_its_options(page):
    found = commands((RUNBOOKS / f"{page}.md").read_text())
    assert found, "a page without a command helps nobody"
    for line in found:
        name, *words = shlex.split(line)
        CHECKED[name](words)


def test_every_command_of_a_description_exists(descriptions):
    for description in descriptions("local").values():
        for line in re.findall(r"mailroom( --stage local [a-z ]+[A-Z]*)", description):
            checked_mailroom(shlex.split(line))


@pytest.mark.parametrize(
    "line",
    [
        "mailroom --stage example destroy",
        "mailroom --stage example redrive send --now",
        "aws ses describe-rules",
        "aws sesv2 get-account --all",
        "make everything",
    ],
)
def test_a_command_that_does_not_exist_is_found_out(line):
    name, *words = shlex.split(line)
    with pytest.raises((AssertionError, click.UsageError)):
        CHECKED[name](words)


def checked_mailroom(words):
    assert words[:1] == ["--stage"], "which stage is to be said"
    words = words[2:]
    length = next((size for size in (2, 1) if " ".join(words[:size]) in ENTRIES), 0)
    assert length, f"mailroom has no such command: {words}"
    command = mailroom
    for word in words[:length]:
        command = command.get_command(click.Context(command), word)
    given = ["x" if word.isupper() else word for word in words[length:]]
    command.make_parser(click.Context(command)).parse_args(given)


def checked_aws(words):
    service, operation, *rest = words
    options = {word.removeprefix("--") for word in rest if word.startswith("--")}
    if (service, operation) in CUSTOM:
        assert options <= CUSTOM[service, operation], f"no such options: {words}"
        return
    model = botocore.session.get_session().get_service_model(SERVICES.get(service, service))
    names = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in names, f"no such operation: {words}"
    shape = model.operation_model(names[operation]).input_shape
    members = {xform_name(name, "-"): member for name, member in (shape.members if shape else {}).items()}
    switches = {f"no-{name}" for name, member in members.items() if member.type_name == "boolean"}
    assert options <= members.keys() | switches | GLOBAL_OPTIONS, f"no such options: {words}"


def checked_make(words):
    targets = re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE)
    assert words[0] in targets, f"no such target: {words}"


CHECKED = {"mailroom": checked_mailroom, "aws": checked_aws, "make": checked_make}
