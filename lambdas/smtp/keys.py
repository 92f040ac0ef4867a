"""The access key behind an SMTP password: made, kept in the secret, deleted.

IAM shows a key's secret once, when the key is made, and here it goes nowhere but into Secrets Manager.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.smtp_password import smtp_credentials

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_secretsmanager import SecretsManagerClient


@dataclass(frozen=True, kw_only=True)
class Keys:
    """Keys of the IAM user and the secret that a request's ResourceProperties name, by custom resource actions."""

    iam: IAMClient
    secrets: SecretsManagerClient  # in the region that the password is for

    def create(self, event: dict[str, Any]) -> None:
        """Make the first key. A repeat of a request that got that far changes nothing.

        Any other key of the user is left over from a try that ended before the secret had it: nobody knows it.
        """
        properties = event["ResourceProperties"]
        user, kept = properties["UserName"], self._kept(properties["SecretArn"])
        for key in self._of(user) - {kept}:
            self.iam.delete_access_key(UserName=user, AccessKeyId=key)
        self.update(event)

    def update(self, event: dict[str, Any]) -> None:
        """Make a key where the secret has none of the user's. Other keys stay: somebody may be sending with them."""
        properties = event["ResourceProperties"]
        user, secret = properties["UserName"], properties["SecretArn"]
        if self._kept(secret) in self._of(user):
            return
        made = self.iam.create_access_key(UserName=user)["AccessKey"]
        credentials = smtp_credentials(made["AccessKeyId"], made["SecretAccessKey"], self.secrets.meta.region_name)
        self.secrets.put_secret_value(SecretId=secret, SecretString=json.dumps(credentials))

    def delete(self, event: dict[str, Any]) -> None:
        """Delete every key, without which CloudFormation cannot delete the user; fine where that is gone already."""
        user = event["ResourceProperties"]["UserName"]
        try:
            for key in self._of(user):
                self.iam.delete_access_key(UserName=user, AccessKeyId=key)
        except self.iam.exceptions.NoSuchEntityException:
            return

    def _of(self, user: str) -> set[str]:
        return {key["AccessKeyId"] for key in self.iam.list_access_keys(UserName=user)["AccessKeyMetadata"]}

    def _kept(self, secret: str) -> str:
        """The key in the secret; empty before the first, when a secret has no version or one without credentials."""
        try:
            held: str = json.loads(self.secrets.get_secret_value(SecretId=secret)["SecretString"])["username"]
        except (self.secrets.exceptions.ResourceNotFoundException, ValueError, KeyError, TypeError):
            return ""
        return held
