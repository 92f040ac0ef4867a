"""The hosted zone of Route 53 in which the DNS records are made, if they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cli.init.draft import Draft

OPTION, FIND = "--hosted-zone", "find"
NAMED = re.compile(r"(Z[A-Z0-9]+):(\S+)")


def zone(draft: Draft) -> None:
    given = draft.options.hosted_zone
    if given and given != FIND:
        draft.settings["hosted_zone"] = named(draft, given)
        return
    found = draft.around.zone(draft.region, draft.domain)
    if given and not found:
        raise click.BadParameter(f"Route 53 does not say that it has a zone for {draft.domain}.", param_hint=OPTION)
    if not found:
        return
    told = f"{found['name']} ({found['id']})"
    question = f"Route 53 has the zone {told}. Have the DNS records made there?"
    if given or (draft.dialogue.asks and draft.dialogue.sure(question, default=True)):
        draft.settings["hosted_zone"] = found
    elif not draft.dialogue.asks:
        draft.around.notes.append(f"Route 53 has the zone {told}: {OPTION} {FIND} has the DNS records made there.")


def named(draft: Draft, given: str) -> dict[str, str]:
    match = NAMED.fullmatch(given)
    if not match:
        said = f"{given!r} is neither {FIND} nor an id and a name, such as Z0123456789ABC:acme.com."
        raise click.BadParameter(said, param_hint=OPTION)
    found = {"id": match[1], "name": match[2]}
    if said := draft.fault({"hosted_zone": found}):
        raise click.BadParameter(said, param_hint=OPTION)
    return found
