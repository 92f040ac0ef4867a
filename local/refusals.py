"""Where MiniStack 1.5.33 lets pass what AWS refuses, or the reverse: event rules, schedules, event source mappings,
streams of tables."""

import json
from collections.abc import Callable
from typing import Any

from ministack.core import arn, iam_actions, iam_evaluator, responses  # type: ignore[import-untyped]  # MiniStack ships no types
from ministack.services import dynamodb_streams, eventbridge, sqs  # type: ignore[import-untyped]  # as above
from ministack.services.cloudformation import provisioners  # type: ignore[import-untyped]  # as above

from local.roles import role_may

_EVENTS = "events.amazonaws.com"
_POLLING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def install() -> None:
    iam_actions.extract_resource_arn = _with_streams(_with_schedule_groups(iam_actions.extract_resource_arn))
    eventbridge._invoke_target = _checked_target(eventbridge._invoke_target)  # noqa: SLF001 (no public hook)
    mapping = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]  # noqa: SLF001 (no public hook)
    mapping["create"] = _checked_mapping(mapping["create"])


def _checked_target(invoke: Callable[..., None]) -> Callable[..., None]:
    """A queue takes a rule's events only if its policy says so; what it refuses goes to the target's dead letters.
    A schedule comes this way too: it acts with its role, and the queue's policy need not know it."""

    def invoke_target(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:
        queue = target.get("Arn", "")
        if not queue.startswith("arn:aws:sqs:") or _lets(target, queue, rule["Arn"]):
            invoke(target, event, rule, view)
            return
        dead_letters = target.get("DeadLetterConfig", {}).get("Arn", "")
        if dead_letters and _takes(dead_letters, rule["Arn"]):
            seen = view or eventbridge._pattern_event_view(event)  # noqa: SLF001 (no public hook)
            body = json.dumps(seen.event_with_detail())
            eventbridge._dispatch_to_sqs(arn.parse_arn(dead_letters), body)  # noqa: SLF001 (no public hook)

    return invoke_target


def _lets(target: dict[str, Any], queue: str, source: str) -> bool:
    if source.startswith("arn:aws:scheduler:"):
        return role_may(target["RoleArn"], "sqs:SendMessage", queue)
    return _takes(queue, source)


def _takes(queue: str, rule: str) -> bool:
    """EventBridge comes over TLS, also when no request but the clock has begun it."""
    iam_evaluator.pin_request_origin("127.0.0.1", True)  # noqa: FBT003 (MiniStack's own signature)
    return bool(sqs.queue_policy_allows(queue, _EVENTS, rule, responses.get_account_id()))


def _checked_mapping(create: Callable[..., Any]) -> Callable[..., Any]:
    """Lambda polls with the function's role, and looks before it makes the mapping."""

    def create_mapping(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        queue = properties.get("EventSourceArn", "")
        role = _role_of(properties["FunctionName"])
        for action in _POLLING if queue.startswith("arn:aws:sqs:") else ():
            if not role_may(role, action, queue):
                call = action.removeprefix("sqs:")
                raise ValueError(f"The provided execution role does not have permissions to call {call} on SQS")
        return create(logical_id, properties, stack)

    return create_mapping


def _role_of(function: str) -> str:
    found = provisioners._lambda_function_for_cfn_ref(function)[0]  # noqa: SLF001 (no public hook)
    return str(found["config"]["Role"])


def _with_schedule_groups(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """IAM knows a schedule by its group and name; MiniStack asks about the group `default` whatever is asked."""

    def extract_resource_arn(
        service: str, method: str, path: str, headers: Any, body: bytes, query: dict[str, Any], *where: str
    ) -> str:
        found = resource_arn(service, method, path, headers, body, query, *where)
        if service != "scheduler" or ":schedule/default/" not in found:
            return found
        named = query.get("groupName") or json.loads(body or "{}").get("GroupName") or "default"
        group = named[0] if isinstance(named, list) else named
        return found.replace(":schedule/default/", f":schedule/{group}/", 1)

    return extract_resource_arn


def _with_streams(resource_arn: Callable[..., str]) -> Callable[..., str]:
    """IAM knows a table's stream by its ARN, which a shard iterator holds too; MiniStack asks about every resource."""

    def extract_resource_arn(service: str, method: str, path: str, headers: Any, body: bytes, *where: Any) -> str:
        if service != "dynamodbstreams":
            return resource_arn(service, method, path, headers, body, *where)
        asked = json.loads(body or "{}")
        iterator = dynamodb_streams._decode_iterator(asked.get("ShardIterator", ""))  # noqa: SLF001 (no public hook)
        return str(asked.get("StreamArn") or (iterator or {}).get("arn") or "*")

    return extract_resource_arn
