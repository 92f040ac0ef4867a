"""Functions run as on Lambda: their bundle, the runtime's packages, their own role."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.local.conftest import until


def invoke(aws, **event):
    answer = aws.lambda_client.invoke(FunctionName=aws.functions["Probe"], Payload=json.dumps(event))
    payload = json.load(answer["Payload"])
    assert "FunctionError" not in answer, payload
    return payload


def call(aws, service, operation, **parameters):
    return invoke(aws, do="call", service=service, operation=operation, parameters=parameters)


@pytest.mark.parametrize("name", ["click", "hypercorn", "ministack", "aws_cdk", "local", "lambdas"])
def test_a_package_missing_from_the_bundle_cannot_be_imported(functions, name):
    assert invoke(functions, do="load", name=name) == f"""ModuleNotFoundError("No module named '{name}'")"""


def test_boto3_comes_with_the_runtime(functions):
    assert invoke(functions, do="load", name="boto3") == "boto3"


def test_a_function_sees_lambdas_environment_and_what_it_declares(functions):
    seen = invoke(functions, do="environment")
    known = {name: value for name, value in seen.items() if not name.startswith("_")}
    assert set(known) <= {
        *("PATH", "LANG", "TZ", "TMPDIR", "LC_CTYPE", "LAMBDA_TASK_ROOT", "DECLARED", "SSL_CERT_FILE"),
        *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_ENDPOINT_URL", "AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_LOG_STREAM_NAME"),
    }
    assert (known["DECLARED"], known["AWS_ENDPOINT_URL"]) == ("yes", functions.up.endpoint)
    assert known["AWS_ACCESS_KEY_ID"].startswith("ASIA")


def test_a_functions_package_is_unpacked_once_for_all_its_processes(functions):
    assert Path(invoke(functions, do="environment")["LAMBDA_TASK_ROOT"]).is_symlink()


def test_a_process_that_dies_while_it_starts_takes_no_other_along(functions):
    name, shared = functions.functions["Probe"], functions.up.log.parent / "tmp"
    functions.lambda_client.update_function_configuration(FunctionName=name, Description="none is warm")
    with ThreadPoolExecutor() as threads:
        first = threads.submit(invoke, functions, do="wait")
        until((shared / "waiting").exists)
        (shared / "die").touch()
        second = functions.lambda_client.invoke(FunctionName=name, Payload=json.dumps({"do": "environment"}))
        (shared / "die").unlink()
        (shared / "go").touch()
        assert "exited immediately" in json.load(second["Payload"])["errorMessage"]
        assert first.result() == "waited"
    assert invoke(functions, do="load", name="boto3") == "boto3"


def sending(aws, sender, to="mia@example.org"):
    content = {"Simple": {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hi"}}}}
    return {"FromEmailAddress": sender, "Destination": {"ToAddresses": [to]}, "Content": content}


def test_a_function_may_send_what_its_role_says(functions):
    assert list(call(functions, "sesv2", "send_email", **sending(functions, "hello@acme.test"))) == ["MessageId"]


def test_the_sender_is_a_condition_of_sending(functions):
    refused = call(functions, "sesv2", "send_email", **sending(functions, "boss@acme.test"))
    assert refused["Code"] == "AccessDeniedException"
    assert "is not authorized to perform: ses:SendEmail on resource" in refused["Message"].replace("`", "")


def test_a_configuration_set_needs_permission_of_its_own(functions):
    named = sending(functions, "hello@acme.test") | {"ConfigurationSetName": functions.outputs["Set"]}
    assert f"configuration-set/{functions.outputs['Set']}" in call(functions, "sesv2", "send_email", **named)["Message"]


def test_raw_content_is_another_action(functions):
    raw = {"Raw": {"Data": "From: hello@acme.test\n\nhi"}}
    refused = call(functions, "sesv2", "send_email", **sending(functions, "hello@acme.test") | {"Content": raw})
    assert "ses:SendRawEmail" in refused["Message"]


def test_v1_operations_are_checked_by_name(functions):
    refused = call(functions, "ses", "set_active_receipt_rule_set")
    assert refused["Code"] == "AccessDenied"
    assert "ses:SetActiveReceiptRuleSet" in refused["Message"]


def test_other_services_check_the_same_role(functions):
    refused = call(functions, "dynamodb", "get_item", TableName=functions.functions["Table"], Key={"id": {"S": "a"}})
    assert refused["Code"] == "AccessDeniedException"


def test_a_line_in_the_embedded_metric_format_is_a_metric(functions):
    metrics = [{"Namespace": "Ours", "Dimensions": [["Stage"]], "Metrics": [{"Name": "Used", "Unit": "Percent"}]}]
    line = {"_aws": {"Timestamp": 1795255200000, "CloudWatchMetrics": metrics}, "Stage": "local", "Used": 82.5}
    invoke(functions, do="say", line=json.dumps(line))
    now = datetime.now(UTC)
    answer = functions.cloudwatch.get_metric_statistics(
        Namespace="Ours",
        MetricName="Used",
        Dimensions=[{"Name": "Stage", "Value": "local"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Maximum"],
    )
    assert [(point["Maximum"], point["Unit"]) for point in answer["Datapoints"]] == [(82.5, "Percent")]
