"""The files of tickets in the mail bucket: links that expire, and files that come with an answer or a note."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from lambdas.shared.tickets.ticket import Attachment

LINK_SECONDS = 15 * 60
# S3's answers where an object is not there: the second is for who may not list the bucket (API GetObject, permissions).
MISSING = {"NoSuchKey", "AccessDenied", "404", "403"}


class Different(Exception):
    """Another file has this key already."""


@dataclass(frozen=True, kw_only=True)
class TicketFiles:
    s3: S3Client
    bucket: str

    def link(self, file: Attachment) -> str:
        """Where anybody may download the file for 15 minutes, under its own name; no browser shows it."""
        asked = {
            "Bucket": self.bucket,
            "Key": file.key,
            "ResponseContentDisposition": disposition(file.filename),
            "ResponseContentType": "application/octet-stream",
        }
        return self.s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)

    def picture(self, key: str) -> str:
        """The same, for a picture within a mail's HTML, of the type that it was stored with."""
        asked = {"Bucket": self.bucket, "Key": key}
        return self.s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=LINK_SECONDS)

    def raw(self, key: str) -> bytes | None:
        """A received mail's bytes; None once the bucket's retention has taken it."""
        try:
            return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in MISSING:
                raise
            return None

    def keep(self, key: str, content: bytes, content_type: str) -> None:
        """Store a file under a key of its own, once. Different where the key has another content: it stays."""
        try:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=content, ContentType=content_type, IfNoneMatch="*")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.PRECONDITION_FAILED:
                raise
            if self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read() != content:
                raise Different(key) from None


def disposition(filename: str) -> str:
    """Content-Disposition of a download (RFC 6266 section 4.3, RFC 8187): the name, and what ASCII has of it."""
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='', errors='replace')}"
