"""The access keys of the user that sends by SMTP, and how one takes another's place.

A user has two keys at most (IAM quotas), so a rotation is two steps: `rotate` makes the second and puts it into the
secret, `finish` takes the first away once nobody sends with it. Between them both work. Each may be repeated after it
was interrupted anywhere: which key is whose is read from IAM, from the secret's versions, and from a tag of the user
that says that a key may have been made which no version holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.deployment import CommandFailed
from lambdas.shared.smtp_password import SmtpCredentials, smtp_credentials
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

MOST_KEYS = 2
ROTATING = "mailroom:rotating"


@dataclass(frozen=True, kw_only=True)
class Key:
    """`used` is when IAM last saw it, which may be hours late; None: never."""

    id: str
    active: bool
    made: str
    used: str | None


@dataclass(frozen=True, kw_only=True)
class Keys:
    """`try_out` is given a new key's id and secret, and returns once AWS knows the key."""

    iam: IAMClient
    secrets: SecretsManagerClient
    user: str
    secret: str
    try_out: Callable[[str, str], None]

    def credentials(self) -> SmtpCredentials | None:
        """What the secret holds now; None before there was a key."""
        return self._version("AWSCURRENT")

    def current(self) -> Key | None:
        held = self.credentials()
        return self._of_user().get(held["username"]) if held else None

    def old(self) -> Key | None:
        """The key that was current before, as long as it is there."""
        held, now = self._version("AWSPREVIOUS"), self.credentials()
        if held is None or (now and now["username"] == held["username"]):
            return None  # a version may differ from the one before in something else than the key
        return self._of_user().get(held["username"])

    def rotate(self) -> bool:
        """Make the next key the secret's; False where it is already, because a rotation is not finished."""
        rotated = self.current() is not None and self.old() is not None
        if not rotated:
            self._replace()
        self.iam.untag_user(UserName=self.user, TagKeys=[ROTATING])
        return not rotated

    def finish(self) -> Key | None:
        """Take the old key away; gives what it was, None where there is none to take away."""
        old = self.old()
        if old is None:
            return None
        if self.current() is None:
            raise CommandFailed(
                f"The key in the secret is gone from IAM, and {old.id} is all that works: `mailroom smtp rotate` first."
            )
        # Inactive first: that can be taken back in IAM, should somebody's mail stop at this moment.
        self.iam.update_access_key(UserName=self.user, AccessKeyId=old.id, Status="Inactive")
        self.iam.delete_access_key(UserName=self.user, AccessKeyId=old.id)
        return old

    def _replace(self) -> None:
        self._delete_lost()
        keys = self._of_user()
        if len(keys) == MOST_KEYS:
            raise CommandFailed(
                f"User {self.user} has two keys already, {' and '.join(sorted(keys))}, and IAM allows no third. One of "
                "them is not Mailroom's: delete it in IAM if nobody uses it."
            )
        self.iam.tag_user(UserName=self.user, Tags=[{"Key": ROTATING, "Value": "true"}])
        made = self.iam.create_access_key(UserName=self.user)["AccessKey"]
        self.try_out(made["AccessKeyId"], made["SecretAccessKey"])
        region = self.secrets.meta.region_name
        value = json.dumps(smtp_credentials(made["AccessKeyId"], made["SecretAccessKey"], region))
        self.secrets.put_secret_value(SecretId=self.secret, SecretString=value)

    def _delete_lost(self) -> None:
        """The key of a rotation that ended before the secret had it: nobody knows what it was."""
        tags = self.iam.list_user_tags(UserName=self.user)["Tags"]
        if not any(tag["Key"] == ROTATING for tag in tags):
            return
        held = [self._version(stage) for stage in ("AWSCURRENT", "AWSPREVIOUS")]
        for key in self._of_user().keys() - {version["username"] for version in held if version}:
            self.iam.delete_access_key(UserName=self.user, AccessKeyId=key)

    def _version(self, stage: str) -> SmtpCredentials | None:
        try:
            text = self.secrets.get_secret_value(SecretId=self.secret, VersionStage=stage)["SecretString"]
            found: SmtpCredentials = json.loads(text)
        except (self.secrets.exceptions.ResourceNotFoundException, KeyError, ValueError):
            return None
        return found if "username" in found else None

    def _of_user(self) -> dict[str, Key]:
        return {
            key.id: key for key in map(self._key, self.iam.list_access_keys(UserName=self.user)["AccessKeyMetadata"])
        }

    def _key(self, listed: Any) -> Key:
        used = self.iam.get_access_key_last_used(AccessKeyId=listed["AccessKeyId"])["AccessKeyLastUsed"]
        return Key(
            id=listed["AccessKeyId"],
            active=listed["Status"] == "Active",
            made=iso(listed["CreateDate"]),
            used=iso(used["LastUsedDate"]) if "LastUsedDate" in used else None,
        )
