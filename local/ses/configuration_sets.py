"""The operations on configuration sets and their event destinations."""

import dataclasses
from typing import TYPE_CHECKING, Any

from local.ses.account import ConfigurationSet, EventDestination, Firehose
from local.ses.aws import Refused
from local.ses.errors import AlreadyExists, BadRequest, NotEmulated

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.service import Ses
    from local.ses.wire import Call

_MOST_DESTINATIONS = 10
_SUBJECT = "Amazon SES Email Event Notification"
_VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
_OPTIONS = (
    *("TrackingOptions", "DeliveryOptions", "ReputationOptions", "SendingOptions", "SuppressionOptions"),
    *("VdmOptions", "ArchivingOptions", "Tags"),
)


def create_configuration_set(account: "Account", call: "Call") -> dict[str, Any]:
    name = call.parameters["ConfigurationSetName"]
    if name in account.configuration_sets:
        raise AlreadyExists(f"Configuration set <{name}> already exists.")
    options = {key: call.parameters[key] for key in _OPTIONS if key in call.parameters}
    account.check_pool(options)
    account.configuration_sets[name] = ConfigurationSet(name=name, options=options)
    return {}


def get_configuration_set(account: "Account", call: "Call") -> dict[str, Any]:
    found = account.configuration_set(call.parameters["ConfigurationSetName"])
    return {"ConfigurationSetName": found.name, "SendingOptions": {"SendingEnabled": True}, **found.options}


def list_configuration_sets(account: "Account", _call: "Call") -> dict[str, Any]:
    return {"ConfigurationSets": list(account.configuration_sets)}


def delete_configuration_set(account: "Account", call: "Call") -> dict[str, Any]:
    del account.configuration_sets[account.configuration_set(call.parameters["ConfigurationSetName"]).name]
    return {}


def put_sending_options(account: "Account", call: "Call") -> dict[str, Any]:
    return _put(account, call, SendingOptions={"SendingEnabled": call.parameters.get("SendingEnabled", False)})


def put_suppression_options(account: "Account", call: "Call") -> dict[str, Any]:
    return _put(account, call, SuppressionOptions={"SuppressedReasons": call.parameters.get("SuppressedReasons", [])})


def create_event_destination(ses: "Ses", call: "Call") -> dict[str, Any]:
    name = call.parameters["EventDestinationName"]
    found = ses.account.configuration_set(call.parameters["ConfigurationSetName"])
    if name in found.destinations:
        raise AlreadyExists(f"Event destination <{name}> already exists.")
    if len(found.destinations) == _MOST_DESTINATIONS:
        raise BadRequest(f"A configuration set has at most {_MOST_DESTINATIONS} event destinations.")
    put_destination(ses, found.name, _destination(name, call.parameters["EventDestination"]))
    return {}


def get_event_destinations(account: "Account", call: "Call") -> dict[str, Any]:
    found = account.configuration_set(call.parameters["ConfigurationSetName"])
    described = [
        {
            "Name": destination.name,
            "Enabled": destination.enabled,
            "MatchingEventTypes": sorted(destination.event_types),
            **_described(destination.to),
        }
        for destination in found.destinations.values()
    ]
    return {"EventDestinations": described}


def put_destination(ses: "Ses", set_name: str, destination: EventDestination) -> None:
    found = ses.account.configuration_set(set_name)
    _try(ses, destination.to, ses.account.arn(f"configuration-set/{set_name}"))
    changed = {**found.destinations, destination.name: destination}
    ses.account.configuration_sets[set_name] = dataclasses.replace(found, destinations=changed)


def _try(ses: "Ses", to: str | Firehose, source: str) -> None:
    """As SES does, publish a line of plain text to a topic first: subscribers see it, and it proves the policy."""
    try:
        if isinstance(to, Firehose):
            ses.aws.check_put_record(to.stream_arn, role_arn=to.role_arn, source_arn=source)
        else:
            ses.aws.publish(to, _SUBJECT, _VALIDATED, source_arn=source)
    except Refused as refused:
        place = f"Firehose stream <{to.stream_arn}>" if isinstance(to, Firehose) else f"SNS topic <{to}>"
        raise BadRequest(f"Could not publish to {place}: {refused}") from refused


def remove_destination(account: "Account", set_name: str, name: str) -> None:
    found = account.configuration_sets.get(set_name)
    if found:
        kept = {key: destination for key, destination in found.destinations.items() if key != name}
        account.configuration_sets[set_name] = dataclasses.replace(found, destinations=kept)


def _put(account: "Account", call: "Call", **options: dict[str, Any]) -> dict[str, Any]:
    found = account.configuration_set(call.parameters["ConfigurationSetName"])
    account.configuration_sets[found.name] = dataclasses.replace(found, options={**found.options, **options})
    return {}


def _destination(name: str, definition: dict[str, Any]) -> EventDestination:
    return EventDestination(
        name=name,
        enabled=definition.get("Enabled", False),
        event_types=frozenset(definition.get("MatchingEventTypes", ())),
        to=_place(definition),
    )


def _place(definition: dict[str, Any]) -> str | Firehose:
    if stream := definition.get("KinesisFirehoseDestination"):
        return Firehose(stream_arn=stream["DeliveryStreamArn"], role_arn=stream["IamRoleArn"])
    if "SnsDestination" not in definition:
        raise NotEmulated("Of event destinations only SNS and Firehose are emulated on the laptop.")
    return str(definition["SnsDestination"]["TopicArn"])


def _described(to: str | Firehose) -> dict[str, Any]:
    if isinstance(to, Firehose):
        return {"KinesisFirehoseDestination": {"DeliveryStreamArn": to.stream_arn, "IamRoleArn": to.role_arn}}
    return {"SnsDestination": {"TopicArn": to}}
