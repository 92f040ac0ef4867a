"""`mailroom dmarc`: what other servers report of mail in our domains' names."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import click

from cli.deployment import Deployment, deployed
from cli.dmarc import tls
from cli.dmarc.advice import WINDOW
from cli.dmarc.gather import advice, domains, home_of, read
from cli.dmarc.page import MOST, data, page
from cli.output import as_json, print_json, show
from cli.report import Since
from lambdas.shared.aggregates.table import Reports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from rich.console import RenderableType

    from cli.dmarc.gather import Gathered
    from cli.dmarc.sources import Source


@click.command("dmarc")
@click.argument("domain", required=False)
@click.option(
    "--since", type=Since(), default=f"{WINDOW}d", show_default=True, help="The first day, in UTC; the last is today."
)
@click.option("--names", is_flag=True, help="Ask the DNS for the sources' names.")
@click.option("--tls", "of_tls", is_flag=True, help="Show the TLS reports instead.")
@as_json
@deployed
def dmarc(deployment: Deployment, domain: str | None, *, since: date, names: bool, of_tls: bool, as_json: bool) -> None:
    """Show who sends in your domains' names, and what is safe.

    By the DMARC reports that other servers send, of one domain or of each of the stage: every source with its mails,
    how many passed, and what it looks like, which is a guess (docs/dmarc.md has its rules); then whether it is safe to
    set `dmarc` to quarantine or reject, by the last 30 days.

    \b
    Examples:
      mailroom dmarc
      mailroom dmarc news.acme.com --since 90d --names
      mailroom dmarc --tls
    """
    asked = [domain.lower().rstrip(".")] if domain else domains(deployment)
    if of_tls:
        return print_tls(deployment, asked, since.isoformat(), as_json=as_json)
    found = [read(deployment, name, since.isoformat()) for name in asked]
    shown = [(one, advice(deployment, one.domain), named(one) if names else {}) for one in found]
    if as_json:
        return print_json({"stage": deployment.stage, "domains": [data(*each) for each in shown]})
    return show(*between([page(*each) for each in shown]))


def print_tls(deployment: Deployment, asked: list[str], since: str, *, as_json: bool) -> None:
    reports = Reports(deployment.table("ReportsTable"))
    found = [tls.sessions(name, since, reports.tls(home_of(deployment, name), since)) for name in asked]
    if as_json:
        return print_json({"stage": deployment.stage, "domains": [tls.data(one) for one in found]})
    return show(*between([tls.page(one) for one in found]))


def named(found: Gathered) -> dict[str, str]:
    """The names of the sources that are shown, as the DNS gives them; whoever has the address chooses what it says."""
    from cli.dns.look_up import LookUps, resolver

    look_ups = LookUps(resolver())
    pointers = {source.address: pointer(source) for source in found.sources[:MOST] if source.address}
    look_ups.ahead((name, "PTR") for name in pointers.values())
    answers = {address: look_ups(name, "PTR").values for address, name in pointers.items()}
    return {address: values[0].rstrip(".") for address, values in answers.items() if values}


def pointer(source: Source) -> str:
    return ip_address(source.address).reverse_pointer


def between(pages: list[Iterator[RenderableType]]) -> Iterator[RenderableType]:
    """One below the other."""
    for number, shown in enumerate(pages):
        if number:
            yield ""
        yield from shown
