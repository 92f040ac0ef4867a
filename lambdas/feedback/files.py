"""Files of SES's events: what Firehose gathers for a minute, and S3 then tells the queue of.

Each line is an event (SES Developer Guide, "Contents of event data that Amazon SES publishes to Firehose": SES follows
each record with a newline). A file is no unit of its own: what one event does is no matter of the others.

    rejected              the event goes to the dead letters alone
    failed                the event goes into the queue alone, and is tried five times like any other
    failed, and so did    it is not for the events that they fail: the file comes again, as a record that failed
    those before it
    no time left          the queue gets the rest of the file

All of that is put into the queues before SQS forgets the file. A run that dies before makes the file come again, and an
event that comes twice changes nothing.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from lambdas.shared.queue import RESERVE_MILLISECONDS, Later, Queue, Rejected, described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_s3.client import S3Client

log = logging.getLogger(__name__)

PART = 4 * 1024 * 1024  # bytes that are read at once; a record of Firehose's has 1,000 KiB at most
OUTAGE = 10  # failures one after another


@dataclass(kw_only=True)
class Left:
    """Lines that are not done: those to be tried again alone, and those that never work, each with its place in the
    file and the reason. `alike` is how many have failed one after another."""

    failed: list[str] = field(default_factory=list)
    rejected: list[tuple[int, str, str]] = field(default_factory=list)
    alike: int = 0


@dataclass(frozen=True, kw_only=True)
class Files:
    """`record` handles one event."""

    s3: S3Client
    bucket: str
    queue: Queue
    record: Callable[[dict[str, Any]], None]

    def read(self, told: dict[str, Any], milliseconds: Callable[[], float]) -> None:
        """Handle the events of the file that S3 tells of, or of its rest. Rejected where there is no such file, Later
        with the rest, where there are fewer `milliseconds` than one more event may take."""
        key, begin = place(told)
        left = Left()
        for at, line in self._lines(key, begin):
            if milliseconds() < RESERVE_MILLISECONDS:
                self._pass_on(key, left)
                raise Later(1, "the file takes longer", rest=told | {"from": at})
            self._try(key, at, line, left)
        self._pass_on(key, left)

    def _try(self, key: str, at: int, line: str, left: Left) -> None:
        try:
            self.record(event(line))
        except Rejected as rejected:
            left.rejected.append((at, line, str(rejected)))
        except Exception as error:  # as Queue does: whatever it was, the other events must go on
            left.failed.append(line)
            left.alike += 1
            if left.alike == OUTAGE:
                raise
            log.error("failed", extra={"record": f"{key}:{at}", **described(error)})  # noqa: TRY400 - as in Queue
            return
        left.alike = 0

    def _pass_on(self, key: str, left: Left) -> None:
        for line in left.failed:
            self.queue.put(alone(line))
        for at, line, reason in left.rejected:
            self.queue.bury(f"{key}:{at}", alone(line), reason)

    def _lines(self, key: str, begin: int) -> Iterator[tuple[int, str]]:
        """The file's lines from there on, each with the byte that it begins at."""
        size = begin + 1
        while begin < size:
            part, size = self._part(key, begin)
            whole = part.rfind(b"\n") + 1 if begin + len(part) < size else 0
            for line in BytesIO(part[: whole or None]):
                if line.strip():
                    yield begin, line.decode(errors="replace").strip()
                begin += len(line)

    def _part(self, key: str, begin: int) -> tuple[bytes, int]:
        """Some bytes of the file, and its size."""
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=key, Range=f"bytes={begin}-{begin + PART - 1}")
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            raise Rejected(f"{key} is gone; files of events are deleted when they are some weeks old") from None
        return found["Body"].read(), int(found["ContentRange"].rpartition("/")[2])


def is_file(body: dict[str, Any]) -> bool:
    """Whether S3 tells of a file (S3 User Guide, "Event message structure")."""
    return "Records" in body


def place(told: dict[str, Any]) -> tuple[str, int]:
    """The file's key, and the byte from which on it is not done. S3 tells of each object in a message of its own, with
    the key as in a form: a space is a plus."""
    try:
        [record] = told["Records"]
        return unquote_plus(record["s3"]["object"]["key"]), int(told.get("from", 0))
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected(f"no notification of S3's of one file: {type(error).__name__} {error}") from None


def event(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise Rejected("the line is not JSON") from None
    if not isinstance(found, dict):
        raise Rejected("the line is not a JSON object")
    return found


def alone(line: str) -> str:
    """An event in the envelope that those come in which SNS brings."""
    return json.dumps({"Type": "Notification", "Message": line})
