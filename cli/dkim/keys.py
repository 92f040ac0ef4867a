"""A domain's own keys: in its secret, and the one that SES signs with.

A change is two steps, because receivers must find the new key before it signs: `begin` makes it and keeps it in the
secret, `finish` gives it to SES. Which step a key is at is not written down: SES says whose selector it signs with. So
either may be repeated after it was interrupted anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cli.deployment import CommandFailed
from cli.dkim.key import Key, new_key
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sesv2 import SESV2Client

OURS: Final = "EXTERNAL"  # SES's word for the origin of a key that is not its own
FOUND: Final = "SUCCESS"  # and for a record that it has seen


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How SES signs: with a key of `selector`, or with its own (None); `status` is what it says of the record."""

    selector: str | None
    status: str

    @property
    def change(self) -> str:
        """The command that makes the next key and has SES sign with it."""
        return "rotate" if self.selector else "create"


@dataclass(frozen=True, kw_only=True)
class Keys:
    secrets: SecretsManagerClient
    ses: SESV2Client
    domain: str
    secret: str
    now: Callable[[], datetime]

    def held(self) -> list[Key]:
        """The newest first."""
        try:
            text = self.secrets.get_secret_value(SecretId=self.secret)["SecretString"]
        except self.secrets.exceptions.ResourceNotFoundException:
            return []  # nothing was ever put into it
        try:
            return [Key(**item) for item in json.loads(text)["keys"]]
        except (KeyError, TypeError, ValueError):
            raise CommandFailed(f"The secret {self.secret} holds what this command has not put there.") from None

    def signing(self) -> Signing:
        return signing_of(self.ses.get_email_identity(EmailIdentity=self.domain)["DkimAttributes"])

    def waiting(self) -> Key | None:
        """The key that was made and that SES does not sign with yet."""
        held = self.held()
        return held[0] if held and held[0].selector != self.signing().selector else None

    def begin(self) -> tuple[Key, bool]:
        """The next key, and whether it was made now."""
        if key := self.waiting():
            return key, False
        held = self.held()
        key = new_key({one.selector for one in held}, self.now())
        self._keep([key, *held])
        return key, True

    def finish(self) -> Key | None:
        """Have SES sign with the newest key, where there is one; gives the key whose place it took, if that was
        ours."""
        newest, *older = self.held()
        if self.signing().selector != newest.selector:
            self.ses.put_email_identity_dkim_signing_attributes(
                EmailIdentity=self.domain,
                SigningAttributesOrigin=OURS,
                SigningAttributes={
                    "DomainSigningSelector": newest.selector,
                    "DomainSigningPrivateKey": newest.private,
                },
            )
        if any(key.replaced is None for key in older):
            at = iso(self.now())
            self._keep([newest, *(replace(key, private="", replaced=key.replaced or at) for key in older)])
        return older[0] if older else None

    def _keep(self, keys: list[Key]) -> None:
        text = json.dumps({"keys": [asdict(key) for key in keys]})
        self.secrets.put_secret_value(SecretId=self.secret, SecretString=text)


def signing_of(dkim: Any) -> Signing:
    """`dkim` is what SES says, an identity's DkimAttributes."""
    own = dkim.get("SigningAttributesOrigin") == OURS
    return Signing(selector=next(iter(dkim.get("Tokens", [])), "") if own else None, status=dkim["Status"])
