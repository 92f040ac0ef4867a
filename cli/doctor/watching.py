"""Who hears of it when something goes wrong, and what has gone wrong unheard: alarms, dead letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.doctor.line import Line, ok, warning
from cli.queues import queues

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case

TOPIC, ALARMS = "AWS::SNS::Topic", "AlarmsTopic"
# What SNS has in place of an ARN (API Subscribe, ReturnSubscriptionArn).
UNCONFIRMED = "PendingConfirmation"
NAME_IT = "`alarm_email` or `alarm_chat` in cdk.json"


def alarms(case: Case) -> Iterator[Line]:
    if not case.deployed("Monitoring"):
        return
    topic = case.resource("Monitoring", TOPIC, ALARMS)
    pages = case.there.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    found = [subscription for page in pages for subscription in page["Subscriptions"]]
    waiting = [one["Endpoint"] for one in found if one["SubscriptionArn"] == UNCONFIRMED]
    heard = [one["Endpoint"] for one in found if one["SubscriptionArn"] != UNCONFIRMED]
    if not found:
        yield warning("alarms", "nobody hears the alarms", f"{NAME_IT}, then {case.deploy}")
    if waiting:
        open_it = "open the link in the mail of AWS Notifications; SNS takes it for three days, then subscribe anew"
        yield warning("alarms", f"{', '.join(waiting)} has not confirmed that it wants the alarms", open_it)
    if heard:
        yield ok("alarms", f"alarms are told to {', '.join(heard)}")


def dead_letters(case: Case) -> Iterator[Line]:
    if not case.stacks:
        return
    dead = [queue for queue in queues(case.deployment) if queue.dead]
    for queue in dead:
        number = f"{queue.dead} dead letter{'s' if queue.dead > 1 else ''}"
        mend = f"{case.command('status')} says why, {case.command(f'redrive {queue.name}')} puts them back"
        yield warning("dead-letters", f"{queue.name} has {number}", mend)
    if not dead:
        yield ok("dead-letters", "no queue has any")
