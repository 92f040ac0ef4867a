"""From options and answers to the settings of a stage, each checked as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cli.init.dialogue import NONE
from cli.init.identity import identity, region
from cli.init.mailboxes import mailboxes
from cli.init.senders import marketing, sender
from cli.init.zone import zone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.init.draft import Draft
    from cli.init.surroundings import Surroundings

# The order that a stage is written in.
KEYS = ("account", "region", "domain", "address", "hosted_zone", "sender", "mailboxes", "domains", "alarm_email")
RULE_SET_TAKEN = (
    "SES receives in {} with the rule set {} already, and has one at a time: unless that is Mailroom's own, the "
    "deployment stops and says how to join it (docs/runbooks/rule-set-lost.md)."
)
IDENTITY_TAKEN = (
    "SES in {} has the identity {} already ({}), and CloudFormation takes over none. Delete it before you deploy; "
    "until the stage is there, nothing is sent from it: aws sesv2 delete-email-identity --email-identity {} --region {}"
)


def settings(draft: Draft, usual_region: str | None) -> dict[str, Any]:
    """What cdk.json is to have of the stage. click's errors where an option cannot be, Abort where nobody answers."""
    identity(draft)
    if not draft.domain and (given := draft.options.of_a_domain):
        raise click.UsageError(f"{' and '.join(given)}: a trial with one address has no domain, and none of that.")
    region(draft, usual_region)
    if draft.domain:
        zone(draft)
    sender(draft)
    if draft.domain:
        mailboxes(draft)
        marketing(draft)
    alarms(draft)
    return {key: draft.settings[key] for key in KEYS if key in draft.settings}


def alarms(draft: Draft) -> None:
    answer = draft.dialogue.value(
        f"Where alarms are mailed ({NONE} for nowhere)",
        option="--alarm-email",
        given=draft.options.alarm_email,
        default=NONE,
        fault=lambda answer: "" if answer == NONE else draft.fault({"alarm_email": answer}),
    )
    if answer != NONE:
        draft.settings["alarm_email"] = answer


def in_the_way(wanted: dict[str, Any], around: Surroundings) -> Iterator[str]:
    """What is there already that a deployment would stumble over."""
    region = wanted["region"]
    for name in (wanted.get("domain") or wanted["address"], *wanted.get("domains", {})):
        if state := around.identity(region, name):
            yield IDENTITY_TAKEN.format(region, name, state, name, region)
    if "mailboxes" in wanted and (taken := around.rule_set(region)):
        yield RULE_SET_TAKEN.format(region, taken)
