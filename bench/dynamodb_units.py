"""What DynamoDB bills for an item.

Sources: developer guide, "DynamoDB item sizes and formats" and "Read and write operations".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.dynamodb_expressions import Item, Value

WRITE_UNIT, READ_UNIT = 1024, 4096  # bytes


def write_units(item: Item) -> int:
    """Of a write of this item; none of one that is not there."""
    return max(1, -(-size(item) // WRITE_UNIT)) if item else 0


def read_units(items: list[Item], *, consistent: bool) -> float:
    """Of these items, read together."""
    units = max(1, -(-sum(size(item) for item in items) // READ_UNIT))
    return units if consistent else units / 2


def size(item: Item) -> int:
    """Bytes, as DynamoDB counts them."""
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def size_of(value: Value) -> int:
    [(kind, it)] = value.items()
    return SIZES[kind](it)


SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda it: len(it.encode()),
    "N": lambda it: len(it.strip("-0").replace(".", "")) // 2 + 2,
    "BOOL": lambda _it: 1,
    "NULL": lambda _it: 1,
    "M": lambda it: 3 + len(it) + size(it),
    "L": lambda it: 3 + len(it) + sum(size_of(value) for value in it),
}
