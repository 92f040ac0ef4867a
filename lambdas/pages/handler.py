import os
from typing import Any

import boto3

from lambdas.pages.page import Pages
from lambdas.pages.verify import look, verify
from lambdas.shared.bus import Bus
from lambdas.shared.timestamps import now
from lambdas.shared.tokens.table import Tokens

bus = Bus(boto3.client("events"), os.environ["BUS_NAME"])
tokens = Tokens(boto3.resource("dynamodb").Table(os.environ["TOKENS_TABLE"]))
pages = Pages(os.environ["PRODUCT"])


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Answer an HTTP API request (payload format 2.0)."""
    link = event["pathParameters"]["token"]
    if event["requestContext"]["http"]["method"] == "POST":
        return pages.answer(verify(link, tokens=tokens, emit=bus.emit, now=now()))
    return pages.answer(look(link, tokens=tokens, now=now()))
