"""How a stream stands with the guard, for those who only ask: it costs a cold start next to nothing."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

PREFIX, STATE = "GUARD#", "STATE"


class Level(IntEnum):
    OK = 0
    WARNED = 1
    SLOWED = 2
    PAUSED = 3


def key(stream: str, name: str) -> dict[str, str]:
    return {"pk": f"{PREFIX}{stream}", "sk": name}


def level(table: Table, stream: str) -> Level:
    """What is done to the stream, perhaps as it was a second ago: at half the price. `table` is that of counts."""
    named = {"#level": "level"}  # a word of DynamoDB's own
    answer = table.get_item(Key=key(stream, STATE), ProjectionExpression="#level", ExpressionAttributeNames=named)
    return Level[str(answer.get("Item", {}).get("level", Level.OK.name))]
