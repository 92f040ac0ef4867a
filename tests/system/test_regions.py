"""A stage in two regions: requests come to both, one sends, a region is lost and comes back; no mail is lost, or sent
twice."""

import json
from dataclasses import replace
from functools import partial

import aws_cdk as cdk
import pytest
from click.testing import CliRunner

from app import mailroom as stacks
from cli import deployment
from cli.main import mailroom as command
from infra.bundle import bundle
from infra.settings import Settings
from lambdas.shared.messages import message_id
from local import deploy
from local.outside import Outside, until
from local.server import running
from local.storm import turn
from tests.infra.conftest import CONTEXT

FIRST, STANDBY = "us-east-1", "eu-central-1"
STAGE = {
    "account": "000000000000",
    "region": FIRST,
    "standby": {"region": STANDBY},
    "domain": "acme.test",
    "sender": "Acme <hello@acme.test>",
    "mailboxes": [{"name": "Support", "address": "support@acme.test", "acknowledgement": False}],
}
MAIL = b"From: Zoe <zoe@example.org>\r\nTo: support@acme.test\r\nSubject: Where is my order?\r\n\r\nPlease tell me.\r\n"
NOTICE = {"template": "notice", "data": {"title": "Your parcel", "text": "It left this morning."}}
SENT_BY = {"email.amazonses.com": FIRST, f"{STANDBY}.amazonses.com": STANDBY}  # the end of SES's Message-ID


@pytest.fixture(scope="session")
def twin(tmp_path_factory):
    """The folder of the assembly, and the working folder of commands, beside a cdk.json that names the stage."""
    made = tmp_path_factory.mktemp("twin")
    app = cdk.App(context=CONTEXT, outdir=str(made / "assembly"))
    stacks(app, Settings.read("twin", STAGE), bundle("host"))
    app.synth()
    (made / "cdk.json").write_text(json.dumps({"context": {"stages": {"twin": STAGE}}}))
    return made


@pytest.fixture(scope="session")
def up(twin):
    with running(twin / ".mailroom") as aws:
        log = aws.log.with_name("deploy.log")
        both = [f"aws://{aws.account}/{region}" for region in (FIRST, STANDBY)]
        deploy.cdk(aws.environment(), log, twin / ".mailroom", "bootstrap", *both)
        options = ["--all", "--method", "direct", "--require-approval", "never", "--concurrency", "4"]
        deploy.cdk(aws.environment(), log, deploy.ROOT, "deploy", *options, "--app", str(twin / "assembly"))
        yield aws


@pytest.fixture(scope="session")
def first(up):
    return Outside(up, "twin")


@pytest.fixture(scope="session")
def standby(up):
    return Outside(replace(up, region=STANDBY), "twin")


@pytest.fixture
def mailroom(twin, up, monkeypatch):
    """The command, as read from the folder of the stage: its exit status, and what it printed, as JSON if asked for."""
    monkeypatch.chdir(twin)
    monkeypatch.setattr(deployment, "ROOT", twin)

    def run(*arguments):
        done = CliRunner().invoke(command, ["--stage", "twin", *arguments])
        assert isinstance(done.exception, SystemExit | None), done.exception
        return done.exit_code, json.loads(done.stdout) if "--json" in arguments else done.output

    return run


@pytest.fixture
def lost(up):
    """Takes the first region down, or up again, which it is at the end whatever happens: `lost(down=True)`."""
    yield partial(turn, up, "region")
    turn(up, "region", down=False)


def senders(outside, address, number=1):
    """The regions that mails to the address were sent from, once there are so many."""
    found = until(lambda: outside.mail_to(address)[number - 1 :] and outside.mail_to(address), f"mail to {address}")
    return [SENT_BY[str(sent.mail["Message-ID"]).rpartition("@")[2].rstrip(">")] for sent in found]


def ask(outside, name):
    outside.put("SendMail", {"to": f"{name}@example.org", "idempotency_key": name, **NOTICE})


def test_the_standby_can_send_and_a_plan_says_so(mailroom, first, standby):
    status, told = mailroom("failover", "plan", "--json")
    assert (told["sends"], told["to"]) == (FIRST, STANDBY)
    errors = [line for line in told["lines"] if line["level"] == "error"]
    assert errors == []
    assert status in (0, 3)
    said = {line["check"]: line["said"] for line in told["lines"]}
    assert said["tables"] == "messages, recipients and tokens are copied between both regions"
    assert said["token-key"] == "the key of links is a copy of the first region's"
    assert said["version"].startswith("all stacks are deployed from this version")


def test_what_comes_to_the_region_that_does_not_send_is_sent_by_the_other(first, standby):
    ask(first, "mia")
    ask(standby, "nora")
    assert senders(first, "mia@example.org") == [FIRST]
    assert senders(first, "nora@example.org") == [FIRST]


def test_a_plan_says_what_is_wrong_there(mailroom, up):
    turn(up, "account", region=STANDBY, sandbox=True)
    turn(up, "identity", region=STANDBY, name="acme.test", verified=False)
    status, told = mailroom("failover", "plan", "--json")
    wrong = {line["check"]: line["level"] for line in told["lines"] if line["level"] != "ok"}
    assert (status, told["worst"]) == (1, "error")
    assert {"sandbox", "identity"} <= wrong.keys()
    stopped, said = mailroom("failover", "switch")
    assert (stopped, "Nothing was changed" in said) == (1, True)
    turn(up, "account", region=STANDBY, sandbox=False)
    turn(up, "identity", region=STANDBY, name="acme.test", verified=True)


def test_a_region_is_lost_and_comes_back_and_each_mail_goes_out_once(mailroom, up, first, standby, lost):
    ask(first, "sent-before")
    assert senders(first, "sent-before@example.org") == [FIRST]
    until(lambda: state(standby, "sent-before") == "sent", "the claim in the standby")
    turn(up, "chaos", seed=1, throttle=1.0)  # of the first region's SES: what is asked for waits in the queue
    ask(first, "asked-twice")
    ask(first, "asked-once")
    for name in ("asked-twice", "asked-once"):
        until(lambda name=name: state(first, name) == "throttled", f"{name} to wait")
    lost(down=True)
    turn(up, "chaos")

    status, said = mailroom("failover", "switch", "--json")
    assert (status, said["switched"], said["heard"], said["to"]) == (0, True, False, STANDBY)
    ask(standby, "sent-before")  # an application that had no answer asks again
    ask(standby, "asked-twice")
    ask(standby, "new")
    assert senders(standby, "new@example.org") == [STANDBY]
    assert senders(standby, "asked-twice@example.org") == [STANDBY]
    assert standby.mail_to("asked-once@example.org") == []

    lost(down=False)
    assert senders(first, "asked-once@example.org") == [STANDBY]  # handed on by the region that was down
    until(lambda: first.waiting("SendQueue") == standby.waiting("SendQueue") == 0, "both queues to be empty")
    for name, region in {"sent-before": FIRST, "asked-twice": STANDBY, "asked-once": STANDBY, "new": STANDBY}.items():
        assert senders(first, f"{name}@example.org") == [region]


def test_links_and_suppressions_are_known_in_both(mailroom, first, standby):
    first.put("UserSignedUp", {"email": "ada@example.org", "request_id": "ada", "name": "Ada"})
    [sent] = until(lambda: first.mail_to("ada@example.org"), "the link")
    link = next(word for word in sent.text.split() if "/verify/" in word)
    there = first.outputs["PagesUrl"] + link[link.index("/verify/") :]
    assert first.browse(there, "POST").status == 200
    first.table("RecipientsTable").put_item(
        Item={
            "address": "gone@example.org",
            "suppressed#all": {
                "reason": "bounce",
                "message_id": "",
                "evidence": "",
                "at": "2026-11-21T10:00:00Z",
                "by": "operator",
            },
        }
    )
    ask(standby, "gone")
    until(lambda: state(standby, "gone") == "suppressed", "no mail to who is suppressed")


def test_the_first_region_sends_again(mailroom, first, standby):
    status, said = mailroom("failover", "switch", "--back", "--json")
    assert (status, said["switched"], said["heard"], said["to"]) == (0, True, True, FIRST)
    ask(standby, "back")
    assert senders(first, "back@example.org") == [FIRST]
    status, said = mailroom("failover", "plan", "--json")
    assert said["sends"] == FIRST


def test_mail_that_comes_while_the_first_region_is_lost_is_a_ticket_once_it_is_back(first, standby, lost):
    def raw(outside):
        found = outside.client("s3").list_objects_v2(Bucket=outside.outputs["MailBucket"], Prefix="raw/")
        return {item["Key"] for item in found.get("Contents", []) if "SETUP" not in item["Key"]}

    lost(down=True)
    first.deliver(MAIL, sender="zoe@example.org", recipients=["support@acme.test"])
    [kept] = raw(standby)
    lost(down=False)
    [opened] = until(lambda: first.heard("TicketOpened"), "the ticket")
    assert opened["subject"] == "Where is my order?"
    assert raw(first) == {kept}


def test_other_commands_work_in_the_standby_too(mailroom, standby):
    status, told = mailroom("--standby", "status", "--json")
    assert (status, told["region"]) == (0, STANDBY)
    assert {stack["name"] for stack in told["stacks"]} == {
        *("Feedback", "Identity", "Inbound", "Monitoring", "Outbound", "Storage")
    }


def state(outside, name):
    return outside.table("MessagesTable").get_item(Key={"id": message_id(name)}).get("Item", {}).get("state")
