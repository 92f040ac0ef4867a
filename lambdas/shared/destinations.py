"""Where mailboxes bring their tickets and events: what the settings say, as functions find it in their environment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# No hyphen: "<name>-<id>" is how a message says that it came from there, and one name may not begin another's.
NAME = re.compile(r"[a-z0-9_]{1,30}")
JIRA, ZENDESK, WEBHOOK = "jira", "zendesk", "webhook"
TICKET_SYSTEMS = (JIRA, ZENDESK)
KINDS = (*TICKET_SYSTEMS, WEBHOOK)


@dataclass(frozen=True, kw_only=True)
class Destination:
    """`mailboxes` are the addresses whose tickets go there; `settings` what its kind needs beside these. `link` is the
    address of a ticket's page, with {ticket} for its number; "" if there is none."""

    name: str
    kind: str
    mailboxes: frozenset[str]
    secret_arn: str
    link: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    def page(self, number: int) -> str:
        return self.link.replace("{ticket}", str(number))

    def told(self, message_id: str) -> bool:
        """Whether a message of this id came from there."""
        return message_id.startswith(f"{self.name}-")

    @classmethod
    def read(cls, text: str) -> dict[str, Destination]:
        """The destinations by name, of the JSON in a function's environment. ValueError."""
        return {given["name"]: _destination(given) for given in json.loads(text)}


def _destination(given: dict[str, Any]) -> Destination:
    name, kind = given["name"], given["kind"]
    if not NAME.fullmatch(name):
        raise ValueError(f"no name of a destination: {name!r} (up to 30 of a-z, 0-9 and _)")
    if kind not in KINDS:
        raise ValueError(f"{name}: no kind of destination: {kind!r} (there are {', '.join(KINDS)})")
    known = {"name": name, "kind": kind, "secret_arn": given["secret_arn"], "link": given.get("link", "")}
    settings = {key: value for key, value in given.items() if key not in {*known, "mailboxes"}}
    return Destination(**known, mailboxes=frozenset(given["mailboxes"]), settings=settings)
