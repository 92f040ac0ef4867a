"""What an operator sees and does when something is wrong."""

import io
import json
import zipfile
from contextlib import contextmanager

import pytest

from infra.bundle import bundle
from local.outside import until

NOTICE = {"template": "notice", "data": {"title": "Hi", "text": "There"}}


def queue(mailroom, name):
    return next(queue for queue in mailroom("status", "--json")["queues"] if queue["name"] == name)


def reasons(mailroom, name):
    return [letter["reason"] for letter in queue(mailroom, name)["dead_letters"]]


@pytest.fixture
def role(outside):
    """The name of a function's role, and its one inline policy: `role("Send")`."""
    iam = outside.client("iam")

    def find(name):
        function = outside.client("lambda").get_function(FunctionName=outside.outputs[f"{name}Function"])
        role_name = function["Configuration"]["Role"].rpartition("/")[2]
        [policy_name] = iam.list_role_policies(RoleName=role_name)["PolicyNames"]
        return role_name, policy_name

    return find


@contextmanager
def without_permission(outside, role_name, policy_name, action):
    """The role's policy less one action, for as long as the block runs."""
    iam = outside.client("iam")
    policy = iam.get_role_policy(RoleName=role_name, PolicyName=policy_name)["PolicyDocument"]
    less = [statement for statement in policy["Statement"] if action not in actions(statement)]
    assert len(less) < len(policy["Statement"])

    def put(statements):
        document = json.dumps(policy | {"Statement": statements})
        iam.put_role_policy(RoleName=role_name, PolicyName=policy_name, PolicyDocument=document)

    put(less)
    try:
        yield
    finally:
        put(policy["Statement"])


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def delivered_for_the_last_time(outside, detail):
    """What SQS hands to `send` when an event has failed four times; in between it would wait for some minutes each."""
    body = json.dumps({"id": "last", "detail-type": "SendMail", "source": "shop", "detail": detail})
    record = {"messageId": "last", "body": body, "attributes": {"ApproximateReceiveCount": "5"}}
    payload = json.dumps({"Records": [record]})
    answer = outside.client("lambda").invoke(FunctionName=outside.outputs["SendFunction"], Payload=payload)
    return json.loads(answer["Payload"].read())


def test_a_function_without_a_permission_fails_and_redrive_repairs_it(outside, mailroom, role):
    with without_permission(outside, *role("Send"), "ses:SendEmail"):
        left = delivered_for_the_last_time(outside, {"to": "jo@example.org", **NOTICE})
    [reason] = reasons(mailroom, "send")
    assert reason.startswith("failed 5 times, last with ClientError: An error occurred (AccessDeniedException)")
    assert (left, outside.mail_to("jo@example.org")) == ({"batchItemFailures": []}, [])
    assert "1" in mailroom("redrive", "send")
    until(lambda: outside.mail_to("jo@example.org"), "the mail goes out")
    assert queue(mailroom, "send")["dead"] == 0


def test_a_poisoned_event_is_dead_lettered_named_and_comes_back_with_redrive(outside, mailroom):
    outside.put("UserSignedUp", {"email": "not an address"})
    until(lambda: reasons(mailroom, "tokens"), "a dead letter in tokens")
    [reason] = reasons(mailroom, "tokens")
    assert reason.startswith("UserSignedUp: detail.email must match pattern")
    assert reason[:40] in " ".join(mailroom("status").split())
    [before] = queue(mailroom, "tokens")["dead_letters"]
    mailroom("redrive", "tokens")
    until(lambda: others(mailroom, before), "it is handled again, and rejected again")
    assert "1 dead letter of tokens thrown away" in mailroom("discard", "tokens", "--yes")
    assert queue(mailroom, "tokens")["dead"] == 0


def others(mailroom, before):
    return [letter for letter in queue(mailroom, "tokens")["dead_letters"] if letter["id"] != before["id"]]


def test_redrive_of_an_unknown_queue_names_those_there_are(mailroom):
    said = mailroom("redrive", "nonesuch", status=1)
    assert all(name in said for name in ("feedback", "inbound", "send", "tokens"))


@pytest.mark.parametrize("package", ["minijinja"])
def test_a_package_missing_from_the_bundle_fails_though_the_project_has_it(outside, package):
    functions = outside.client("lambda")
    given = functions.get_function(FunctionName=outside.outputs["SendFunction"])["Configuration"]
    names = ("Runtime", "Role", "Handler", "Environment", "Timeout")
    functions.create_function(
        FunctionName=f"without-{package}",
        Code={"ZipFile": zipped_without(package)},
        **{name: given[name] for name in names},
    )
    answer = functions.invoke(FunctionName=f"without-{package}", Payload=b'{"Records": []}')
    assert answer["FunctionError"]
    assert f"No module named '{package}'" in answer["Payload"].read().decode()


def zipped_without(package):
    folder, archive = bundle("host").path, io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for path in folder.rglob("*"):
            if path.is_file() and path.relative_to(folder).parts[0] != package:
                out.write(path, path.relative_to(folder))
    return archive.getvalue()


def test_deploying_leaves_no_dead_letters(mailroom):
    assert queue(mailroom, "feedback")["dead"] == 0


def test_status_says_that_all_is_deployed(mailroom):
    status = mailroom("status", "--json")
    assert {stack["name"] for stack in status["stacks"]} == {
        *("Identity", "Storage", "Outbound", "Inbound", "Feedback", "Monitoring")
    }
    assert {stack["status"] for stack in status["stacks"]} == {"CREATE_COMPLETE"}
