"""A DynamoDB table in memory. It evaluates the expressions of lambdas/shared/messages.py as they are written there."""

import copy
import re

from botocore.exceptions import ClientError

TOKEN = re.compile(r"attribute_not_exists\(([#\w]+)\)|:\w+|#\w+|<=|<|=|[(),]|\w+")
WORDS = {"AND": "and", "OR": "or", "IN": "in", "=": "==", "<": "<", "<=": "<=", "(": "(", ")": ")", ",": ","}


class Missing:
    """An attribute that is not there: every comparison with it fails."""

    def _no(self, _other):
        return False

    __eq__ = __lt__ = __le__ = _no
    __hash__ = None


class FakeTable:
    """`before(operation)` is called before each request, `written(key, before, values)` after each write."""

    def __init__(self, before=lambda _operation: None, written=lambda _key, _item, _values: None):
        self.items = {}
        self._before, self._written = before, written

    def get_item(self, Key, ConsistentRead):  # noqa: N803 - boto3's names
        self._before("read")
        item = self.items.get(Key["id"])
        return {"Item": copy.deepcopy(item)} if item else {}

    def update_item(self, Key, UpdateExpression, **request):  # noqa: N803 - as above
        self._before("write")
        old = self.items.get(Key["id"], {})
        names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
        if not holds(request.get("ConditionExpression", ""), old, names, values):
            error = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}}
            raise ClientError(error | ({"Item": serialized(old)} if old else {}), "UpdateItem")
        new = updated(UpdateExpression, old, names, values) | Key
        self.items[Key["id"]] = new
        self._written(Key["id"], old, values)
        return {"Attributes": new}


def holds(expression, item, names, values):
    def translated(match):
        token = match[0]
        if match[1]:
            return f"(name({match[1]!r}) not in item)"
        if token.startswith(":"):
            return f"values[{token!r}]"
        return WORDS.get(token) or f"item.get(name({token!r}), Missing())"

    python = " ".join(translated(match) for match in TOKEN.finditer(expression))
    scope = {"item": item, "values": values, "Missing": Missing, "name": lambda text: names.get(text, text)}
    return not expression or bool(eval(python, scope))


def updated(expression, item, names, values):
    new = copy.deepcopy(item)
    sets, _, add = expression.removeprefix("SET ").partition(" ADD ")
    for clause in re.split(r", (?![^(]*\))", sets):
        target, _, source = clause.partition(" = ")
        once = re.fullmatch(r"if_not_exists\(([#\w]+), (:\w+)\)", source)
        if once:
            new[names.get(target, target)] = item.get(names.get(once[1], once[1]), values[once[2]])
        else:
            new[names.get(target, target)] = values[source]
    if add:
        target, value = add.split()
        new[target] = item.get(target, 0) + values[value]
    return new


def serialized(item):
    from boto3.dynamodb.types import TypeSerializer

    return {name: TypeSerializer().serialize(value) for name, value in item.items()}
