"""DynamoDB's expressions, as far as the functions use them; whatever else there is raises NotImitated.

Values are as on the wire ({"S": "..."}), an item a dict of them. An expression is compiled once, whatever its names.
Source: DynamoDB developer guide, "Expressions".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]
TOKEN = re.compile(r"\s*([#:]?\w+(?:\.#?\w+)*|<=|>=|[<>=(),])")
CLAUSE = re.compile(r"\b(SET|REMOVE|ADD) (.*?)(?=$| SET | REMOVE | ADD )")
COMMAS = re.compile(r", (?![^(]*\))")
COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ORDERED = {"S", "N"}


class NotImitated(BaseException):
    """Something that is not imitated here; no handler is to take it for a failure of its own."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the placeholders of a request stand for."""

    names: Mapping[str, str]
    values: Mapping[str, Value]

    def path(self, path: str) -> list[str]:
        return [self.names[part] if part.startswith("#") else part for part in path.split(".")]

    def found(self, operand: str, item: Item) -> Value | None:
        if operand.startswith(":"):
            return self.values[operand]
        value: Value | None = {"M": item}
        for part in self.path(operand):
            value = value["M"].get(part) if value and "M" in value else None
        return value


Test = Callable[[Item, Names], bool]


def comparable(value: Value) -> Any:
    [(kind, it)] = value.items()
    return Decimal(it) if kind == "N" else it


def compare(sign: str, left: str, right: str) -> Test:
    """Nothing compares with what is not there, or is of another type."""

    def test(item: Item, names: Names) -> bool:
        one, other = names.found(left, item), names.found(right, item)
        if one is None or other is None or one.keys() != other.keys():
            return False
        if sign != "=" and not one.keys() <= ORDERED:
            raise NotImitated(f"{left} {sign} {right} of {one}")
        return COMPARED[sign](comparable(one), comparable(other))

    return test


def exists(path: str) -> Test:
    return lambda item, names: names.found(path, item) is not None


def begins_with(path: str, value: str) -> Test:
    def test(item: Item, names: Names) -> bool:
        one, beginning = names.found(path, item), names.found(value, item)
        return bool(one and beginning and "S" in one and one["S"].startswith(beginning["S"]))

    return test


def negated(test: Test) -> Test:
    return lambda item, names: not test(item, names)


class Condition:
    """Reads a condition; OR binds less than AND. NOT, BETWEEN and the rest are not imitated."""

    def __init__(self, expression: str) -> None:
        self._tokens = tokens(expression)
        self._expression = expression

    def read(self) -> Test:
        test = self._any()
        if self._tokens:
            raise NotImitated(f"{self._tokens[0]!r} in {self._expression!r}")
        return test

    def _any(self) -> Test:
        parts = [self._all()]
        while self._next("OR"):
            parts.append(self._all())
        return lambda item, names: any(part(item, names) for part in parts)

    def _all(self) -> Test:
        parts = [self._one()]
        while self._next("AND"):
            parts.append(self._one())
        return lambda item, names: all(part(item, names) for part in parts)

    def _one(self) -> Test:
        if self._next("("):
            test = self._any()
            self._expect(")")
            return test
        first = self._take()
        if first in FUNCTIONS:
            return FUNCTIONS[first](*self._arguments())
        if self._next("IN"):
            tests = [compare("=", first, other) for other in self._arguments()]
            return lambda item, names: any(test(item, names) for test in tests)
        sign = self._take()
        if sign not in COMPARED:
            raise NotImitated(f"{sign!r} in {self._expression!r}")
        return compare(sign, first, self._take())

    def _arguments(self) -> list[str]:
        self._expect("(")
        found = [self._take()]
        while self._next(","):
            found.append(self._take())
        self._expect(")")
        return found

    def _take(self) -> str:
        if not self._tokens:
            raise NotImitated(f"the end of {self._expression!r}")
        return self._tokens.pop(0)

    def _next(self, token: str) -> bool:
        if self._tokens[:1] != [token]:
            return False
        self._tokens.pop(0)
        return True

    def _expect(self, token: str) -> None:
        if not self._next(token):
            raise NotImitated(f"{self._expression!r} without {token!r}")


FUNCTIONS: dict[str, Callable[..., Test]] = {
    "attribute_exists": exists,
    "attribute_not_exists": lambda path: negated(exists(path)),
    "begins_with": begins_with,
}


@lru_cache(maxsize=10_000)
def condition(expression: str) -> Test:
    return Condition(expression).read()


def tokens(expression: str) -> list[str]:
    found = TOKEN.findall(expression)
    if "".join(found) != "".join(expression.split()):
        raise NotImitated(expression)
    return found


@lru_cache(maxsize=10_000)
def update(expression: str) -> tuple[tuple[str, str, str], ...]:
    """Its actions as (verb, path, operand): `SET a = if_not_exists(a, :b)` is ("once", "a", ":b")."""
    found = [action(verb, text) for verb, texts in CLAUSE.findall(expression) for text in COMMAS.split(texts)]
    if sum(len(found.group()) for found in CLAUSE.finditer(expression)) < len(expression) - len(found):
        raise NotImitated(expression)
    return tuple(found)


ACTIONS = {
    "SET": re.compile(r"(?P<path>#?\w+) = (?:(?P<value>:\w+)|if_not_exists\((?P<same>#?\w+), (?P<once>:\w+)\))"),
    "REMOVE": re.compile(r"(?P<path>#?\w+)"),
    "ADD": re.compile(r"(?P<path>#?\w+) (?P<value>:\w+)"),
}


def action(verb: str, text: str) -> tuple[str, str, str]:
    found = ACTIONS[verb].fullmatch(text)
    if not found or (verb == "SET" and found["same"] not in (None, found["path"])):
        raise NotImitated(f"{verb} {text}")
    parts = found.groupdict()
    if parts.get("once"):
        return "once", parts["path"], parts["once"]
    return verb, parts["path"], parts.get("value") or ""


def updated(expression: str, item: Item, names: Names) -> tuple[Item, set[str]]:
    """The item after an update, and the names of the attributes that it set."""
    new, touched = dict(item), set()
    for verb, path, operand in update(expression):
        [name] = names.path(path)
        if verb == "REMOVE":
            new.pop(name, None)
            continue
        touched.add(name)
        if verb == "SET" or (verb == "once" and name not in item):
            new[name] = names.values[operand]
        elif verb == "ADD":
            new[name] = {"N": str(Decimal(item.get(name, {"N": "0"})["N"]) + Decimal(names.values[operand]["N"]))}
    return new, touched
