"""The commands about Jira, Zendesk and webhooks, on moto; the function `connect` is told what to answer."""

import io
import json
import re
from dataclasses import dataclass, field, replace

import boto3
import pytest
from click.testing import CliRunner

from cli import connect_set
from cli import deployment as module
from cli.deployment import Stack
from cli.main import mailroom
from lambdas.connect.health import Health
from lambdas.connect.standing import Standing
from lambdas.shared.tickets.links import Links
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.timestamps import iso, now
from tests.integration.records import drain, queue
from tests.ticket_values import DELIVERY, MESSAGE, TICKET

WHSEC = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@dataclass
class Lambda:
    """The service, as far as it is asked here."""

    variables: dict
    answer: dict = field(default_factory=lambda: {"wrong": []})
    error: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    def get_function_configuration(self, **named):
        assert named == {"FunctionName": "connect-function"}
        return {"Environment": {"Variables": self.variables}}

    def invoke(self, **given):
        assert given.pop("FunctionName") == "connect-function"
        self.asked.append(json.loads(given.pop("Payload")))
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **self.error}


@dataclass
class Session:
    """boto3's, with that Lambda."""

    functions: Lambda
    region_name: str = "us-east-1"

    def client(self, service, **options):
        return self.functions if service == "lambda" else boto3.client(service)

    def resource(self, service, **options):
        return boto3.resource(service)


@pytest.fixture
def functions(account, monkeypatch):
    """Three destinations, two of them of the support mailbox; no secret is set. Gives the Lambda."""
    secrets = boto3.client("secretsmanager")
    arns = [secrets.create_secret(Name=name)["ARN"] for name in ("jira", "zendesk", "hook")]
    support, billing = ["support@acme.test"], ["billing@acme.test"]
    given = [
        {"name": "jira", "kind": "jira", "mailboxes": support, "site": "acme", "project": "SUP", "issue_type": "Task"},
        {"name": "zendesk", "kind": "zendesk", "mailboxes": billing, "subdomain": "acme"},
        {"name": "hook", "kind": "webhook", "mailboxes": support, "url": "https://hooks.acme.test/secret-path"},
    ]
    listed = [each | {"secret_arn": arn} for each, arn in zip(given, arns, strict=True)]
    functions = Lambda({"DESTINATIONS": json.dumps(listed)})
    outputs = {
        "ConnectFunction": "connect-function",
        "ConnectQueue": queue("connect"),
        "ConnectDeadLetters": queue("connect-dead"),
        "PagesUrl": "https://pages.example",
    }
    stack = Stack(name="Connect", status="CREATE_COMPLETE", at="2026-11-21T10:00:00.000Z", outputs=outputs)
    found = replace(account, session=Session(functions), stacks=(*account.stacks, stack))
    monkeypatch.setattr(module, "find", lambda stage: found)
    return functions


@pytest.fixture
def standing(functions):
    return Standing(boto3.resource("dynamodb").Table("tickets"))


@pytest.fixture
def store(functions):
    """The table, with the support mailbox's ticket 7 in it."""
    tickets = Tickets(boto3.resource("dynamodb").Table("tickets"))
    tickets.open(replace(TICKET, number=7), MESSAGE, replace(DELIVERY, ses_id=MESSAGE.id, ticket=7))
    return tickets


def kept(name):
    return json.loads(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])


def given(*arguments, stdin):
    """Runs the command with this on standard input."""
    return CliRunner().invoke(mailroom, [*arguments], input=stdin, env={"COLUMNS": "200"})


def test_an_account_is_set_from_standard_input_and_never_shown(functions, run):
    secret = {"token": "ATATT-secret", "webhook_secret": "hook-secret"}
    ran = given("connect", "set", "jira", "--email", "m@acme.test", stdin=json.dumps(secret) + "\n")
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert "https://pages.example/hooks/jira" in ran.stdout
    assert "secret" not in ran.stdout.replace("hook-secret", "SECRET")
    assert kept("jira") == {"email": "m@acme.test"} | secret
    # Later the token alone: the rest stays. An empty webhook secret takes it away.
    given("connect", "set", "jira", stdin='{"token": "ATATT-next"}')
    assert kept("jira") == {"email": "m@acme.test", "token": "ATATT-next", "webhook_secret": "hook-secret"}
    ran = given("connect", "set", "jira", "--json", stdin='{"webhook_secret": ""}')
    assert json.loads(ran.stdout) == {"name": "jira", "email": "m@acme.test", "webhook_secret": False}
    assert kept("jira")["webhook_secret"] == ""


def test_in_a_terminal_the_secrets_are_asked_for_without_an_echo(functions, monkeypatch):
    monkeypatch.setattr(connect_set, "at_terminal", lambda: True)
    ran = given("connect", "set", "zendesk", stdin="m@acme.test\nsecret-token\n\n")
    assert ran.exit_code == 0
    assert "secret-token" not in ran.output
    assert "API token of Zendesk (not shown):" in ran.stderr
    assert kept("zendesk") == {"email": "m@acme.test", "token": "secret-token", "webhook_secret": ""}
    ran = given("connect", "set", "zendesk", stdin="\n\nhook-secret\n")
    assert "API token of Zendesk (not shown; Enter keeps the one that is set):" in ran.stderr
    assert kept("zendesk") == {"email": "m@acme.test", "token": "secret-token", "webhook_secret": "hook-secret"}


@pytest.mark.parametrize(
    ("stdin", "email", "said"),
    [
        ("", "m@acme.test", "Standard input must be JSON"),
        ('["token"]', "m@acme.test", "Standard input must be JSON"),
        ('{"token": 7}', "m@acme.test", "Standard input must be JSON"),
        ('{"tokn": "x"}', "m@acme.test", "Standard input must be JSON"),
        ('{"webhook_secret": "x"}', "m@acme.test", "jira has no token yet"),
        ('{"token": "two words"}', "m@acme.test", "This is no token."),
        ('{"token": "a\\u0000b"}', "m@acme.test", "This is no token."),
        ('{"token": "x"}', "acme.test", "This is no email."),
    ],
)
def test_what_cannot_be_signed_in_with_is_refused_and_not_repeated(functions, stdin, email, said):
    ran = given("connect", "set", "jira", "--email", email, stdin=stdin)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert said in ran.stderr
    assert "two words" not in ran.stderr
    with pytest.raises(boto3.client("secretsmanager").exceptions.ResourceNotFoundException):
        kept("jira")


def test_a_webhooks_secret_is_made_once_and_rotated_in_two_steps(functions, run):
    assert "has no secret yet: `mailroom connect set hook`" in run("connect", "rotate", "hook", status=1)
    first = run("connect", "set", "hook", "--json")["secret"]
    assert WHSEC.fullmatch(first)
    assert "`mailroom connect rotate hook` changes it" in run("connect", "set", "hook", status=1)
    assert kept("hook") == {"secrets": [first]}

    rotated = run("connect", "rotate", "hook", "--json")
    second = rotated["secret"]
    assert rotated == {"name": "hook", "made": True, "secret": second}
    assert kept("hook") == {"secrets": [second, first]}
    assert run("connect", "rotate", "hook", columns=200)[-1] == second  # interrupted, it is shown again
    assert kept("hook") == {"secrets": [second, first]}
    assert run("connect", "rotate", "hook", "--finish") == ["The old secret of hook is taken away."]
    assert kept("hook") == {"secrets": [second]}
    assert run("connect", "rotate", "hook", "--finish", "--json") == {"name": "hook", "finished": False}
    assert "make another, `mailroom connect set jira`" in run("connect", "rotate", "jira", status=1)


def test_the_function_itself_says_what_is_wrong(functions, run):
    assert run("connect", "test", "jira") == ["jira is ready: acme.atlassian.net, project SUP."]
    assert run("connect", "test", "hook") == ["hook is ready: hooks.acme.test."]
    functions.answer = {"wrong": ["the project SUP has no issue type 'Task'", "the field x\x1b[31m is missing"]}
    assert run("connect", "test", "jira", status=1) == [
        "the project SUP has no issue type 'Task'",
        "the field x\\x1b[31m is missing",
    ]
    assert run("connect", "test", "jira", "--json", status=1)["wrong"] == [
        "the project SUP has no issue type 'Task'",
        "the field x\\x1b[31m is missing",
    ]
    assert functions.asked == [{"check": name} for name in ("jira", "hook", "jira", "jira")]
    functions.answer, functions.error = {"errorMessage": "Task timed out"}, {"FunctionError": "Unhandled"}
    assert "The function `connect` failed: Task timed out." in run("connect", "test", "jira", status=1)


def test_status_tells_of_each_destination_and_of_the_queue(functions, run, standing):
    given("connect", "set", "zendesk", "--email", "m@acme.test", stdin='{"token": "secret-token"}')
    standing.wait("zendesk", now(), 3600)
    failing = Health(failures=3, failing_since="2026-11-21T10:00:00.000Z", reason="hooks.acme.test took too long")
    standing.change_health("hook", Health(), lambda _: failing)
    boto3.client("sqs").send_message(QueueUrl=queue("connect"), MessageBody="{}")
    run("connect", "pause", "jira", "--reason", "the token \x1b[31mexpired")

    shown = "\n".join(run("connect", "status", columns=200))
    for part in (
        "jira: Jira\n",
        "goes to           acme.atlassian.net, project SUP",
        "secret            empty: `mailroom connect set jira`",
        "its webhooks call https://pages.example/hooks/jira",
        "the token \\x1b[31mexpired",
        "set, without a webhook secret",
        "waits             until ",
        "goes to    hooks.acme.test\n",
        "failures   3 in a row, since 2026-11-21 10:00:00 UTC, last: hooks.acme.test took too long",
        "The queue connect, for all of them: 1 waiting, 0 in flight, 0 delayed, 0 dead",
    ):
        assert part.replace(" ", "") in shown.replace(" ", "")
    assert "secret-token" not in shown
    assert "secret-path" not in shown

    found = run("connect", "status", "--json")
    assert found["queue"]["waiting"] == 1
    jira, zendesk, hook = found["destinations"]
    assert jira["health"]["paused_at"]
    assert (zendesk["mailboxes"], zendesk["secret"]) == (["billing@acme.test"], "set, without a webhook secret")
    assert (hook["where"], hook["hook"], hook["health"]["failures"]) == ("hooks.acme.test", "", 3)


def test_what_is_paused_goes_on_when_it_is_resumed(functions, run, standing):
    assert run("connect", "resume", "hook") == ["hook is not paused."]
    assert run("connect", "pause", "hook", "--json") == {"name": "hook", "paused": True}
    assert standing.state("hook").health.reason == "by `mailroom connect pause`"
    assert "paused already, since" in "".join(run("connect", "pause", "hook", columns=200))
    standing.wait("hook", now(), 3600)
    said = run("connect", "resume", "hook", columns=200)
    assert said[0] == "hook goes on: what waits is tried within 15 minutes."
    assert said[1].startswith("It is left alone until")
    assert standing.state("hook").health == Health()
    assert standing.state("hook").wait_until > iso(now())


def test_a_resync_lets_all_be_tried_again_and_reads_what_is_new_there_first(functions, run, store):
    links = Links(boto3.resource("dynamodb").Table("tickets"))
    link = links.take(7, "jira", "me", iso(now()), iso(now()))
    link = links.opened(link, remote="10001", key="SUP-12", url="https://acme.atlassian.net/browse/SUP-12")
    link = links.refuse(links.write(link, gone="the issue was deleted", failures=4, finished=True), "m1", iso(now()))
    links.release(links.commented(link, "m0", "500"))
    shown = run("ticket", "show", 7, columns=200)
    [told] = [" ".join(line.split()) for line in shown if line.startswith("elsewhere")]
    assert told == (
        "elsewhere jira SUP-12 https://acme.atlassian.net/browse/SUP-12 (gone: the issue was deleted; 1 refused; "
        "failed 4 times in a row, and is tried again)"
    )

    assert run("connect", "resync", 7, "--json") == {
        "ticket": 7,
        "destinations": [
            {"name": "jira", "key": "SUP-12", "was_gone": "the issue was deleted", "were_refused": 1, "paused": ""}
        ],
    }
    pull, sync = drain("connect")
    assert (pull["detail-type"], pull["detail"]) == ("PullTicket", {"destination": "jira", "remote": "10001"})
    assert (sync["detail-type"], sync["detail"]) == ("SyncTicket", {"ticket": 7, "destination": "jira"})
    [link] = store.links(7)
    assert (link.gone, link.refused, link.failures, link.finished) == ("", {}, 0, False)
    assert (link.remote, link.done) == ("10001", {"m0": "500"})
    assert run("ticket", "show", 7, "--json")["elsewhere"] == [
        {
            "destination": "jira",
            "key": "SUP-12",
            "url": "https://acme.atlassian.net/browse/SUP-12",
            "gone": "",
            "failures": 0,
            "refused": 0,
        }
    ]


def test_what_was_deleted_for_good_is_made_anew_only_if_it_is_gone(functions, run, store):
    links = Links(boto3.resource("dynamodb").Table("tickets"))
    link = links.take(7, "jira", "me", iso(now()), iso(now()))
    link = links.commented(links.opened(link, remote="10001", key="SUP-12", url="https://…"), "m0", "500")
    links.release(link)
    assert "--anew is for what was deleted there" in run("connect", "resync", 7, "--anew", status=1)
    links.release(links.write(links.take(7, "jira", "me", iso(now()), iso(now())), gone="the issue was deleted"))
    run("connect", "pause", "jira")
    assert "waits, because it is paused" in "".join(run("connect", "resync", 7, "--anew", columns=200))
    assert [command["detail-type"] for command in drain("connect")] == ["SyncTicket"]
    [link] = store.links(7)
    assert (link.gone, link.remote, link.key, link.opening, link.done) == ("", "", "", "", {})
    assert links.ticket_of("jira", "10001") is None


def test_a_ticket_that_is_being_worked_on_is_not_meddled_with(functions, run, store, monkeypatch):
    monkeypatch.setattr("cli.wait.SECONDS", 0)
    links = Links(boto3.resource("dynamodb").Table("tickets"))
    links.take(7, "jira", "the function", iso(now()), "9999-01-01T00:00:00.000Z")
    assert "is being worked on for jira" in run("connect", "resync", 7, status=1)
    assert drain("connect") == []


def test_a_ticket_that_is_brought_nowhere_and_one_that_is_not_there(functions, run, store):
    other = replace(TICKET, number=8, mailbox="sales@acme.test", token="t8", team_token="tt8")
    message = replace(MESSAGE, id="m8", message_id="m8@example.org")
    store.open(other, message, replace(DELIVERY, ses_id="m8", ticket=8))
    assert "feeds no Jira and no Zendesk" in run("connect", "resync", 8, status=1)
    assert "There is no ticket 9" in run("connect", "resync", 9, status=1)


@pytest.mark.parametrize("command", [["set"], ["rotate"], ["test"], ["pause"], ["resume"]])
def test_an_unknown_name_is_told_the_known_ones(functions, run, command):
    said = run("connect", *command, "hok", status=1)
    assert said == "Error: There is no destination hok; there are hook, jira, zendesk.\n"


@pytest.mark.parametrize("command", [["set", "jira"], ["status"], ["test", "jira"]])
def test_a_stage_without_destinations_is_told_how_to_have_some(account, run, command):
    assert run("connect", *command, status=1) == (
        "Error: Stage example brings its tickets nowhere: name `destinations` in cdk.json and deploy it "
        "(docs/connectors.md).\n"
    )
