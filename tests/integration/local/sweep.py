"""Three queues, and a daily rule for each that is due: MiniStack's sweep of rules, which queues took what.

A process of its own, since MiniStack is one for each; by its insides, since the least of a rule's rates is a minute.
"""

import json
import os
import sys
import time

os.environ["AUTH"] = "true"  # read while MiniStack is imported

from ministack.services import eventbridge, sqs

from local import refusals

QUEUES = "arn:aws:sqs:us-east-1:000000000000"
RULES = "arn:aws:events:us-east-1:000000000000:rule"


def allow(name):
    """What the CDK writes for a rule's target."""
    return {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": f"{QUEUES}:{name}",
        "Condition": {"ArnEquals": {"aws:SourceArn": f"{RULES}/{name}"}},
    }


def encrypted(name):
    """What the CDK writes for `enforce_ssl`."""
    return {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "sqs:*",
        "Resource": f"{QUEUES}:{name}",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def main():
    refusals.install()
    policies = {"open": [allow], "encrypted": [allow, encrypted], "closed": [encrypted]}
    for name, statements in policies.items():
        policy = {"Version": "2012-10-17", "Statement": [statement(name) for statement in statements]}
        sqs._HANDLERS["CreateQueue"]({"QueueName": name, "Attributes": {"Policy": json.dumps(policy)}}, "")
        eventbridge._ensure_default_bus()
        eventbridge._put_rule({"Name": name, "ScheduleExpression": "rate(1 day)"})
        eventbridge._rules[eventbridge._rule_key(name, "default")]["CreationTime"] = time.time() - 90_000
        eventbridge._put_targets({"Rule": name, "Targets": [{"Id": "queue", "Arn": f"{QUEUES}:{name}", "Input": name}]})
    eventbridge._tick_scheduled_rules()
    queues = [sqs._queue_by_arn(f"{QUEUES}:{name}") for name in policies]
    sys.stdout.write(json.dumps([message["body"] for queue in queues for message in queue["messages"]]) + "\n")


if __name__ == "__main__":
    main()
