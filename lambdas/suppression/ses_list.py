"""SES's own list of those it sends nothing to: the account's suppression list, asked no faster than SES allows.

Sources: SES Developer Guide, "Using the Amazon SES account-level suppression list"; quotas: operations other than
sending take about one request a second. More are refused with TooManyRequestsException, and may be for a while.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from lambdas.shared.recipients import canonical
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_sesv2.client import SESV2Client

BOUNCE, COMPLAINT = "BOUNCE", "COMPLAINT"
SECONDS = 1.1  # between two calls
PATIENCE = (2, 4, 8, 16)  # seconds, after refusals in a row
TOO_MANY = {"TooManyRequestsException", "ThrottlingException", "Throttling"}
# botocore would repeat what is refused as too much at once, and more quickly than SES wants it.
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=3, read_timeout=10)


class Throttled(Exception):
    """SES refused a call as too many, and all its repetitions."""


class NotTaken(Exception):
    """SES does not put the address on its list: in the sandbox it takes none, and it knows what it calls no address."""


class BadToken(Exception):
    """The place in the list is no longer known: it has to be read from its beginning."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`reason` is BOUNCE or COMPLAINT, as yet; `at` when SES put the address on its list, or was told to again."""

    address: str
    reason: str
    at: str


@dataclass(kw_only=True)
class SesList:
    client: SESV2Client
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _due: float = field(default=0.0, init=False)

    def page(self, since: datetime | None, token: str | None) -> tuple[list[Entry], str | None]:
        """Some of the entries that are not older, and the token of the page after; BadToken."""
        asked: dict[str, Any] = {"StartDate": since} if since else {}
        try:
            told = self._call(self.client.list_suppressed_destinations, asked | ({"NextToken": token} if token else {}))
        except ClientError as error:
            if code(error) == "InvalidNextTokenException":
                raise BadToken from error
            raise
        return [entry_of(found) for found in told["SuppressedDestinationSummaries"]], told.get("NextToken")

    def get(self, address: str) -> Entry | None:
        try:
            told = self._call(self.client.get_suppressed_destination, {"EmailAddress": address})
        except ClientError as error:
            if code(error) != "NotFoundException":
                raise
            return None
        return entry_of(told["SuppressedDestination"])

    def put(self, address: str, reason: str) -> None:
        """NotTaken"""
        try:
            self._call(self.client.put_suppressed_destination, {"EmailAddress": address, "Reason": reason})
        except ClientError as error:
            if code(error) != "BadRequestException":
                raise
            raise NotTaken(error.response["Error"].get("Message", "")) from error

    def remove(self, address: str) -> None:
        """Nothing happens if it is not there."""
        try:
            self._call(self.client.delete_suppressed_destination, {"EmailAddress": address})
        except ClientError as error:
            if code(error) != "NotFoundException":
                raise

    def _call(self, operation: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        for seconds in (*PATIENCE, None):
            self.sleep(max(0.0, self._due - self.clock()))
            self._due = self.clock() + SECONDS
            try:
                return operation(**arguments)
            except ClientError as error:
                if code(error) not in TOO_MANY:
                    raise
                if seconds is None:
                    raise Throttled from error
                self._due = self.clock() + seconds
        raise AssertionError


def entry_of(told: dict[str, Any]) -> Entry:
    return Entry(address=canonical(told["EmailAddress"]), reason=told["Reason"], at=iso(told["LastUpdateTime"]))


def code(error: ClientError) -> str:
    return error.response["Error"]["Code"]
