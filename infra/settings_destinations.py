"""The setting `destinations`: the systems, each by a name of its own, that mailboxes bring their tickets to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from infra.settings_texts import expected, line, matching, named
from lambdas.connect.endpoint import NotAnEndpoint, endpoint
from lambdas.connect.jira import MAPPABLE, SITE
from lambdas.connect.public_address import is_public
from lambdas.connect.zendesk import SUBDOMAIN
from lambdas.shared.destinations import JIRA, NAME, WEBHOOK, ZENDESK
from lambdas.shared.tickets.ticket import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.settings import Settings
    from infra.settings_mailboxes import StageMailbox

# Functions are told in their environment, which holds 4 KB (Lambda developer guide, quotas) with the rest.
BYTES = 3000
# A longest secret's ARN, which is known only once it is made: its name has ours, and two random ends.
ARN = "x" * 140
# Of an EventBridge rule's pattern, which holds 2048 characters (EventBridge user guide, quotas) with the rest.
PATTERN = 1700
CUSTOM_FIELD = re.compile(r"customfield_\d{1,10}", re.ASCII)
# What people put into settings who look for the place of what belongs into the secret.
SECRETS = {"email", "token", "api_token", "password", "secret", "secrets", "webhook_secret"}


@dataclass(frozen=True, kw_only=True)
class Destination:
    """`settings` are those of its kind, as lambdas/connect has them; `link` is the address of a ticket's page, with
    {ticket} for its number, "" if there is none."""

    name: str
    kind: str
    link: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def destinations(value: object) -> tuple[Destination, ...]:
    """ValueError, with an argument for each fault."""
    if not isinstance(value, dict):
        raise expected('an object of destinations by name, such as {"jira": {"kind": "jira", …}}', value)
    faults: list[str] = []
    read = [_destination(name, given, faults) for name, given in value.items()]
    if faults:
        raise ValueError(*faults)
    return tuple(found for found in read if found)


def _destination(name: str, given: object, faults: list[str]) -> Destination | None:
    """None, and why among the faults, if it is none. A fault shows no key that may be a secret."""
    if not NAME.fullmatch(name):
        faults.append(f"{name!r} is no name: use up to 30 of a-z, 0-9 and _")
    kind = given.get("kind") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(kind, str) or kind not in KINDS:
        faults.append(f"{name}: its `kind` must be one of {', '.join(KINDS)}; it is {kind!r}")
        return None
    readers, needed = KINDS[kind]
    faults += [f"{name}: {fault}" for fault in _wrong_keys(name, given.keys() - {"kind"}, readers, needed)]
    values: dict[str, Any] = {}
    for key in sorted(given.keys() & readers.keys()):
        try:
            values[key] = named(key, readers[key])(given[key])
        except ValueError as fault:
            faults.append(f"{name}: its {fault}")
    return Destination(name=name, kind=kind, link=values.pop("link", ""), settings=values)


def _wrong_keys(name: str, keys: set[str], readers: Mapping[str, Any], needed: set[str]) -> Iterator[str]:
    for key in sorted(keys - readers.keys()):
        if key in SECRETS:
            yield f"`{key}` must not stand in settings; remove it, and give it with `mailroom connect set {name}`"
        else:
            yield f"`{key}` is no setting of it; remove it, or correct it to one of {', '.join(readers)}"
    for key in sorted(needed - keys):
        yield f"its `{key}` is missing"


def _link(value: object) -> str:
    kind = "the address of a ticket's page with {ticket} for its number, such as 'https://desk.acme.com/{ticket}'"
    link = matching(r"https?://[!-~]+", kind)(value)
    if "{ticket}" not in link or "{" in link.replace("{ticket}", ""):
        raise expected(kind, value)
    return link


def _fields(value: object) -> dict[str, str]:
    if (
        not isinstance(value, dict)
        or not all(CUSTOM_FIELD.fullmatch(key) for key in value)
        or not all(isinstance(source, str) and source in MAPPABLE for source in value.values())
    ):
        example = 'an object of custom fields\' ids, such as {"customfield_10001": "requester_email"}, each with one of'
        raise expected(f"{example} {', '.join(MAPPABLE)}", value)
    return dict(value)


def _statuses(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(ours, str) and ours in STATUSES for ours in value.values()):
        example = 'an object of names of statuses there, such as {"Waiting for customer": "pending"}, each with one of'
        raise expected(f"{example} {', '.join(STATUSES)}", value)
    return dict(value)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise expected("Zendesk's own number of it, such as 360001234567 (without quotes)", value)
    return value


def _tags(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(tag, str) and TAG.fullmatch(tag) for tag in value):
        raise expected("a list of tags, which have letters, digits, -, _, : and / and no blanks", value)
    return value


def _url(value: object) -> str:
    """A URL's path or query may be a secret, so no fault shows it."""
    try:
        host = endpoint(value if isinstance(value, str) else "").host
    except NotAnEndpoint as fault:
        raise ValueError(f"is none that webhooks can go to: {fault}") from None
    if _is_address(host) and not is_public(host):
        raise ValueError("is none that webhooks can go to: its address is not one of the open internet")
    return str(value)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


TAG = re.compile(r"[\w:/-]{1,80}")  # Zendesk help, "About tags"
Readers = dict[str, Callable[[object], Any]]
# Of each kind how its keys are read, and which it needs.
KINDS: dict[str, tuple[Readers, set[str]]] = {
    JIRA: (
        {
            "site": matching(SITE.pattern, "the first part of https://SITE.atlassian.net, such as 'acme'"),
            "project": matching(r"[A-Z][A-Z0-9_]{1,99}", "a project's key such as 'SUP', in capitals"),
            "issue_type": line,
            "label": matching(r"[^\s\"\\]{1,100}", 'a label, which has no blanks, " and \\'),
            "fields": _fields,
            "statuses": _statuses,
            "link": _link,
        },
        {"site", "project", "issue_type"},
    ),
    ZENDESK: (
        {
            "subdomain": matching(SUBDOMAIN.pattern, "the first part of https://SUBDOMAIN.zendesk.com, such as 'acme'"),
            "brand_id": _number,
            "group_id": _number,
            "tags": _tags,
            "link": _link,
        },
        {"subdomain"},
    ),
    WEBHOOK: ({"url": _url}, {"url"}),
}


def fed(destination: Destination, mailboxes: Sequence[StageMailbox]) -> list[str]:
    """The addresses of the mailboxes that name it."""
    return [mailbox.address for mailbox in mailboxes if destination.name in mailbox.destinations]


def environment(
    destinations: Sequence[Destination], mailboxes: Sequence[StageMailbox], secrets: Mapping[str, str]
) -> str:
    """The variable DESTINATIONS, which lambdas/shared/destinations.py reads. `secrets` are the ARNs by name."""
    return json.dumps(
        [
            {
                "name": destination.name,
                "kind": destination.kind,
                "secret_arn": secrets[destination.name],
                "mailboxes": fed(destination, mailboxes),
                **({"link": destination.link} if destination.link else {}),
                **destination.settings,
            }
            for destination in destinations
        ]
    )


def _all_used(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    names = {destination.name for destination in settings.destinations}
    for mailbox in settings.mailboxes:
        for name in sorted(set(mailbox.destinations) - names):
            known = ", ".join(sorted(names)) or "none"
            yield (
                f"mailboxes: {mailbox.address}: its `destinations` has {name}, which is not in the stage's "
                f"`destinations`: add it there, or choose one of them ({known})"
            )
    for destination in settings.destinations:
        if not fed(destination, settings.mailboxes):
            yield (
                f"destinations: {destination.name}: no mailbox names it; remove it, or add it to the `destinations` of "
                "a mailbox"
            )


def _short_enough(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    arns = {destination.name: ARN for destination in settings.destinations}
    size = len(environment(settings.destinations, settings.mailboxes, arns))
    addresses = len(json.dumps([mailbox.address for mailbox in settings.mailboxes if mailbox.destinations]))
    if settings.destinations and size > BYTES:
        yield (
            f"destinations: they and the addresses of their mailboxes take {size} bytes; shorten them to {BYTES}, "
            "which is what Lambda's 4 KB of environment have room for"
        )
    if addresses > PATTERN:
        yield (
            f"mailboxes: the addresses of those with `destinations` take {addresses} characters; shorten them to "
            f"{PATTERN}, which is what the pattern of an EventBridge rule has room for"
        )


RULES = (_all_used, _short_enough)
