"""The rest of AWS as SES sees it. local/aws.py is the real one, over MiniStack; tests bring their own."""

from typing import Protocol


class Refused(Exception):
    """A bucket or topic is missing, or its policy does not let ses.amazonaws.com act for this source."""


class Aws(Protocol):
    """`source_arn` is the configuration set or receipt rule on whose behalf SES acts (aws:SourceArn)."""

    def check_publish(self, topic_arn: str, *, source_arn: str) -> None: ...

    def publish(self, topic_arn: str, subject: str, message: str, *, source_arn: str) -> None: ...

    def put_object(self, bucket: str, key: str, body: bytes, *, source_arn: str) -> None: ...
