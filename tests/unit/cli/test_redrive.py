import boto3
import pytest
from botocore.stub import Stubber

from cli import redrive as module
from cli.deployment import AwsFailed

SOURCE, DESTINATION = "arn:aws:sqs:eu-west-1:1:dead", "arn:aws:sqs:eu-west-1:1:queue"
OLD = {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 9, "StartedTimestamp": 1}


@pytest.fixture
def moved(monkeypatch):
    """Redrives against an SQS that lists these tasks, one at each look; gives how many messages it says were moved."""
    monkeypatch.setattr(module, "SECONDS_BETWEEN_LOOKS", 0)
    sqs = boto3.client("sqs", region_name="eu-west-1", aws_access_key_id="key", aws_secret_access_key="secret")

    def run(before, *looks):
        with Stubber(sqs) as stub:
            listed = {"SourceArn": SOURCE, "MaxResults": 1}
            stub.add_response("list_message_move_tasks", {"Results": before}, listed)
            asked = {"SourceArn": SOURCE, "DestinationArn": DESTINATION}
            stub.add_response("start_message_move_task", {"TaskHandle": "handle"}, asked)
            for tasks in looks:
                stub.add_response("list_message_move_tasks", {"Results": tasks}, listed)
            count = module.watch(module.move(sqs, SOURCE, DESTINATION), "inbound", 3)
            stub.assert_no_pending_responses()
        return count

    return run


def task(status, count, **more):
    return {"Status": status, "ApproximateNumberOfMessagesMoved": count, "StartedTimestamp": 2, **more}


def test_redrive_waits_until_sqs_has_moved_all(moved):
    assert moved([], [task("RUNNING", 1)], [task("RUNNING", 2)], [task("COMPLETED", 3)]) == 3


def test_an_older_task_is_not_taken_for_the_one_just_started(moved):
    assert moved([OLD], [OLD], [task("COMPLETED", 3)]) == 3


def test_a_task_that_sqs_does_not_list_yet_is_waited_for(moved):
    assert moved([], [], [task("COMPLETED", 3)]) == 3


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            task("FAILED", 1, FailureReason="AWS.SimpleQueueService.NonExistentQueue"),
            "SQS stopped after 1 of 3 dead letters (failed AWS.SimpleQueueService.NonExistentQueue): "
            "see `mailroom status`.",
        ),
        (task("CANCELLED", 2), "SQS stopped after 2 of 3 dead letters (cancelled): see `mailroom status`."),
    ],
)
def test_a_task_that_does_not_end_well_is_an_error(moved, last, said):
    with pytest.raises(AwsFailed) as error:
        moved([], [task("RUNNING", 0)], [last])
    assert error.value.message == said
