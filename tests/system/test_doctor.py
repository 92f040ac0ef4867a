"""What `mailroom doctor` says of the deployed stage: as it is, with what can go wrong, and of a mail to itself."""

from contextlib import ExitStack

import pytest

from tests.zone import AMAZON, serving

KNOBS = {
    "account": {"sandbox": False, "review": "GRANTED", "enforcement": "HEALTHY", "plan": "ESSENTIALS"},
    "identity": {"name": "acme.test", "verified": True},
}
# What is so on any laptop: SES's rate is a new account's, nobody hears the alarms, nobody reads answers to a sender.
AS_EVER = {"rate", "price-plan", "alarms", "replies"}


@pytest.fixture(scope="session")
def zone(mailroom):
    """The records that the stage wants, in the DNS."""
    with serving(f"{AMAZON}\n{mailroom('dns', '--zone=all')}") as served:
        yield served


@pytest.fixture
def doctor(mailroom, zone, monkeypatch):
    """The worst level of each check's lines: `doctor("--send", status=3)`."""
    monkeypatch.setenv("MAILROOM_DNS", zone.address)

    def run(*options, status):
        told = mailroom("doctor", *options, "--json", status=status)
        levels = {}
        for line in sorted(told["lines"], key=lambda line: ["ok", "warning", "error"].index(line["level"])):
            levels[line["check"]] = line["level"]
            assert bool(line["mend"]) == (line["level"] != "ok"), line
        return levels

    return run


@pytest.fixture
def wrong(outside, knob):
    """Turns knobs, and in the end all of them back."""
    with ExitStack() as in_the_end:
        for name, asked in KNOBS.items():
            in_the_end.callback(knob, name, **asked)
        in_the_end.enter_context(put_back(outside))
        yield knob


def put_back(outside):
    """The active rule set, and the policy of the topic of received mail, as they are now."""
    ses, sns, stack = outside.client("ses"), outside.client("sns"), ExitStack()
    stack.callback(
        ses.set_active_receipt_rule_set, RuleSetName=ses.describe_active_receipt_rule_set()["Metadata"]["Name"]
    )
    [topic] = [one["TopicArn"] for one in sns.list_topics()["Topics"] if "-Received" in one["TopicArn"]]
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    stack.callback(sns.set_topic_attributes, TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    stack.topic = topic
    return stack


@pytest.fixture
def no_dead_letters(outside):
    """Tests before these leave some on purpose."""
    sqs = outside.client("sqs")
    for url in sqs.list_queues(MaxResults=1000)["QueueUrls"]:
        if "DeadLetters" in url:
            sqs.purge_queue(QueueUrl=url)


def of_level(levels, level):
    return {check for check, found in levels.items() if found == level}


def test_a_deployed_stage_is_without_errors(doctor, mailroom, no_dead_letters):
    levels = doctor(status=3)
    assert of_level(levels, "error") == set()
    assert of_level(levels, "warning") - {"version"} == AS_EVER  # a source may have changed since the synthesis
    page = mailroom("doctor", status=3)
    assert page.startswith("Stage local\n\nok       credentials   ")
    assert "on this laptop nothing depends on the DNS" in " ".join(page.split())


def test_what_is_wrong_turns_its_line(doctor, wrong, outside):
    wrong("account", sandbox=True, review="DENIED", enforcement="PROBATION", plan="NONE")
    wrong(
        "identity", name="acme.test", verified=False, status="FAILED", dkim="TEMPORARY_FAILURE", error="HOST_NOT_FOUND"
    )
    wrong("refusals", operation="DescribeActiveReceiptRuleSet", next=["AccessDeniedException"])
    levels = doctor(status=1)
    assert of_level(levels, "error") - AS_EVER == {"identity", "dkim", "mail-from"}
    assert levels["sandbox"] == "warning"
    assert (levels["enforcement"], levels["rule-set"], levels["price-plan"]) == ("warning", "warning", "ok")


def test_what_somebody_has_changed_by_hand_is_found(doctor, wrong, outside):
    outside.client("ses").set_active_receipt_rule_set()
    topic = next(
        one["TopicArn"] for one in outside.client("sns").list_topics()["Topics"] if "-Received" in one["TopicArn"]
    )
    open_to_all = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}]}'
    outside.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=open_to_all)
    assert of_level(doctor(status=1), "error") == {"rule-set", "topics"}


def test_a_record_that_is_gone_is_found(doctor, zone):
    zone.trouble["_dmarc.acme.test"] = "SERVFAIL"
    try:
        assert doctor(status=3)["dns"] == "warning"  # nobody knows
    finally:
        zone.trouble.clear()


def test_a_mail_to_itself_becomes_a_ticket_and_leaves_nothing(doctor, outside, mailroom):
    def all_of_it():
        kept = [item["pk"] for item in outside.items("TicketsTable") if item["pk"] != "COUNTER"]
        return kept, [item["id"] for item in outside.items("MessagesTable")]

    before = all_of_it()
    levels = doctor("--send", status=3)
    probe = {check: level for check, level in levels.items() if check.startswith("probe-")}
    assert probe.pop("probe-dkim") == "warning"  # nothing signs here
    assert probe == dict.fromkeys(
        ("probe-send", "probe-receive", "probe-authentication", "probe-feedback", "probe-erase"), "ok"
    )
    assert [sorted(set(now) - set(then)) for now, then in zip(all_of_it(), before, strict=True)] == [[], []]


def test_a_mail_that_does_not_come_in_is_told(doctor, knob):
    knob("fate", address="support@acme.test", fate="mailbox-full")
    levels = doctor("--send", "--wait", "2", status=1)
    assert (levels["probe-send"], levels["probe-receive"], levels["probe-feedback"]) == ("ok", "error", "error")


def test_production_access_is_asked_for_reviewed_and_granted(mailroom, wrong):
    wrong("account", sandbox=True, review="PENDING", new_identities="PENDING")
    use_case = "Customers of our shop get receipts and codes, as they have asked for when they bought."
    asked = mailroom("sandbox", "request", "--use-case", use_case, "--yes", "--json")
    assert (asked["sent"], asked["production"], asked["review"]) == (True, False, "PENDING")
    assert mailroom("sandbox", "verify", "vera@example.org", "--json")["addresses"] == [
        {"address": "vera@example.org", "verified": False, "asked": True}
    ]
    wrong("identity", name="vera@example.org", verified=True)
    assert mailroom("sandbox", "verify", "vera@example.org", "--json")["addresses"][0]["verified"] is True
    wrong("account", review="GRANTED", new_identities="SUCCESS")
    assert "SES is in production" in mailroom("sandbox", "request", "--status")
