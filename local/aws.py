"""local.ses.aws.Aws over MiniStack: SES acting as the service principal ses.amazonaws.com."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local import emulator, roles
from local.ses.aws import Refused


@dataclass(frozen=True, kw_only=True)
class Key:
    """local.ses.aws.Key. It may be gone, or the user's policies changed, by the time it is used."""

    id: str
    user: str
    secret: str
    account: str
    region: str

    def refusal(self, action: str, resource: str, keys: Mapping[str, Any]) -> str:
        emulator.use_scope(self.account, self.region)
        if emulator.user_may(self.id, self.account, action, resource, keys):
            return ""
        arn = f"arn:aws:iam::{self.account}:user/{self.user}"
        return f"User `{arn}' is not authorized to perform `{action}' on resource `{resource}'"


class Aws:
    def __init__(self, account: str, region: str) -> None:
        self._account = account
        self._region = region

    def check_publish(self, topic_arn: str, *, source_arn: str) -> None:
        emulator.use_scope(self._account, self._region)
        if not emulator.topic_allows(topic_arn, source_arn, self._account):
            raise Refused(f"the policy of topic {topic_arn} does not let ses.amazonaws.com publish for {source_arn}")

    def publish(self, topic_arn: str, subject: str, message: str, *, source_arn: str) -> None:
        self.check_publish(topic_arn, source_arn=source_arn)
        emulator.publish(topic_arn, subject, message)

    def check_put_record(self, stream_arn: str, *, role_arn: str, source_arn: str) -> None:
        emulator.use_scope(self._account, self._region)
        if not roles.role_trusts_ses(role_arn, source_arn, self._account):
            raise Refused(f"the role {role_arn} cannot be assumed by ses.amazonaws.com for {source_arn}")
        if not roles.role_may(role_arn, "firehose:PutRecordBatch", stream_arn):
            raise Refused(f"the role {role_arn} may not do firehose:PutRecordBatch on {stream_arn}")

    def put_record(self, stream_arn: str, record: bytes, *, role_arn: str, source_arn: str) -> None:
        self.check_put_record(stream_arn, role_arn=role_arn, source_arn=source_arn)
        if not emulator.put_record(stream_arn, record):
            raise Refused(f"there is no stream {stream_arn}")

    def put_object(self, bucket: str, key: str, body: bytes, *, source_arn: str) -> None:
        emulator.use_scope(self._account, self._region)
        if not emulator.bucket_allows(bucket, key, source_arn, self._account):
            raise Refused(f"the policy of bucket {bucket} does not let ses.amazonaws.com put {key} for {source_arn}")
        emulator.put_object(bucket, key, body)

    def key(self, access_key_id: str) -> Key | None:
        emulator.use_scope(self._account, self._region)
        found = emulator.user_key(access_key_id, self._account)
        if found is None:
            return None
        user, secret = found
        return Key(id=access_key_id, user=user, secret=secret, account=self._account, region=self._region)
