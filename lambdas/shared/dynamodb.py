"""The one DynamoDB refusal that is an answer and no error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

_deserialize = TypeDeserializer().deserialize


class ConditionFailed(Exception):
    """The condition of a write did not hold; `item` is what stands there (with ALL_OLD), else empty."""

    def __init__(self, item: dict[str, Any]) -> None:
        super().__init__("the condition did not hold")
        self.item = item


@contextmanager
def conditional() -> Iterator[None]:
    """Turns a failed condition into ConditionFailed; every other error propagates."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item: dict[str, Any] = error.response.get("Item", {})  # type: ignore[assignment]  # not in botocore's stubs
        raise ConditionFailed({name: _deserialize(value) for name, value in item.items()}) from None
