"""local.ses.aws.Aws over MiniStack: SES acting as the service principal ses.amazonaws.com."""

from local import emulator
from local.ses.aws import Refused


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

    def put_object(self, bucket: str, key: str, body: bytes, *, source_arn: str) -> None:
        emulator.use_scope(self._account, self._region)
        if not emulator.bucket_allows(bucket, key, source_arn, self._account):
            raise Refused(f"the policy of bucket {bucket} does not let ses.amazonaws.com put {key} for {source_arn}")
        emulator.put_object(bucket, key, body)
