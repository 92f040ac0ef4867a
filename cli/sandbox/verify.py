"""`mailroom sandbox verify`: addresses that SES may send to while it is in the sandbox."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError

from cli.deployment import CommandFailed
from cli.output import as_json, line, print_json, show, table
from cli.sandbox.account import on_account
from infra import settings_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cli.deployment import Deployment
    from cli.sandbox.account import Account

# SES takes one such call a second (developer guide, quotas), and there are others who call.
THROTTLED = {"TooManyRequestsException", "Throttling", "ThrottlingException"}
PAUSES = (1.0, 2.0, 4.0)
WAITS = "AWS has mailed a link there: whoever reads {address} has to open it within 24 hours"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """`asked`: AWS has just mailed a link there."""

    address: str
    verified: bool
    asked: bool

    @property
    def told(self) -> str:
        return "verified" if self.verified else WAITS.format(address=self.address)


@click.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@as_json
@on_account
def verify(account: Account, /, *, addresses: tuple[str, ...], as_json: bool) -> None:
    """Have addresses verified, to send to them in the sandbox.

    AWS mails each a link, which whoever reads it has to open. Of those that are verified, this is said; to the others
    the link is mailed again, so the same again shows how far it is.

    \b
    Example:
      mailroom --stage trial sandbox verify mia@example.org bo@example.net
    """
    found = list(each(account.there, dict.fromkeys(whole(given).lower() for given in addresses)))
    if as_json:
        return print_json({"addresses": [asdict(one) for one in found]})
    return show(table(("address", "state"), [(line(one.address), line(one.told)) for one in found], whole=("address",)))


def whole(given: str) -> str:
    try:
        return settings_texts.address(given)
    except ValueError as fault:
        raise click.UsageError(f"ADDRESS {fault}") from None


def each(there: Deployment, addresses: dict[str, None]) -> Iterator[Verified]:
    for address in addresses:
        try:
            yield verified(there, address)
        except ClientError as failed:
            if failed.response["Error"]["Code"] not in THROTTLED:
                raise
            raise CommandFailed(f"SES takes no more requests for now, from {address} on: say it again later.") from None


def verified(there: Deployment, address: str) -> Verified:
    """As it is; an address that is not verified is mailed a link, the first one or another."""
    sesv2, ses = there.client("sesv2"), there.client("ses")
    try:
        found = patiently(lambda: sesv2.get_email_identity(EmailIdentity=address))
    except sesv2.exceptions.NotFoundException:
        made = patiently(lambda: sesv2.create_email_identity(EmailIdentity=address))
        return Verified(address=address, verified=made["VerifiedForSendingStatus"], asked=True)
    if found["VerifiedForSendingStatus"]:
        return Verified(address=address, verified=True, asked=False)
    patiently(lambda: ses.verify_email_identity(EmailAddress=address))
    return Verified(address=address, verified=False, asked=True)


def patiently(call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    for pause in PAUSES:
        try:
            return call()
        except ClientError as failed:
            if failed.response["Error"]["Code"] not in THROTTLED:
                raise
            time.sleep(pause)
    return call()
