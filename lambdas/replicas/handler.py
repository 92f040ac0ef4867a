"""Brings the first region's tables into the standby region, as a CloudFormation custom resource.

CloudFormation makes replicas only of a table that it has made as AWS::DynamoDB::GlobalTable, and none can become one
without being replaced. What is made here stays when the resource goes: it is data.
"""

from __future__ import annotations

import os
import time
from typing import Any

import boto3

from lambdas.replicas.replicate import Replicas
from lambdas.shared.custom_resource import answer

RESERVE_MILLISECONDS = 30_000


def handler(event: dict[str, Any], context: Any) -> None:
    def prepare(event: dict[str, Any]) -> dict[str, str]:
        asked = event["ResourceProperties"]
        first = asked["FirstRegion"]
        replicas = Replicas(
            first=first,
            region=os.environ["AWS_REGION"],
            stacks=boto3.client("cloudformation", region_name=first),
            tables=boto3.client("dynamodb", region_name=first),
            here=boto3.client("dynamodb"),
            sleep=time.sleep,
            in_time=lambda: context.get_remaining_time_in_millis() > RESERVE_MILLISECONDS,
        )
        return replicas.prepare(asked["Stacks"])

    answer(event, {"Create": prepare, "Update": prepare, "Delete": leave}, physical_id="replicas")


def leave(_event: dict[str, Any]) -> None:
    """As everything in Storage, the replicas stay."""
