"""What is sent from, and where: the domain or the one address, the region and the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.init.draft import USUAL_REGION
from infra.settings_rules import RECEIVING_REGIONS

if TYPE_CHECKING:
    from cli.init.draft import Draft

QUESTION = "Your domain, such as acme.com, or an address of yours, to try without a domain"


def identity(draft: Draft) -> None:
    options = draft.options
    answer = draft.dialogue.value(
        QUESTION,
        option="--trial" if options.trial else "--domain",
        given=options.domain or options.trial,
        default=None,
        fault=lambda answer: draft.fault({key(draft, answer): answer}),
    )
    draft.settings[key(draft, answer)] = answer.lower()


def key(draft: Draft, answer: str) -> str:
    if draft.options.domain or draft.options.trial:
        return "address" if draft.options.trial else "domain"
    return "address" if "@" in answer else "domain"


def region(draft: Draft, usual: str | None) -> None:
    """`usual` is the one that the credentials come with, if they do."""
    draft.settings["region"] = draft.dialogue.value(
        "AWS region",
        option="--region",
        given=draft.options.region,
        default=usual if usual in RECEIVING_REGIONS else USUAL_REGION,
        fault=lambda answer: draft.fault({"region": answer}),
    )
    if account := draft.around.account(draft.region):
        draft.settings["account"] = account
        draft.dialogue.say(f"You are signed in to account {account}: the stage is for that one.")
