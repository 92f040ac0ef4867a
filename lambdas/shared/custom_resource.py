"""How a function serves CloudFormation as a custom resource (CloudFormation User Guide, crpg-ref).

A custom resource that does not answer hangs its stack until a timeout: every request is answered, whatever happens.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

CONNECTIONS = {"https": HTTPSConnection, "http": HTTPConnection}  # plain HTTP is the embedded AWS's

Action = Callable[[dict[str, Any]], dict[str, str] | None]
logger = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is not carried out; the message says why and becomes the failed resource's reason."""


def answer(event: dict[str, Any], actions: Mapping[str, Action], *, physical_id: str) -> None:
    """Perform the action of the request's type (Create, Update, Delete) and PUT the outcome to its ResponseURL, with
    the attributes that it gives, if any.

    Raises only where CloudFormation does not take the answer, so that Lambda tries again.
    """
    outcome: dict[str, Any]
    try:
        attributes = actions[event["RequestType"]](event)
        outcome = {"Status": "SUCCESS"} | ({"Data": attributes} if attributes else {})
    except Refused as refusal:
        outcome = {"Status": "FAILED", "Reason": str(refusal)}
    except Exception as error:
        logger.exception("The custom resource failed")
        outcome = {"Status": "FAILED", "Reason": repr(error)}
    _respond(event, {"PhysicalResourceId": physical_id} | outcome)


def _respond(event: dict[str, Any], outcome: dict[str, Any]) -> None:
    """A custom resource response object: at most 4,096 bytes, to a presigned S3 URL."""
    keys = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    url = urlsplit(event["ResponseURL"])
    connection = CONNECTIONS[url.scheme](url.netloc, timeout=10)
    # The signature covers an empty content type; urllib would send one of its own.
    connection.request("PUT", f"{url.path}?{url.query}", json.dumps(keys | outcome).encode(), {"Content-Type": ""})
    status = connection.getresponse().status
    if status >= 300:
        raise ConnectionError(f"CloudFormation answered {status} to the custom resource's outcome")
