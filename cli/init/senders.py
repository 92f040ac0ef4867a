"""Who mails come from, and who newsletters do."""

from __future__ import annotations

from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from cli.init.dialogue import NONE

if TYPE_CHECKING:
    from cli.init.draft import Draft


def sender(draft: Draft) -> None:
    address = draft.settings.get("address") or f"hello@{draft.domain}"
    name = draft.domain.partition(".")[0].replace("-", " ").title()
    draft.settings["sender"] = draft.dialogue.value(
        "Who mails come from",
        option="--sender",
        given=draft.options.sender,
        default=f"{name} <{address}>" if name else address,
        fault=lambda answer: draft.fault({"sender": answer}),
    )


def marketing(draft: Draft) -> None:
    why = "so that complaints about them harm no other mail"
    name = draft.dialogue.value(
        f"A sub-domain for newsletters, {why}, such as news.{draft.domain} ({NONE} for none)",
        option="--marketing",
        given=draft.options.marketing,
        default=NONE,
        fault=lambda answer: "" if answer == NONE else draft.fault({"domains": of_marketing(draft, answer)}),
    )
    if name != NONE:
        draft.settings["domains"] = of_marketing(draft, name)


def of_marketing(draft: Draft, name: str) -> dict[str, Any]:
    """The setting `domains`: the sender is the stage's, of the sub-domain."""
    whole = draft.settings["sender"]
    address = parseaddr(whole)[1]
    entry: dict[str, Any] = {"streams": ["marketing"]}
    entry["sender"] = whole.replace(address, f"{address.partition('@')[0]}@{name.lower()}")
    zone = draft.settings.get("hosted_zone")
    if zone and f".{name.lower()}".endswith(f".{zone['name']}"):
        entry["hosted_zone"] = zone
    return {name.lower(): entry}
