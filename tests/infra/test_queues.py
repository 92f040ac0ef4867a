import json
import re

import pytest

from tests.infra.conftest import named, without_hash

QUEUED = ["Account", "Connect", "Counts", "Feedback", "Guard", "Inbound", "Send", "Suppression", "Tickets", "Tokens"]
FUNCTIONS = sorted(["Activation", "Api", "Cognito", "Helpdesk", "Hooks", "Pages", "Smtp", *QUEUED])


@pytest.fixture
def local(resources):
    """The resources of a type in the local stage by their ids without hashes."""

    def select(kind):
        return {without_hash(logical_id): item["Properties"] for logical_id, item in resources("local", kind).items()}

    return select


def test_every_queue_has_its_dead_letters_after_five_tries(local):
    queues = local("AWS::SQS::Queue")
    assert sorted(queues) == sorted(f"{name}{kind}" for name in QUEUED for kind in ("Queue", "DeadLetters"))
    for name in QUEUED:
        redrive = queues[f"{name}Queue"]["RedrivePolicy"]
        assert (named(redrive["deadLetterTargetArn"]), redrive["maxReceiveCount"]) == (f"<{name}DeadLetters.Arn>", 5)
        assert queues[f"{name}DeadLetters"]["MessageRetentionPeriod"] == 14 * 24 * 60 * 60


def test_every_queue_is_encrypted_where_it_lies(local):
    assert {queue["SqsManagedSseEnabled"] for queue in local("AWS::SQS::Queue").values()} == {True}


@pytest.mark.parametrize("name", QUEUED)
def test_a_message_stays_hidden_for_six_times_what_its_function_may_take(local, name):
    visibility = local("AWS::SQS::Queue")[f"{name}Queue"]["VisibilityTimeout"]
    assert visibility >= 6 * local("AWS::Lambda::Function")[f"{name}Function"]["Timeout"]


@pytest.mark.parametrize(
    ("name", "concurrency"),
    [
        *(("Tokens", 10), ("Send", 5), ("Inbound", 10), ("Feedback", 10), ("Counts", 2), ("Tickets", 10)),
        *(("Connect", 10), ("Account", 10), ("Guard", 2), ("Suppression", 2)),
    ],
)
def test_a_queue_feeds_its_function_with_partial_failures_and_a_limit(local, name, concurrency):
    source = local("AWS::Lambda::EventSourceMapping")[f"{name}Source"]
    assert named(source["EventSourceArn"]) == f"<{name}Queue.Arn>"
    assert named(source["FunctionName"]) == f"<{name}Function>"
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["ScalingConfig"] == {"MaximumConcurrency": concurrency}


@pytest.mark.parametrize("name", QUEUED)
def test_a_queued_function_knows_its_queue_and_its_dead_letters(local, name):
    environment = local("AWS::Lambda::Function")[f"{name}Function"]["Environment"]["Variables"]
    assert named(environment["QUEUE_URL"]) == f"<{name}Queue>"
    assert named(environment["DEAD_LETTERS_URL"]) == f"<{name}DeadLetters>"
    assert environment["MAX_RECEIVES"] == "5"


def test_every_function_runs_on_arm_with_a_log_of_its_own_that_ends_after_a_month(local):
    functions, logs = local("AWS::Lambda::Function"), local("AWS::Logs::LogGroup")
    assert sorted(functions) == [f"{name}Function" for name in FUNCTIONS]
    for name in FUNCTIONS:
        function = functions[f"{name}Function"]
        assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
        assert function["LoggingConfig"]["LogFormat"] == "JSON"
        assert function["LoggingConfig"]["SystemLogLevel"] == "WARN"
        assert "ApplicationLogLevel" not in function["LoggingConfig"]  # INFO: metric filters read what we log
        assert named(function["LoggingConfig"]["LogGroup"]) == f"<{name}Log>"
        assert logs[f"{name}Log"]["RetentionInDays"] == 30


def test_what_waits_in_its_own_queue_is_not_taken_for_a_runaway_loop(local):
    allowed = {name: function.get("RecursiveLoop") for name, function in local("AWS::Lambda::Function").items()}
    assert {name for name, loop in allowed.items() if loop == "Allow"} == {f"{name}Function" for name in QUEUED}


def test_events_of_the_bus_reach_their_queues_and_are_kept_when_they_cannot(local):
    rules = {
        tuple(rule["EventPattern"]["detail-type"]): (
            named(rule["EventBusName"]),
            [(named(target["Arn"]), named(target["DeadLetterConfig"]["Arn"])) for target in rule["Targets"]],
        )
        for rule in local("AWS::Events::Rule").values()
        if "EventPattern" in rule
    }
    assert rules == {
        ("UserSignedUp",): ("<Bus>", [("<TokensQueue.Arn>", "<TokensDeadLetters.Arn>")]),
        ("PasswordResetRequested",): ("<Bus>", [("<TokensQueue.Arn>", "<TokensDeadLetters.Arn>")]),
        ("CodeRequested",): ("<Bus>", [("<TokensQueue.Arn>", "<TokensDeadLetters.Arn>")]),
        ("SendMail",): ("<Bus>", [("<SendQueue.Arn>", "<SendDeadLetters.Arn>")]),
        ("MailSent",): ("<Bus>", [("<TicketsQueue.Arn>", "<TicketsDeadLetters.Arn>")]),
        ("MailBounced",): ("<Bus>", [("<TicketsQueue.Arn>", "<TicketsDeadLetters.Arn>")]),
        ("MailFailed",): ("<Bus>", [("<TicketsQueue.Arn>", "<TicketsDeadLetters.Arn>")]),
        (
            "TicketAnswered",
            "TicketClosed",
            "TicketNoted",
            "TicketOpened",
            "TicketReplied",
            "TicketStatusChanged",
        ): ("<Bus>", [("<ConnectQueue.Arn>", "<ConnectDeadLetters.Arn>")]),
    }


@pytest.mark.parametrize("event", ["MailSent", "MailBounced", "MailFailed"])
def test_tickets_hears_only_our_own_word_and_only_of_mails_that_belong_to_a_ticket(local, event):
    patterns = [rule.get("EventPattern", {}) for rule in local("AWS::Events::Rule").values()]
    (pattern,) = [pattern for pattern in patterns if pattern.get("detail-type") == [event]]
    assert pattern == {
        "source": ["mailroom"],
        "detail-type": [event],
        "detail": {"ticket": [{"prefix": ""}]},  # any text, and not null
    }


def test_destinations_hear_only_our_own_word_and_only_of_mailboxes_that_name_one(local):
    pattern = local("AWS::Events::Rule")["ConnectEvents"]["EventPattern"]
    assert pattern["source"] == ["mailroom"]
    assert pattern["detail"] == {"mailbox": ["shop@acme.test", "travel@acme.test"]}


@pytest.mark.parametrize(
    ("rule", "when", "queue"),
    [
        ("InboundReconcile", "cron(10 3 * * ? *)", "Inbound"),
        ("TicketsUpkeep", "cron(40 3 * * ? *)", "Tickets"),
        ("ConnectPollDestinations", "rate(5 minutes)", "Connect"),
        ("CountsCount", "rate(1 minute)", "Counts"),
        ("SuppressionSyncSuppressions", "cron(20 4 * * ? *)", "Suppression"),
        ("AccountLookAtAccount", "rate(15 minutes)", "Account"),
        ("GuardLookAtRates", "rate(5 minutes)", "Guard"),
    ],
)
def test_on_schedule_a_queue_gets_its_command_as_an_event_with_an_id_of_that_time(local, rule, when, queue):
    made = local("AWS::Events::Rule")[rule]
    (target,) = made["Targets"]
    assert (made["ScheduleExpression"], made["State"]) == (when, "ENABLED")
    assert (named(target["Arn"]), named(target["DeadLetterConfig"]["Arn"])) == (
        f"<{queue}Queue.Arn>",
        f"<{queue}DeadLetters.Arn>",
    )
    variables = target["InputTransformer"]["InputPathsMap"]
    assert variables == {"id": "$.id", "time": "$.time"}
    body = json.loads(re.sub("<(id|time)>", r'"<\1>"', target["InputTransformer"]["InputTemplate"]))
    assert body == {"id": "<id>", "detail-type": rule.removeprefix(queue), "time": "<time>", "detail": {}}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        *(("Tokens", 10), ("Send", 10), ("Inbound", 1), ("Feedback", 10), ("Counts", 1), ("Tickets", 10)),
        ("Connect", 1),
        ("Account", 1),
        ("Guard", 1),
        ("Suppression", 1),
    ],
)
def test_what_may_take_long_is_taken_one_by_one_and_other_records_by_ten(local, name, size):
    assert local("AWS::Lambda::EventSourceMapping")[f"{name}Source"]["BatchSize"] == size


def test_no_function_waits_for_a_batch_to_fill(local):
    sources = local("AWS::Lambda::EventSourceMapping").values()
    assert not any("MaximumBatchingWindowInSeconds" in source for source in sources)


def test_a_mail_of_unknown_outcome_waits_longer_than_its_event_may_take_in_a_file_that_comes_twice(local):
    [stream] = local("AWS::KinesisFirehose::DeliveryStream").values()
    gathered = stream["ExtendedS3DestinationConfiguration"]["BufferingHints"]["IntervalInSeconds"]
    hidden = local("AWS::SQS::Queue")["FeedbackQueue"]["VisibilityTimeout"]
    claimed = int(local("AWS::Lambda::Function")["SendFunction"]["Environment"]["Variables"]["CLAIM_SECONDS"])
    assert claimed >= gathered + hidden + 120


def test_topics_reach_inbound_and_feedback_in_their_envelope(local):
    subscriptions = [
        (named(item["TopicArn"]), named(item["Endpoint"]), item["Protocol"], item.get("RawMessageDelivery", False))
        for item in local("AWS::SNS::Subscription").values()
    ]
    assert sorted(subscriptions) == [
        ("<Activity>", "<FeedbackQueue.Arn>", "sqs", False),
        ("<Bounces>", "<FeedbackQueue.Arn>", "sqs", False),
        ("<Complaints>", "<FeedbackQueue.Arn>", "sqs", False),
        ("<Received>", "<InboundQueue.Arn>", "sqs", False),
    ]
