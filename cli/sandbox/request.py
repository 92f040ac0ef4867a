"""`mailroom sandbox request`: asks AWS to let the account send to anybody, and says how that stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from botocore.exceptions import ClientError

from cli.deployment import CommandFailed
from cli.output import as_json, fields, line, paragraphs, print_json, show
from cli.sandbox.account import on_account
from cli.sandbox.compose import LANGUAGES, MAIL_TYPES, compose
from cli.sandbox.state import PENDING, State

if TYPE_CHECKING:
    from cli.sandbox.account import Account

QUESTION = "Who gets mail of what kind from you, and how have they asked for it?"
UNDER_REVIEW = "A request is under review already: `mailroom sandbox request --status` says how it stands."


@click.command()
@click.option("--use-case", metavar="TEXT", help="Who gets mail of what kind, and how they asked for it.")
@click.option(
    "--use-case-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The same, from a text file.",
)
@click.option("--website", metavar="URL", help="Default: https:// and the stage's domain.")
@click.option(
    "--mail-type",
    type=click.Choice(MAIL_TYPES, case_sensitive=False),
    help="Most of the mail. Default: by the settings.",
)
@click.option("--contact", multiple=True, metavar="ADDRESS", help="Who shall hear of it too. Default: alarm_email.")
@click.option("--language", type=click.Choice(LANGUAGES, case_sensitive=False), default="EN", show_default=True)
@click.option("--status", is_flag=True, help="Only say how the request stands.")
@click.option("--yes", is_flag=True, help="Send it without asking.")
@as_json
@on_account
def request(account: Account, /, *, status: bool, yes: bool, as_json: bool, **given: Any) -> None:
    """Ask AWS for production access, out of SES's sandbox.

    Composes the request from the settings and your use case, shows all of it, and sends it when you say yes. While AWS
    reviews it, the same again says how it stands.

    \b
    Examples:
      mailroom --stage example sandbox request --use-case-file use-case.txt
      mailroom --stage example sandbox request --status
    """
    found = state_of(account)
    if status or found.production or found.review == PENDING:
        return tell(found, as_json=as_json)
    asked = compose(account.settings, **composed_of(given, asks=not as_json))
    if as_json and not yes:
        return print_json(found.data() | {"request": asked, "sent": False})
    if not as_json:
        show_request(found, asked)
    if not yes:
        click.confirm("\nSend this to AWS?", abort=True, err=True)
    send(account, asked)
    after = state_of(account)
    if as_json:
        return print_json(after.data() | {"request": asked, "sent": True})
    return show(f"\nSent. {after.told}")


def state_of(account: Account) -> State:
    return State.read(account.there.client("sesv2").get_account())


def composed_of(given: dict[str, Any], *, asks: bool) -> dict[str, Any]:
    text, file = given.pop("use_case"), given.pop("use_case_file")
    if text and file:
        raise click.UsageError("Give --use-case or --use-case-file, not both.")
    if not (text or file or asks):
        raise click.UsageError("--json asks nothing: give --use-case or --use-case-file.")
    use_case = read(file) if file else text or click.prompt(QUESTION, err=True)
    return {"use_case": use_case, "contacts": given.pop("contact"), **given}


def read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.BadParameter(
            f"{file} is no text in UTF-8: save it as such.", param_hint="--use-case-file"
        ) from None


def send(account: Account, asked: dict[str, Any]) -> None:
    try:
        account.there.client("sesv2").put_account_details(**asked)
    except ClientError as failed:
        if failed.response["Error"]["Code"] == "ConflictException":
            raise CommandFailed(UNDER_REVIEW) from None
        raise


def show_request(found: State, asked: dict[str, Any]) -> None:
    show(found.told, "", "This would be sent to AWS:", "")
    contacts = ", ".join(asked.get("AdditionalContactEmailAddresses", ()))
    show(
        fields(
            {
                "mail type": asked["MailType"],
                "website": line(asked["WebsiteURL"]),
                "language": asked["ContactLanguage"],
                "contacts": line(contacts),
            }
        ),
        "",
        paragraphs(asked["UseCaseDescription"]),
    )


def tell(found: State, *, as_json: bool) -> None:
    if as_json:
        return print_json(found.data() | {"request": found.details or None, "sent": False})
    return show(found.told)
