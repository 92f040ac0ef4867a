"""What speaks to destinations: made of their settings and their secret.

What only one kind needs is imported where the first client of it is made: most executions need one kind, or none.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from lambdas.connect import signing
from lambdas.connect.remote import NotAllowed
from lambdas.shared.destinations import JIRA, WEBHOOK, ZENDESK
from lambdas.shared.queue import Rejected

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.connect.remote import Remote
    from lambdas.connect.webhook import Webhook
    from lambdas.shared.destinations import Destination

KEPT = timedelta(minutes=5)

Rest: TypeAlias = "Callable[[str], float]"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Kept(Generic[T]):
    until: datetime
    secret: Mapping[str, Any] = field(repr=False)
    client: T


class Clients(Generic[T]):
    """The clients of the destinations of some kinds, each kept for 5 minutes with its secret. `secret` reads what the
    one at an ARN holds; `kinds` makes a client of a destination and that."""

    def __init__(
        self,
        destinations: Mapping[str, Destination],
        secret: Callable[[str], dict[str, Any]],
        now: Callable[[], datetime],
        kinds: Mapping[str, Callable[[Destination, dict[str, Any]], T]],
    ) -> None:
        self._destinations = {name: given for name, given in destinations.items() if given.kind in kinds}
        self._secret = secret
        self._now = now
        self._kinds = kinds
        self._kept: dict[str, Kept[T]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._destinations

    def destination(self, name: str) -> Destination:
        if found := self._destinations.get(name):
            return found
        raise Rejected(f"there is no destination {name} of kind {' or '.join(self._kinds)} in the settings")

    def get(self, name: str) -> T:
        """NotAllowed where nobody has given us what to sign in with, or to sign with."""
        kept = self._kept.get(name)
        if kept and self._now() < kept.until:
            return kept.client
        destination = self.destination(name)
        held = self._secret(destination.secret_arn)
        made = self._kinds[destination.kind](destination, held)
        self._kept[name] = Kept(until=self._now() + KEPT, secret=held, client=made)
        return made

    def is_set(self, name: str) -> bool:
        """Whether somebody has filled the secret yet."""
        return name in self._kept or bool(self._secret(self.destination(name).secret_arn))

    def forget(self, name: str) -> None:
        """The secret is read again the next time."""
        self._kept.pop(name, None)

    def outdated(self, name: str) -> bool:
        """Whether the secret is another by now than that of the client, which is forgotten: somebody has set it
        while this client was kept."""
        kept = self._kept.pop(name, None)
        return kept is not None and kept.secret != self._secret(self.destination(name).secret_arn)


def credentials(name: str, secret: dict[str, Any]) -> tuple[str, str]:
    """E-mail address and token. NotAllowed."""
    match secret:
        case {"email": str(email), "token": str(token)} if email and token:
            return email, token
    raise NotAllowed(f"the secret of {name} has no e-mail address and token: set them with mailroom connect set {name}")


def signing_secrets(name: str, secret: dict[str, Any]) -> tuple[str, ...]:
    """One, or during a rotation two. NotAllowed."""
    given = secret.get("secrets")
    secrets = tuple(map(str, given)) if isinstance(given, list) else ()
    try:
        signing.headers("check", 0, b"", secrets)
    except signing.NotASecret as none:
        raise NotAllowed(f"{none}; {name} has none: set one with mailroom connect set {name}") from None
    return secrets


def _jira(destination: Destination, secret: dict[str, Any], rest: Rest) -> Remote:
    from lambdas.connect import jira

    email, token = credentials(destination.name, secret)
    given = {key: value for key, value in destination.settings.items() if key != "site"}
    base = jira.address(destination.settings["site"])
    asked = partial(rest, destination.name)
    return jira.Jira(base, jira.JiraSettings(**given), email=email, token=token, rest=asked)


def _zendesk(destination: Destination, secret: dict[str, Any], rest: Rest) -> Remote:
    from lambdas.connect import zendesk

    email, token = credentials(destination.name, secret)
    given = {key: value for key, value in destination.settings.items() if key != "subdomain"}
    given |= {"tags": tuple(given["tags"])} if "tags" in given else {}
    base = zendesk.address(destination.settings["subdomain"])
    asked = partial(rest, destination.name)
    return zendesk.Zendesk(base, zendesk.ZendeskSettings(**given), email=email, token=token, rest=asked)


def _webhook(destination: Destination, secret: dict[str, Any]) -> Webhook:
    from lambdas.connect.endpoint import NotAnEndpoint, endpoint
    from lambdas.connect.pinned import internet
    from lambdas.connect.webhook import Webhook

    secrets = signing_secrets(destination.name, secret)
    try:
        to = endpoint(destination.settings["url"])
    except NotAnEndpoint as none:
        raise NotAllowed(f"{none}; change the url of {destination.name} in the settings") from None
    return Webhook(endpoint=to, secrets=secrets, network=internet(), now=time.time)


def ticket_systems(rest: Rest) -> dict[str, Callable[[Destination, dict[str, Any]], Remote]]:
    """By kind. `rest` says for how many seconds the destination of a name wants to be left alone."""
    return {JIRA: partial(_jira, rest=rest), ZENDESK: partial(_zendesk, rest=rest)}


WEBHOOKS: dict[str, Callable[[Destination, dict[str, Any]], Webhook]] = {WEBHOOK: _webhook}
