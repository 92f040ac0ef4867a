"""Gives the IAM user that sends by SMTP its password, as a CloudFormation custom resource.

AWS::IAM::AccessKey would do without this function, but it hands the key's secret to the template; here it never is in
a template, an output, an event of CloudFormation or a log.
"""

from __future__ import annotations

from typing import Any

import boto3

from lambdas.shared.custom_resource import answer
from lambdas.smtp.keys import Keys

keys = Keys(iam=boto3.client("iam"), secrets=boto3.client("secretsmanager"))
ACTIONS = {"Create": keys.create, "Update": keys.update, "Delete": keys.delete}


def handler(event: dict[str, Any], _context: object) -> None:
    # The physical id is the user's name: CloudFormation deletes the keys of a user that is replaced.
    answer(event, ACTIONS, physical_id=event.get("ResourceProperties", {}).get("UserName", "none"))
