"""A DynamoDB table in memory. It evaluates the expressions of lambdas/shared/messages.py and recipients.py as they are
written there."""

import copy
import re

from botocore.exceptions import ClientError

TOKEN = re.compile(r"attribute_(not_)?exists\(([#\w.]+)\)|:\w+|#[\w#.]+|<=|>=|<|>|=|[(),]|\w+")
WORDS = {"AND": "and", "OR": "or", "IN": "in", "=": "=="} | {
    sign: sign for sign in ("<", "<=", ">", ">=", "(", ")", ",")
}
CLAUSES = re.compile(r"(SET|REMOVE|ADD) (.*?)(?= REMOVE | ADD |$)")


class Missing:
    """An attribute that is not there: every comparison with it fails."""

    def _no(self, _other):
        return False

    __eq__ = __lt__ = __le__ = __gt__ = __ge__ = _no
    __hash__ = None


class FakeTable:
    """`before(operation)` is called before each request, `written(key, before, values)` after each write."""

    def __init__(self, before=lambda _operation: None, written=lambda _key, _item, _values: None):
        self.items = {}
        self._before, self._written = before, written

    def get_item(self, Key, ConsistentRead, ProjectionExpression=None):  # noqa: N803 - boto3's names
        self._before("read" if ConsistentRead else "cheap read")
        [key] = Key.values()
        item = self.items.get(key)
        return {"Item": copy.deepcopy(item)} if item else {}

    def update_item(self, Key, UpdateExpression, **request):  # noqa: N803 - as above
        self._before("write")
        [key] = Key.values()
        old = self.items.get(key, {})
        names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
        if not holds(request.get("ConditionExpression", ""), old, names, values):
            error = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}}
            raise ClientError(error | ({"Item": serialized(old)} if old else {}), "UpdateItem")
        new = updated(UpdateExpression, old, names, values) | Key
        self.items[key] = new
        self._written(key, old, values)
        return {"Attributes": new}


def holds(expression, item, names, values):
    def found(path):
        value = item
        for part in path.split("."):
            value = value.get(names.get(part, part), Missing()) if isinstance(value, dict) else Missing()
        return value

    def translated(match):
        token = match[0]
        if match[2]:
            return f"({'' if match[1] else 'not '}isinstance(found({match[2]!r}), Missing))"
        if token.startswith(":"):
            return f"values[{token!r}]"
        return WORDS.get(token) or f"found({token!r})"

    python = " ".join(translated(match) for match in TOKEN.finditer(expression))
    return not expression or bool(eval(python, {"found": found, "values": values, "Missing": Missing}))


def updated(expression, item, names, values):
    new = copy.deepcopy(item)
    clauses = dict(CLAUSES.findall(expression))
    for clause in re.split(r", (?![^(]*\))", clauses["SET"]):
        target, _, source = clause.partition(" = ")
        once = re.fullmatch(r"if_not_exists\(([#\w]+), (:\w+)\)", source)
        if once:
            new[names.get(target, target)] = item.get(names.get(once[1], once[1]), values[once[2]])
        else:
            new[names.get(target, target)] = values[source]
    for target in clauses["REMOVE"].split(", ") if "REMOVE" in clauses else ():
        new.pop(names.get(target, target), None)
    if "ADD" in clauses:
        target, value = clauses["ADD"].split()
        new[target] = item.get(target, 0) + values[value]
    return copy.deepcopy(new)


def serialized(item):
    from boto3.dynamodb.types import TypeSerializer

    return {name: TypeSerializer().serialize(value) for name, value in item.items()}
