"""The ticket systems that mailboxes feed, and the clients that speak to them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lambdas.connect import jira, zendesk
from lambdas.connect.remote import NotAllowed
from lambdas.shared.queue import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lambdas.connect.remote import Remote

# No hyphen: "<name>-<id>" is how a message says that it came from there, and one name may not begin another's.
NAME = re.compile(r"[a-z0-9_]{1,30}")
KEPT = timedelta(minutes=5)


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
        """The destinations by name, of the JSON in the function's environment. ValueError."""
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


def _jira(settings: Mapping[str, Any], email: str, token: str) -> Remote:
    rest = {key: value for key, value in settings.items() if key not in {"site", "base"}}
    base = settings.get("base") or jira.address(settings["site"])
    return jira.Jira(base, jira.JiraSettings(**rest), email=email, token=token)


def _zendesk(settings: Mapping[str, Any], email: str, token: str) -> Remote:
    rest = {key: value for key, value in settings.items() if key not in {"subdomain", "base"}}
    rest |= {"tags": tuple(rest["tags"])} if "tags" in rest else {}
    base = settings.get("base") or zendesk.address(settings["subdomain"])
    return zendesk.Zendesk(base, zendesk.ZendeskSettings(**rest), email=email, token=token)


# Of settings, e-mail address and token; `base` is for a stand-in on this machine.
KINDS: dict[str, Callable[[Mapping[str, Any], str, str], Remote]] = {"jira": _jira, "zendesk": _zendesk}


class Remotes:
    """The clients of destinations, each kept for 5 minutes with its secret. `secret` reads the value at an ARN, None if
    it has none."""

    def __init__(
        self,
        destinations: Mapping[str, Destination],
        secret: Callable[[str], str | None],
        now: Callable[[], datetime],
        kinds: Mapping[str, Callable[[Mapping[str, Any], str, str], Remote]] = KINDS,
    ) -> None:
        self._destinations = destinations
        self._secret = secret
        self._now = now
        self._kinds = kinds
        self._kept: dict[str, tuple[datetime, Remote]] = {}

    def destination(self, name: str) -> Destination:
        if found := self._destinations.get(name):
            return found
        raise Rejected(f"there is no destination {name} in the settings")

    def get(self, name: str) -> Remote:
        """NotAllowed where nobody has given us what to sign in with."""
        until, remote = self._kept.get(name, (None, None))
        if until and remote and self._now() < until:
            return remote
        destination = self.destination(name)
        email, token = credentials(name, self._secret(destination.secret_arn))
        made = self._kinds[destination.kind](destination.settings, email, token)
        self._kept[name] = (self._now() + KEPT, made)
        return made

    def forget(self, name: str) -> None:
        """The secret is read again the next time."""
        self._kept.pop(name, None)


def credentials(name: str, secret: str | None) -> tuple[str, str]:
    try:
        match json.loads(secret or "null"):
            case {"email": str(email), "token": str(token)} if email and token:
                return email, token
    except ValueError:
        pass
    raise NotAllowed(f"the secret of {name} has no e-mail address and token: set them with mailroom connect set {name}")
