"""Files that go with a mail: in the request, or in a bucket that the stage's settings allow."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lambdas.shared.bucket import outgoing_of
from lambdas.shared.outbox.request import Impossible, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mypy_boto3_s3.client import S3Client

# SES takes 40 MB after encoding (developer guide, quotas); base64 makes 3 bytes 4, and lines of 76 a little more.
BYTES = 28 * 1024 * 1024
MISSING = {"NoSuchKey", "NoSuchBucket", "AccessDenied", "404", "403"}


class BadAttachment(Impossible):
    """The message says which file, and what to change."""


@dataclass(frozen=True, kw_only=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Files:
    """The buckets that files may come from; `bucket` is our own, where waiting messages keep theirs, and `elsewhere`
    how the name of that in the stage's other region begins. Few mails have files, so the client is made when the first
    does."""

    s3: Callable[[], S3Client]
    bucket: str
    allowed: frozenset[str]
    elsewhere: str = ""

    def read(self, request: Request) -> list[File]:
        """The request's files. BadAttachment if one cannot be had or all are too large together."""
        files = []
        room = BYTES
        for attachment in request.attachments:
            content = self._content(request, attachment, room)
            room -= len(content)
            if room < 0:
                raise BadAttachment(f"the attachments are larger than {BYTES // 1024 // 1024} MB together")
            files.append(File(name=attachment["filename"], content_type=attachment["content_type"], content=content))
        return files

    def keep(self, request: Request) -> list[dict[str, Any]]:
        """The request's attachments with those inside it moved to our bucket: neither a queue nor a schedule could
        hold them."""
        return list(self._kept(request))

    def _kept(self, request: Request) -> Iterable[dict[str, Any]]:
        for number, attachment in enumerate(request.attachments):
            if "s3" in attachment:
                yield attachment
                continue
            key = f"{outgoing_of(request.id)}{number}"
            self.s3().put_object(Bucket=self.bucket, Key=key, Body=decoded(attachment))
            described = {name: attachment[name] for name in ("filename", "content_type")}
            yield described | {"s3": {"bucket": self.bucket, "key": key}}

    def _content(self, request: Request, attachment: dict[str, Any], room: int) -> bytes:
        if "content" in attachment:
            return decoded(attachment)
        bucket, key = attachment["s3"]["bucket"], attachment["s3"]["key"]
        if not self._own(bucket, key, request) and bucket not in self.allowed:
            raise BadAttachment(f"{attachment['filename']}: the setting attachment_buckets does not name its bucket")
        try:
            found = self.s3().get_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
            raise BadAttachment(f"{attachment['filename']}: there is no such object, or we may not read it") from None
        if found["ContentLength"] > room:
            raise BadAttachment(f"{attachment['filename']}: larger than {BYTES // 1024 // 1024} MB with the others")
        return found["Body"].read()

    def _own(self, bucket: str, key: str, request: Request) -> bool:
        """Whether this is where the message's files wait, here or in the region that handed it on."""
        of_ours = bucket == self.bucket or (self.elsewhere and bucket.startswith(self.elsewhere))
        return bool(of_ours) and key.startswith(outgoing_of(request.id))


def decoded(attachment: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(attachment["content"], validate=True)
    except ValueError:
        raise BadAttachment(f"{attachment['filename']}: its content is not base64") from None
