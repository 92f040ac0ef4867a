"""The AWS::SES types that Mailroom's templates use, over the same operations as the API.

A handler set is create(logical_id, properties, stack) -> (physical id, attributes), update(physical_id, old, new,
stack) -> the same, delete(physical_id, properties). CloudFormation replaces a resource when a property of REPLACING
changes (the resource schemas' createOnlyProperties).
"""

import copy
import dataclasses
import re
import secrets
import string
from collections.abc import Callable
from typing import Any

from local.ses import configuration_sets, receipt_rules
from local.ses.account import ConfigurationSet, EventDestination, Firehose, Identity
from local.ses.cloudformation_delivery import DedicatedIpPool, TenantHandler, VdmAttributes
from local.ses.errors import AlreadyExists, SesError
from local.ses.identities import delete_email_identity
from local.ses.service import Ses
from local.ses.wire import Call

Properties = dict[str, Any]
Created = tuple[str, dict[str, str]]
REPLACING = {
    "AWS::SES::EmailIdentity": ("EmailIdentity",),
    "AWS::SES::ConfigurationSet": ("Name",),
    "AWS::SES::ConfigurationSetEventDestination": ("ConfigurationSetName",),
    "AWS::SES::ReceiptRuleSet": ("RuleSetName",),
    "AWS::SES::ReceiptRule": ("RuleSetName",),
    "AWS::SES::DedicatedIpPool": ("PoolName",),
    "AWS::SES::VdmAttributes": (),
    "AWS::SES::Tenant": ("TenantName",),
}
_OPTIONS = (
    "DeliveryOptions",
    "ReputationOptions",
    "SendingOptions",
    "SuppressionOptions",
    "TrackingOptions",
    "VdmOptions",
)
_BOOLEANS = {"true": True, "false": False}


def handlers(here: Callable[[], Ses]) -> dict[str, dict[str, Callable[..., Any]]]:
    """By type name, ready to be registered; each call holds the lock of the account in the region that it is for, which
    `here` gives."""
    made: dict[str, Callable[[Ses], Any]] = {
        "AWS::SES::EmailIdentity": _EmailIdentity,
        "AWS::SES::ConfigurationSet": _ConfigurationSet,
        "AWS::SES::ConfigurationSetEventDestination": _EventDestination,
        "AWS::SES::ReceiptRuleSet": _ReceiptRuleSet,
        "AWS::SES::ReceiptRule": _ReceiptRule,
        "AWS::SES::DedicatedIpPool": DedicatedIpPool,
        "AWS::SES::VdmAttributes": VdmAttributes,
        "AWS::SES::Tenant": TenantHandler,
    }
    return {
        name: {verb: _locked(here, handler, verb) for verb in ("create", "update", "delete")}
        for name, handler in made.items()
    }


def _locked(here: Callable[[], Ses], handler: Callable[[Ses], Any], verb: str) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        ses = here()
        with ses.lock:
            try:
                return getattr(handler(ses), verb)(*(_typed(argument) for argument in arguments))
            except SesError as error:
                raise ValueError(f"{error.message} (Service: SES, Error Code: {error.code})") from error

    return call


def _typed(value: Any) -> Any:
    """Templates may carry booleans as strings."""
    if isinstance(value, dict):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return _BOOLEANS.get(value, value) if isinstance(value, str) else copy.deepcopy(value)


def _generated(stack: str, logical_id: str) -> str:
    """As CloudFormation names what a template leaves unnamed."""
    suffix = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(12))
    return f"{stack[:24]}-{logical_id[:24]}-{suffix}"


class _EmailIdentity:
    def __init__(self, ses: Ses) -> None:
        self._account = ses.account

    def create(self, _logical_id: str, properties: Properties, _stack: str) -> Created:
        identity = self._account.new_identity(properties["EmailIdentity"])
        if identity.name in self._account.identities:
            raise AlreadyExists(f"Email identity {identity.name} already exists.")
        return self._put(identity, properties)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        return self._put(self._account.identities[physical_id], new)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        if physical_id in self._account.identities:
            delete_email_identity(self._account, Call(operation="", parameters={"EmailIdentity": physical_id}))

    def _put(self, identity: Identity, properties: Properties) -> Created:
        mail_from = properties.get("MailFromAttributes", {})
        identity = dataclasses.replace(
            identity,
            mail_from=mail_from.get("MailFromDomain", ""),
            on_mx_failure=mail_from.get("BehaviorOnMxFailure", "USE_DEFAULT_VALUE"),
            configuration_set=properties.get("ConfigurationSetAttributes", {}).get("ConfigurationSetName", ""),
            feedback_forwarding=properties.get("FeedbackAttributes", {}).get("EmailForwardingEnabled", True),
            tags=tuple(properties.get("Tags", ())),
            # Where a template asks for Easy DKIM; where it says nothing, a key that was brought stays.
            selector="" if "DkimSigningAttributes" in properties else identity.selector,
        )
        self._account.identities[identity.name] = identity
        return identity.name, _dkim_records(identity)


def _dkim_records(identity: Identity) -> dict[str, str]:
    tokens = list(enumerate(identity.tokens, start=1))
    names = {f"DkimDNSTokenName{n}": f"{token}._domainkey.{identity.name}" for n, token in tokens}
    return names | {f"DkimDNSTokenValue{n}": f"{token}.dkim.amazonses.com" for n, token in tokens}


class _ConfigurationSet:
    def __init__(self, ses: Ses) -> None:
        self._account, self._sets = ses.account, ses.account.configuration_sets

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("Name") or _generated(stack, logical_id)
        if name in self._sets:
            raise AlreadyExists(f"Configuration set <{name}> already exists.")
        self._sets[name] = ConfigurationSet(name=name, options=self._options(properties))
        return name, {}

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        self._sets[physical_id] = dataclasses.replace(self._sets[physical_id], options=self._options(new))
        return physical_id, {}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        self._sets.pop(physical_id, None)

    def _options(self, properties: Properties) -> Properties:
        self._account.check_pool(properties)
        return {key: properties[key] for key in (*_OPTIONS, "Tags") if key in properties}


class _EventDestination:
    """The physical id holds both names, because deleting needs both."""

    def __init__(self, ses: Ses) -> None:
        self._ses = ses

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties["EventDestination"].get("Name") or _generated(stack, logical_id)
        return self._put(properties["ConfigurationSetName"], name, properties)

    def update(self, physical_id: str, _old: Properties, new: Properties, _stack: str) -> Created:
        set_name, _, name = physical_id.partition("|")
        return self._put(set_name, name, new)

    def delete(self, physical_id: str, _properties: Properties) -> None:
        set_name, _, name = physical_id.partition("|")
        configuration_sets.remove_destination(self._ses.account, set_name, name)

    def _put(self, set_name: str, name: str, properties: Properties) -> Created:
        given = properties["EventDestination"]
        destination = EventDestination(
            name=name,
            enabled=given.get("Enabled", True),
            event_types=frozenset(_api_spelling(kind) for kind in given["MatchingEventTypes"]),
            to=_place(given),
        )
        configuration_sets.put_destination(self._ses, set_name, destination)
        return f"{set_name}|{name}", {"Id": name}


def _place(given: Properties) -> str | Firehose:
    if stream := given.get("KinesisFirehoseDestination"):
        return Firehose(stream_arn=stream["DeliveryStreamARN"], role_arn=stream["IAMRoleARN"])
    return str(given["SnsDestination"]["TopicARN"])


def _api_spelling(kind: str) -> str:
    """CloudFormation writes `renderingFailure` or RENDERING_FAILURE, the API RENDERING_FAILURE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper()


class _ReceiptRuleSet:
    def __init__(self, ses: Ses) -> None:
        self._ses = ses

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties.get("RuleSetName") or _generated(stack, logical_id)
        receipt_rules.create_rule_set(self._ses, Call(operation="", parameters={"RuleSetName": name}))
        return name, {}

    def update(self, physical_id: str, _old: Properties, _new: Properties, _stack: str) -> Created:
        return physical_id, {}

    def delete(self, physical_id: str, _properties: Properties) -> None:
        receipt_rules.delete_rule_set(self._ses, Call(operation="", parameters={"RuleSetName": physical_id}))


class _ReceiptRule:
    """The physical id is the rule's name, which Ref gives; `properties` name its set."""

    def __init__(self, ses: Ses) -> None:
        self._ses = ses

    def create(self, logical_id: str, properties: Properties, stack: str) -> Created:
        name = properties["Rule"].get("Name") or _generated(stack, logical_id)
        parameters = {"RuleSetName": properties["RuleSetName"], "Rule": {**properties["Rule"], "Name": name}}
        if after := properties.get("After"):
            parameters["After"] = after
        receipt_rules.create_rule(self._ses, Call(operation="", parameters=parameters))
        return name, {"RuleName": name}

    def update(self, physical_id: str, _old: Properties, new: Properties, stack: str) -> Created:
        named = new["Rule"].get("Name")
        if named and named != physical_id:  # create-only, too
            return self.create(named, new, stack)
        parameters = {"RuleSetName": new["RuleSetName"], "Rule": {**new["Rule"], "Name": physical_id}}
        receipt_rules.update_rule(self._ses, Call(operation="", parameters=parameters))
        return physical_id, {"RuleName": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        parameters = {"RuleSetName": properties["RuleSetName"], "RuleName": physical_id}
        if properties["RuleSetName"] in self._ses.account.rule_sets:
            receipt_rules.delete_rule(self._ses, Call(operation="", parameters=parameters))
