"""SES's two protocols, read and written by botocore's service models: v2 is REST with JSON, v1 is Query with XML."""

import base64
import json
import re
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote
from xml.sax.saxutils import escape

from botocore.loaders import Loader
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from local.ses.errors import BadRequest, InvalidParameterValue, SesError

Headers = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request: the operation, its parameters by the model's names, and who made it from where."""

    operation: str
    parameters: dict[str, Any]
    caller: str = ""
    source_ip: str = "127.0.0.1"


class UnknownOperation(SesError):
    code = "UnknownOperationException"
    status = 404


@cache
def model(api: str) -> ServiceModel:
    """`sesv2` or `ses` (v1)."""
    return ServiceModel(Loader().load_service_model(api, "service-2"), api)


def read_v2(method: str, raw_path: str, query: str, body: bytes) -> Call:
    operation, in_path = _route(method, raw_path)
    parameters, shape = _object(body), operation.input_shape
    if shape is None:
        return Call(operation=operation.name, parameters={})
    in_query = {member.serialization.get("name", name): name for name, member in shape.members.items()}
    for key, values in parse_qs(query).items():
        if name := in_query.get(key):
            parameters[name] = values if isinstance(shape.members[name], ListShape) else values[0]
    parameters = _from_json({**parameters, **in_path}, shape)
    _validate(parameters, shape)
    return Call(operation=operation.name, parameters=parameters)


def read_v1(body: bytes) -> Call:
    sent = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    name = sent.get("Action", "")
    if name not in model("ses").operation_names:
        raise UnknownOperation(f"Could not find operation {name} for version 2010-12-01")
    shape = model("ses").operation_model(name).input_shape
    if shape is None:
        return Call(operation=name, parameters={})
    try:
        parameters = _from_query(sent, "", shape)
        _validate(parameters, shape)
    except BadRequest as error:
        raise InvalidParameterValue(error.message) from error
    return Call(operation=name, parameters=parameters)


def write_v2(result: dict[str, Any]) -> tuple[int, Headers, bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(result, default=_json_value).encode()


def write_v1(operation: str, result: dict[str, Any]) -> tuple[int, Headers, bytes]:
    shape = model("ses").operation_model(operation).output_shape
    inner = _to_xml(result, shape) if shape else ""
    document = (
        f'<{operation}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><{operation}Result>{inner}'
        f"</{operation}Result><ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{operation}Response>"
    )
    return 200, {"Content-Type": "text/xml"}, document.encode()


def error_v2(error: SesError) -> tuple[int, Headers, bytes]:
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return error.status, headers, json.dumps({"message": error.message}).encode()


def error_v1(error: SesError) -> tuple[int, Headers, bytes]:
    document = (
        '<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>Sender</Type>'
        f"<Code>{error.code}</Code><Message>{escape(error.message)}</Message></Error>"
        "<RequestId>local</RequestId></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml"}, document.encode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError as error:
        raise BadRequest("The request body is not JSON.") from error
    if not isinstance(value, dict):
        raise BadRequest("The request body is not a JSON object.")
    return value


def _route(method: str, raw_path: str) -> tuple[OperationModel, dict[str, str]]:
    for verb, pattern, operation in _routes():
        if verb == method and (found := pattern.fullmatch(raw_path)):
            return operation, {name: unquote(value) for name, value in found.groupdict().items()}
    raise UnknownOperation(f"SES has no operation at {method} {raw_path}.")


@cache
def _routes() -> list[tuple[str, re.Pattern[str], OperationModel]]:
    """Literal paths before those with a name in them, as in any router."""
    operations = [model("sesv2").operation_model(name) for name in model("sesv2").operation_names]
    operations.sort(key=lambda operation: operation.http["requestUri"].count("{"))
    return [(o.http["method"], re.compile(_pattern(o.http["requestUri"])), o) for o in operations]


def _pattern(uri: str) -> str:
    parts = re.split(r"\{(\w+)\}", uri)
    return "".join(f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))


def _validate(parameters: dict[str, Any], shape: StructureShape) -> None:
    report = ParamValidator().validate(parameters, shape)
    if report.has_errors():
        raise BadRequest(report.generate_report())


def _from_json(value: Any, shape: Shape) -> Any:
    """JSON's values as botocore gives them to a caller: bytes decoded, unknown members dropped."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        known = shape.members.items()
        return {name: _from_json(value[name], member) for name, member in known if value.get(name) is not None}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_from_json(item, shape.member) for item in value]
    return _scalar(shape.type_name, value)


def _scalar(kind: str, value: Any) -> Any:
    read = _READ.get(kind)
    try:
        return read(value) if read and isinstance(value, str) else value
    except (NotBase64, ValueError) as error:
        raise BadRequest(f"This is no {kind}: {value[:40]!r}") from error


_READ: dict[str, Callable[[str], Any]] = {
    "blob": lambda text: base64.b64decode(text, validate=True),
    "boolean": lambda text: {"true": True, "false": False}[text] if text in {"true", "false"} else text,
    "integer": int,
    "double": float,
    "timestamp": datetime.fromisoformat,
}


def _from_query(sent: dict[str, str], prefix: str, shape: Shape) -> Any:
    """`Rule.Recipients.member.1=…` and so on, as nested values; None where nothing under `prefix` was sent."""
    if isinstance(shape, StructureShape):
        dot = f"{prefix}." if prefix else ""
        members = {name: _from_query(sent, dot + name, member) for name, member in shape.members.items()}
        present = {name: value for name, value in members.items() if value is not None}
        return present if present or not prefix or any(key.startswith(dot) for key in sent) else None
    if isinstance(shape, ListShape):
        items, index = [], 1
        while (item := _from_query(sent, f"{prefix}.member.{index}", shape.member)) is not None:
            items.append(item)
            index += 1
        return items or ([] if prefix in sent else None)
    return _scalar(shape.type_name, sent[prefix]) if prefix in sent else None


def _to_xml(value: Any, shape: Shape) -> str:
    if isinstance(shape, StructureShape):
        present = [(name, value[name], member) for name, member in shape.members.items() if value.get(name) is not None]
        return "".join(f"<{name}>{_to_xml(item, member)}</{name}>" for name, item, member in present)
    if isinstance(shape, ListShape):
        return "".join(f"<member>{_to_xml(item, shape.member)}</member>" for item in value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def _json_value(value: Any) -> Any:
    """SES v2 writes times as seconds."""
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"no JSON for {type(value)}")
