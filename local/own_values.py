"""MiniStack 1.5.33 puts one value of a DynamoDB update into all attributes that are set to it, so that what is written
into one map afterwards is in the other too; here each attribute gets a copy of its own."""

import copy
from typing import Any

from ministack.services import dynamodb  # type: ignore[import-untyped]  # MiniStack ships no types


def install() -> None:
    value = dynamodb._eval_set_value  # noqa: SLF001 (no public hook; so below)

    def own_value(*arguments: Any) -> Any:
        return copy.deepcopy(value(*arguments))

    dynamodb._eval_set_value = own_value  # noqa: SLF001
