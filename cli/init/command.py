"""`mailroom init`: a new stage in cdk.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import click

from cli import deployment
from cli.deployment import CommandFailed, cdk_json, explained, known_stages
from cli.dns.answer import FAILED, Answer
from cli.dns.look_up import LookUps, resolver
from cli.init.dialogue import Dialogue
from cli.init.draft import Draft, Options
from cli.init.interview import in_the_way, settings
from cli.init.stage_file import with_stage, write
from cli.init.surroundings import Surroundings
from cli.output import as_json, paragraphs, print_json
from infra.settings_rules import STACK_NAME_PART

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.dns.answer import LookUp

USUAL_NAME = "production"


@click.command()
@click.argument("name", required=False)
@click.option("--domain", metavar="DOMAIN", help="The domain that mail is sent from.")
@click.option("--trial", metavar="ADDRESS", help="In place of a domain: an address of yours, to try sending.")
@click.option("--region", metavar="REGION", help="The AWS region.")
@click.option("--sender", metavar="SENDER", help="Who mails come from, as in 'Acme <hello@acme.com>'.")
@click.option(
    "--mailbox",
    "mailboxes",
    multiple=True,
    metavar="MAILBOX",
    help="Whose mail becomes tickets, as in 'Acme Support <support@help.acme.com>'; again for more.",
)
@click.option(
    "--hosted-zone",
    metavar="ZONE",
    help="Route 53's zone to make the records in: `find`, or ID:NAME. None if not said.",
)
@click.option("--marketing", metavar="DOMAIN", help="A sub-domain that newsletters are sent from.")
@click.option("--alarm-email", metavar="ADDRESS", help="Where alarms are mailed.")
@click.option("--replace", is_flag=True, help="Write over a stage of this name.")
@as_json
def init(name: str | None, *, replace: bool, as_json: bool, **given: Any) -> None:
    """Write a new stage into cdk.json.

    Asks for what is not given; with NAME, --domain or --trial, --region and --sender it asks nothing. Looks at what is
    in the DNS, in Route 53 and in SES, if there are credentials, and says what would be in the way. Changes nothing but
    cdk.json, and nothing before the last answer.

    \b
    Examples:
      mailroom init
      mailroom init shop --domain acme.com --region eu-west-1 --sender 'Acme <hello@acme.com>' \\
        --mailbox 'Acme Support <support@help.acme.com>' --hosted-zone find
      mailroom init try --trial you@example.com --region eu-west-1 --sender 'You <you@example.com>'
    """
    options = Options(**given)
    dialogue = Dialogue(asks=not (name and options.enough))
    if options.domain and options.trial:
        raise click.UsageError("--domain or --trial: a trial has no domain.")
    if as_json and dialogue.asks:
        raise click.UsageError("--json asks nothing: give NAME, --domain or --trial, --region and --sender.")
    there = known_stages()
    dialogue.say(
        "A stage is what is deployed under one name. This writes one into cdk.json, and makes nothing in AWS.\n"
    )
    name = dialogue.value(
        "Name of the stage",
        option="NAME",
        given=name,
        default=USUAL_NAME,
        fault=lambda answer: unfit(answer, there, replace=replace),
    )
    wanted, notes = interviewed(name, options, dialogue, anew=name not in there)
    dialogue.say(f"\n{paragraphs(json.dumps({name: wanted}, indent=2, ensure_ascii=False))}\n")
    if not dialogue.sure("Write it into cdk.json?", default=True):
        raise click.Abort
    write(deployment.ROOT / "cdk.json", with_stage(cdk_json(), name, wanted))
    if as_json:
        print_json({"stage": name, "settings": wanted, "notes": notes, "next": [c for c, _ in following(name)]})
    else:
        told(name, notes)


def interviewed(name: str, options: Options, dialogue: Dialogue, *, anew: bool) -> tuple[dict[str, Any], list[str]]:
    """The settings, and what there is to know of them. What is there of a stage that is replaced may be its own."""
    with explained(name):
        session: Any = boto3.Session()
        usual = session.region_name
    around = Surroundings(
        client=lambda service, region: session.client(service, region_name=region), look_up=some_look_up()
    )
    found = settings(Draft(stage=name, options=options, around=around, dialogue=dialogue), usual)
    if anew:
        around.notes.extend(in_the_way(found, around))
    return found, around.notes


def some_look_up() -> LookUp:
    """Where there is no resolver, as without a network, each look-up says so."""
    try:
        return LookUps(resolver())
    except CommandFailed as failed:
        why = failed.message.rstrip(".")
        return lambda _name, _type: Answer(outcome=FAILED, failure=why)


def unfit(name: str, there: dict[str, Any], *, replace: bool) -> str:
    if not STACK_NAME_PART.fullmatch(name):
        return "It is part of every stack's name: use letters, digits and hyphens only."
    if name in there and not replace:
        return f"cdk.json has a stage {name} already: choose another name, or write over it with --replace."
    return ""


def following(name: str) -> Iterator[tuple[str, str]]:
    """The next commands, and what each is for."""
    yield f"mailroom --stage {name} dns", "which DNS records it needs"
    yield f"mailroom --stage {name} doctor", "what is missing, and what mends it"
    yield f"make bootstrap STAGE={name}", "once for each account and region"
    yield f"make deploy STAGE={name}", "shows what it will make, and asks"


def told(name: str, notes: list[str]) -> None:
    click.echo(f"Stage {name} is in cdk.json.")
    for note in notes:
        click.echo(f"\n{note}")
    click.echo("\nNext:")
    width = max(len(command) for command, _ in following(name))
    for command, what in following(name):
        click.echo(f"  {command:{width}}  {what}")
