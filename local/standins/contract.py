"""A published description of an API (OpenAPI), and what a request or an answer has that it does not allow."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.testing import MockRequest, MockResponse

from local.standins.exchange import Answer, Asked

HOST = "http://stand-in"


class Contract:
    def __init__(self, file: Path) -> None:
        self._api = OpenAPI.from_dict(adapted(json.loads(file.read_text())), config=Config(spec_validator_cls=None))

    def wrong(self, asked: Asked) -> str:
        """What the request has that is not allowed; "" if nothing."""
        try:
            self._api.validate_request(request(asked))
        except OpenAPIError as error:
            return f"{asked.method} {asked.path}: {said(error)}"
        return ""

    def wrong_answer(self, asked: Asked, answer: Answer) -> str:
        """The same of the answer. Descriptions leave out failures (429, 5xx): of those, none is wrong."""
        try:
            self._api.validate_response(request(asked), MockResponse(answer.body, status_code=answer.status))
        except OpenAPIError as error:
            left_out = isinstance(error, ResponseNotFound) and answer.status >= HTTPStatus.BAD_REQUEST
            return "" if left_out else f"{answer.status} to {asked.method} {asked.path}: {said(error)}"
        return ""


def request(asked: Asked) -> MockRequest:
    return MockRequest(
        HOST,
        asked.method,
        asked.path,
        args=dict(asked.query),
        headers=asked.headers,
        data=asked.body,
        content_type=asked.headers.get("content-type", "application/json").lower(),
    )


def said(error: Exception) -> str:
    cause = error.__cause__
    faults = getattr(cause, "schema_errors", ())
    return "; ".join(f"{fault.json_path}: {fault.message}" for fault in faults) or f"{error} {cause or ''}".strip()


def adapted(given: dict[str, Any]) -> dict[str, Any]:
    """The description as it is meant, where it says otherwise:

    it calls itself 3.1 and uses `nullable`, which is 3.0's; Jira's own examples have times (+0000) that RFC 3339, and
    so `date-time`, does not allow; a 204 has no JSON; what it says of a form with a file is the server's own class.
    """
    if given["openapi"].startswith("3.1"):
        given["openapi"] = "3.0.3"
    given.pop("security", None)
    given["servers"] = [{"url": HOST}]
    for operation in operations(given):
        operation.pop("security", None)  # without a scheme in Jira's file; the stand-ins check credentials themselves
        operation["responses"].get("204", {}).pop("content", None)
        form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data")
        if form:
            form.pop("schema")
    if "/rest/api/3/issue" in given["paths"]:
        without_times(given)
    return given


def operations(given: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for path in given["paths"].values() for each in path.values() if isinstance(each, dict)]


def without_times(node: Any) -> None:
    if isinstance(node, dict):
        if node.get("format") == "date-time":
            del node["format"]
        for inner in node.values():
            without_times(inner)
    elif isinstance(node, list):
        for inner in node:
            without_times(inner)
