"""The rest of AWS as SES sees it. local/aws.py is the real one, over MiniStack; tests bring their own."""

from collections.abc import Mapping
from typing import Any, Protocol


class Refused(Exception):
    """A bucket, topic, stream or role is missing, or a policy does not let ses.amazonaws.com act for this source."""


class Key(Protocol):
    """An access key of an IAM user, as it does not expire: SES's SMTP interface takes no other."""

    @property
    def user(self) -> str: ...

    @property
    def secret(self) -> str: ...

    def refusal(self, action: str, resource: str, keys: Mapping[str, Any]) -> str:
        """Empty where IAM allows the action with these condition keys, what SES says where it does not."""
        ...


class Aws(Protocol):
    """`source_arn` is the configuration set or receipt rule on whose behalf SES acts (aws:SourceArn)."""

    def check_publish(self, topic_arn: str, *, source_arn: str) -> None: ...

    def publish(self, topic_arn: str, subject: str, message: str, *, source_arn: str) -> None: ...

    def check_put_record(self, stream_arn: str, *, role_arn: str, source_arn: str) -> None: ...

    def put_record(self, stream_arn: str, record: bytes, *, role_arn: str, source_arn: str) -> None: ...

    def put_object(self, bucket: str, key: str, body: bytes, *, source_arn: str) -> None: ...

    def key(self, access_key_id: str) -> Key | None:
        """None where there is no such key, where it is not active, or is not a user's own."""
        ...
