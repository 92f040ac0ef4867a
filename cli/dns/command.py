"""`mailroom dns`: every record that the stage wants, and what the DNS has of it."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed
from cli.dns.advice import advice
from cli.dns.finding import PRESENT, Finding, not_asked
from cli.dns.judge import judge, questions
from cli.dns.keys import Keys, keys
from cli.dns.look_up import VARIABLE, LookUps, resolver
from cli.dns.page import hosted, kept, page
from cli.dns.zone_file import snippet
from cli.hint import hint
from cli.output import as_json, print_json, show
from cli.settings import settings_of
from infra.records import wanted
from infra.settings_mta_sts import policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from infra.records import Record
    from infra.settings import Settings

ONE_ADDRESS = "Stage {} sends from one address, and SES signs with a domain of its own: it needs no DNS records."
ON_LAPTOP = "Stage {} is on this laptop, where nothing asks the DNS. In an account it needs these records:\n"
NO_POLICY = "Stage {} has no MTA-STS policy: set its `mta_sts` to testing or enforce in cdk.json."


@click.command("dns")
@click.option(
    "--zone",
    type=click.Choice(["missing", "all"]),
    is_flag=False,
    flag_value="missing",
    help="Print records for a BIND zone: those that are not present, or --zone=all.",
)
@click.option("--policy", "print_policy", is_flag=True, help="Print the MTA-STS policy, a file for your web server.")
@as_json
@click.pass_obj
def dns(stage: str, *, zone: str | None, print_policy: bool, as_json: bool) -> None:
    """Show the DNS records that are needed, and which are there.

    Each is present, missing, wrong, conflicting (a second SPF or DMARC record, another MX, a CNAME beside others, SPF
    of more than ten look-ups) or unknown, when the look-up failed. Exit status 0 only if all are present; with --zone
    and --policy it is 0 once that is printed. MAILROOM_DNS=ADDRESS:PORT names another resolver than the system's.

    \b
    Examples:
      mailroom --stage example dns
      mailroom --stage example dns --zone > records.zone
    """
    if sum(map(bool, (zone, print_policy, as_json))) > 1:
        raise click.UsageError("--zone, --policy and --json print different things: give one of them.")
    settings = settings_of(stage)
    if print_policy:
        click.echo(policy_of(settings), nl=False)
        return
    known = keys(stage, settings)
    findings, asked = found(list(wanted(settings, known.records)), laptop=known.laptop)
    if zone:
        shown = findings if zone == "all" else [finding for finding in findings if finding.state != PRESENT]
        click.echo("\n".join(snippet(shown, known.lacking)))
        return
    if as_json:
        print_json({"stage": stage, "resolver": asked} | told(settings, findings, known))
    else:
        show(*screen(settings, findings, known, asked))
    missing = known.lacking or any(finding.state != PRESENT for finding in findings)
    click.get_current_context().exit(1 if asked and missing else 0)


def policy_of(settings: Settings) -> str:
    if not settings.mta_sts:
        raise CommandFailed(NO_POLICY.format(settings.stage))
    return policy(settings)


def found(records: list[Record], *, laptop: bool) -> tuple[list[Finding], str | None]:
    """Of each record what there is, and by which resolver: none on the laptop, unless one is named."""
    if laptop and VARIABLE not in os.environ:
        return [not_asked(record) for record in records], None
    look_ups = LookUps(resolver())
    look_ups.ahead(questions(records))
    return judge(records, look_ups), look_ups.asked


def told(settings: Settings, findings: list[Finding], known: Keys) -> dict[str, Any]:
    """For programs."""
    rows = [(row := asdict(finding)).pop("record") | row for finding in findings]
    return {"records": rows, "dkim_not_known": known.lacking, "advice": further(settings, findings, known)}


def further(settings: Settings, findings: list[Finding], known: Keys) -> list[str]:
    return [*hosted(settings.domains, findings), *advice(settings.stage, known.deployment, findings)]


def screen(settings: Settings, findings: list[Finding], known: Keys, asked: str | None) -> Iterator[RenderableType]:
    if not settings.domains:
        yield ONE_ADDRESS.format(settings.stage)
        return
    yield f"Stage {settings.stage}, as {asked} answers\n" if asked else ON_LAPTOP.format(settings.stage)
    yield from page(findings, known.lacking, further(settings, findings, known))
    if asked and any(finding.state != PRESENT for finding in findings):
        zone = hint(settings.stage, "dns --zone")
        yield f"\n{zone} prints these records for a zone file. {kept(findings)}"
