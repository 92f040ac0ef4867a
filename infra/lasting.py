"""What a newer version must neither replace nor delete, and how a pair of templates shows that it would.

CloudFormation deletes what a template no longer names, or names by another logical id or type, and replaces what has
another value for a property that can only be given at creation (the resource schema's createOnlyProperties, and those
that are so in some cases, conditionalCreateOnlyProperties).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]  # it ships no types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Templates = dict[str, dict[str, Any]]  # a stage's, by the short name of the stack
Resources = dict[str, dict[str, Any]]  # by logical id: `type`, and `fixed`: what it is created with, by property
SCHEMAS_OF = "us-east-1"  # schemas hardly differ by region, and this one has every type

WHY = {
    "AWS::DynamoDB::Table": "what is in it",
    "AWS::S3::Bucket": "what is in it",
    "AWS::SecretsManager::Secret": "a key that links derive from, or what somebody put in",
    "AWS::KMS::Key": "what is encrypted with it",
    "AWS::Events::EventBus": "its name, which applications know",
    "AWS::IAM::User": "its access key, which applications know",
    "AWS::ApiGatewayV2::Api": "its address, which is in mails that are on their way",
    "AWS::SQS::Queue": "the mail that waits in it",
    "AWS::Scheduler::ScheduleGroup": "the mails that are to go later",
    "AWS::SNS::Topic": "the subscriptions that people have confirmed",
    "AWS::SES::EmailIdentity": "its DKIM keys and its reputation",
    "AWS::SES::ConfigurationSet": "its reputation, and its being paused",
    "AWS::SES::DedicatedIpPool": "its addresses and their reputation",
    "AWS::SES::Tenant": "its reputation",
    "AWS::SES::ReceiptRuleSet": "mail, which is refused meanwhile",
    "AWS::SES::ReceiptRule": "mail, which is refused meanwhile",
    # Its deletion, which comes last, takes the rule set out of use, whatever was activated before.
    "Custom::ActiveReceiptRuleSet": "mail, which is refused from then on",
    "Custom::SmtpKey": "the password that applications know",
    "Custom::ReplicaIdentity": "the standby's identity, which is deleted",
}


def lasting(templates: Templates) -> dict[str, Resources]:
    """Of each template what must last, as it is kept of a released version."""
    return {
        stack: {
            logical_id: {"type": resource["Type"], "fixed": _fixed(resource)}
            for logical_id, resource in sorted(template["Resources"].items())
            if resource["Type"] in WHY
        }
        for stack, template in templates.items()
    }


def losses(before: Mapping[str, Resources], after: Mapping[str, Resources]) -> Iterator[str]:
    """A sentence for everything that an update from `before` to `after` would replace or delete."""
    for stack, resources in before.items():
        for logical_id, resource in resources.items():
            now = after.get(stack, {}).get(logical_id)
            if now is None or now["type"] != resource["type"]:
                yield f"{stack} {logical_id}: is gone; that costs {WHY[resource['type']]}"
            else:
                for name in sorted(_changed(resource["fixed"], now["fixed"])):
                    yield f"{stack} {logical_id}: {name} changes, which replaces it; that costs {WHY[resource['type']]}"


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _fixed(resource: Mapping[str, Any]) -> dict[str, Any]:
    values = {path: _at(path, resource.get("Properties", {})) for path in _created_with(resource["Type"])}
    return {path: value for path, value in sorted(values.items()) if value is not None}


def _created_with(kind: str) -> list[str]:
    """The properties whose change replaces a resource, each as a path `Rule/Name`."""
    if kind.startswith("Custom::"):
        return ["ServiceToken"]  # of another function; what else replaces one, that function decides
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(SCHEMAS_OF, kind).schema
    pointers = [*schema.get("createOnlyProperties", ()), *schema.get("conditionalCreateOnlyProperties", ())]
    return [pointer.removeprefix("/properties/") for pointer in pointers]


def _at(path: str, value: Any) -> Any:
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value
