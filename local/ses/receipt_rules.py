"""The v1 operations on receipt rule sets and rules, with the checks SES makes when a rule is created."""

import copy
import json
from typing import TYPE_CHECKING, Any

from local.ses.account import Account
from local.ses.arrival import Arrival
from local.ses.aws import Refused
from local.ses.errors import (
    CannotDelete,
    InvalidParameterValue,
    InvalidS3Configuration,
    InvalidSnsTopic,
    LimitExceeded,
    NameTaken,
    NotEmulated,
    RuleDoesNotExist,
    RuleSetDoesNotExist,
)
from local.ses.receive import rule_arn
from local.ses.verdicts import verdicts

if TYPE_CHECKING:
    from local.ses.aws import Aws
    from local.ses.service import Ses
    from local.ses.wire import Call

_SETUP = "AMAZON_SES_SETUP_NOTIFICATION"
_SETUP_MAIL = (
    b"From: Amazon Web Services <no-reply-aws@amazon.com>\r\nTo: recipient@example.com\r\n"
    b"Subject: Amazon SES Setup Notification\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
    b"You received this message because you attempted to set up Amazon SES to deliver emails to this S3 bucket.\r\n"
)
_EMULATED = ("S3Action", "SNSAction", "StopAction", "BounceAction", "AddHeaderAction")
_MOST_SETS, _MOST_RULES, _MOST_ACTIONS, _MOST_RECIPIENTS = 40, 200, 10, 500  # DG quotas


def create_rule_set(ses: "Ses", call: "Call") -> dict[str, Any]:
    name, sets = call.parameters["RuleSetName"], ses.account.rule_sets
    if name in sets:
        raise NameTaken(f"Rule set already exists: {name}")
    if len(sets) == _MOST_SETS:
        raise LimitExceeded(f"There are already {_MOST_SETS} rule sets.")
    sets[name] = []
    return {}


def delete_rule_set(ses: "Ses", call: "Call") -> dict[str, Any]:
    """With its rules; no error where there is none, as on AWS."""
    name = call.parameters["RuleSetName"]
    if name == ses.account.active_rule_set:
        raise CannotDelete(f"Cannot delete active rule set: {name}")
    ses.account.rule_sets.pop(name, None)
    return {}


def describe_rule_set(ses: "Ses", call: "Call") -> dict[str, Any]:
    return _describe(ses.account, call.parameters["RuleSetName"])


def describe_active_rule_set(ses: "Ses", _call: "Call") -> dict[str, Any]:
    return _describe(ses.account, ses.account.active_rule_set) if ses.account.active_rule_set else {}


def set_active_rule_set(ses: "Ses", call: "Call") -> dict[str, Any]:
    """Without a name nothing is received any more."""
    name = call.parameters.get("RuleSetName")
    if name is not None:
        _rules(ses.account, name)
    ses.account.active_rule_set = name
    return {}


def list_rule_sets(ses: "Ses", _call: "Call") -> dict[str, Any]:
    return {"RuleSets": [_metadata(ses.account, name) for name in ses.account.rule_sets]}


def create_rule(ses: "Ses", call: "Call") -> dict[str, Any]:
    """First in its set unless `After` names one (API CreateReceiptRule)."""
    set_name, rule, after = call.parameters["RuleSetName"], call.parameters["Rule"], call.parameters.get("After")
    rules = _rules(ses.account, set_name)
    names = [existing["Name"] for existing in rules]
    if rule["Name"] in names:
        raise NameTaken(f"Rule already exists: {rule['Name']}")
    if len(rules) == _MOST_RULES:
        raise LimitExceeded(f"A rule set holds at most {_MOST_RULES} rules.")
    if after is not None and after not in names:
        raise RuleDoesNotExist(f"Rule does not exist: {after}")
    _check(ses.account, ses.aws, set_name, rule)
    rules.insert(names.index(after) + 1 if after else 0, _complete(rule))
    return {}


def update_rule(ses: "Ses", call: "Call") -> dict[str, Any]:
    set_name, rule = call.parameters["RuleSetName"], call.parameters["Rule"]
    rules, place = _find(ses.account, set_name, rule["Name"])
    _check(ses.account, ses.aws, set_name, rule)
    rules[place] = _complete(rule)
    return {}


def describe_rule(ses: "Ses", call: "Call") -> dict[str, Any]:
    rules, place = _find(ses.account, call.parameters["RuleSetName"], call.parameters["RuleName"])
    return {"Rule": copy.deepcopy(rules[place])}


def delete_rule(ses: "Ses", call: "Call") -> dict[str, Any]:
    """No error where there is no such rule, as on AWS."""
    rules = _rules(ses.account, call.parameters["RuleSetName"])
    rules[:] = [rule for rule in rules if rule["Name"] != call.parameters["RuleName"]]
    return {}


def _rules(account: Account, name: str) -> list[dict[str, Any]]:
    if name not in account.rule_sets:
        raise RuleSetDoesNotExist(f"Rule set does not exist: {name}")
    return account.rule_sets[name]


def _find(account: Account, set_name: str, name: str) -> tuple[list[dict[str, Any]], int]:
    rules = _rules(account, set_name)
    for place, rule in enumerate(rules):
        if rule["Name"] == name:
            return rules, place
    raise RuleDoesNotExist(f"Rule does not exist: {name}")


def _metadata(account: Account, name: str) -> dict[str, Any]:
    return {"Name": name, "CreatedTimestamp": account.clock()}


def _describe(account: Account, name: str) -> dict[str, Any]:
    return {"Metadata": _metadata(account, name), "Rules": copy.deepcopy(_rules(account, name))}


def _complete(rule: dict[str, Any]) -> dict[str, Any]:
    """With the API's defaults (API ReceiptRule): disabled, unscanned, TLS optional."""
    defaults = {"Enabled": False, "TlsPolicy": "Optional", "ScanEnabled": False, "Recipients": [], "Actions": []}
    return {**defaults, **copy.deepcopy(rule)}


def _check(account: Account, aws: "Aws", set_name: str, rule: dict[str, Any]) -> None:
    """SES writes to each bucket and publishes to each topic before it takes the rule."""
    actions = rule.get("Actions", [])
    if len(actions) > _MOST_ACTIONS or len(rule.get("Recipients", [])) > _MOST_RECIPIENTS:
        raise LimitExceeded(f"A rule has at most {_MOST_ACTIONS} actions and {_MOST_RECIPIENTS} recipients.")
    arn = rule_arn(account, set_name, rule["Name"])
    for action in actions:
        if len(action) != 1:
            raise InvalidParameterValue("An action of a rule is exactly one of S3Action, SNSAction, ...")
        kind, details = next(iter(action.items()))
        if kind not in _EMULATED:
            raise NotEmulated(f"{kind} is not emulated on the laptop; docs/local.md lists what is.")
        _check_topic(aws, details.get("TopicArn"), arn)
        if kind == "S3Action":
            _set_up(account, aws, details, arn)


def _check_topic(aws: "Aws", topic: str | None, arn: str) -> None:
    if not topic:
        return
    try:
        aws.check_publish(topic, source_arn=arn)
    except Refused as refused:
        raise InvalidSnsTopic(f"Could not publish to SNS topic: {topic} ({refused})") from refused


def _set_up(account: Account, aws: "Aws", details: dict[str, Any], arn: str) -> None:
    """The test object SES leaves in the bucket, and the notification of it."""
    bucket, key = details["BucketName"], details.get("ObjectKeyPrefix", "") + _SETUP
    try:
        aws.put_object(bucket, key, _SETUP_MAIL, source_arn=arn)
    except Refused as refused:
        raise InvalidS3Configuration(f"Could not write to bucket: {bucket} ({refused})") from refused
    if topic := details.get("TopicArn"):
        action = {"type": "S3", "topicArn": topic, "bucketName": bucket, "objectKey": key}
        body = _setup_arrival(account).notification(["recipient@example.com"], action, now=account.clock())
        aws.publish(topic, "Amazon SES Email Receipt Notification", json.dumps(body), source_arn=arn)


def _setup_arrival(account: Account) -> Arrival:
    return Arrival(
        id=_SETUP,
        at=account.clock(),
        sender="no-reply-aws@amazon.com",
        recipients=("recipient@example.com",),
        client="amazonses.com",
        region=account.region,
        verdicts=verdicts(_SETUP_MAIL, {}),
        dmarc_policy="none",
        raw=_SETUP_MAIL,
    )
