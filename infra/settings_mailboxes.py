"""The setting `mailboxes`: the addresses whose mail becomes tickets, and the people who answer it."""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

from infra.settings_texts import address, expected, line, matching, named
from infra.templates import TEMPLATES
from lambdas.shared.tickets.ticket import Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from infra.settings import Settings

# Functions are told of mailboxes in their environment, which holds 4 KB (Lambda developer guide, quotas) with the rest.
MOST, BYTES = 40, 3000
TEAM = 50  # recipients of one SendMail (docs/events/SendMail.json)
SIGNATURE = 500  # characters
SPAM = ("aside", "ticket")
ACKNOWLEDGED = {"number", "subject", "mailbox"}  # what the mail that tells of a new ticket is rendered from
LIST = 'a list of objects {"name": "Support", "address": "support@acme.com"}, which may have'


@dataclass(frozen=True, kw_only=True)
class StageMailbox(Mailbox):
    """A mailbox as settings have it: `destinations` are names, which only functions that ask for them are told of."""

    destinations: tuple[str, ...] = ()


def mailboxes(value: object) -> tuple[StageMailbox, ...]:
    if not isinstance(value, list):
        raise _expected(value)
    return tuple(_mailbox(item) for item in value)


def environment(mailboxes: Sequence[Mailbox]) -> str:
    """The variable MAILBOXES, which Mailbox.read reads: an object each, without what has its default but for `team`."""
    return json.dumps([dict(_told(mailbox)) for mailbox in mailboxes])


def _told(mailbox: Mailbox) -> Iterator[tuple[str, Any]]:
    for field in fields(Mailbox):
        value = getattr(mailbox, field.name)
        if field.name == "team" or value != field.default:
            yield field.name, value


def _mailbox(value: object) -> StageMailbox:
    if not isinstance(value, dict) or value.keys() - READERS.keys() or not value.keys() >= {"name", "address"}:
        raise _expected(value)
    try:
        return StageMailbox(**{key: READERS[key](given) for key, given in value.items()})
    except ValueError as fault:
        raise ValueError(f"{value['address']}: its {fault}") from None


def _expected(value: object) -> ValueError:
    return expected(f"{LIST} {', '.join(key for key in READERS if DEFAULTS[key] is not MISSING)}", value)


def _address(value: object) -> str:
    found = address(value).lower()
    if "+" in found:  # whether SES matches a labelled condition literally is not documented; the plain one takes labels
        raise ValueError("must be without a +label: a mailbox receives all its labels")
    return found


def _acknowledgement(value: object) -> str | None:
    """False, not null: the CDK drops keys whose value is null on the way from cdk.json."""
    kind = "the name of a template, or false for no acknowledgements"
    return None if value is False else matching(r"[a-z0-9-]{1,64}", kind)(value)


def _team(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > TEAM:
        raise expected(f"a list of addresses, {TEAM} at most", value)
    return tuple(dict.fromkeys(address(item).lower() for item in value))


def _destinations(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise expected("a list of names of the stage's `destinations`", value)
    return tuple(dict.fromkeys(value))


def _spam(value: object) -> str:
    if value not in SPAM:
        raise expected("'aside' (kept apart, to be released) or 'ticket' (a ticket all the same, flagged)", value)
    return str(value)


def _signature(value: object) -> str:
    lines = value.rstrip().split("\n") if isinstance(value, str) else ["\0"]
    if not all(text.isprintable() for text in lines):
        raise expected(r"a text, its lines apart by \n", value)
    signature = "\n".join(text.rstrip() for text in lines)
    if len(signature) > SIGNATURE:
        raise ValueError(f"must have {SIGNATURE} characters at most; it has {len(signature)}")
    return signature


DEFAULTS = {field.name: field.default for field in fields(StageMailbox)}
READERS: dict[str, Callable[[object], Any]] = {
    key: named(key, read)
    for key, read in {
        "name": line,
        "address": _address,
        "acknowledgement": _acknowledgement,
        "team": _team,
        "spam": _spam,
        "signature": _signature,
        "destinations": _destinations,
    }.items()
}


def _distinct(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    addresses = [mailbox.address for mailbox in settings.mailboxes]
    for twice in sorted({found for found in addresses if addresses.count(found) > 1}):
        yield f"mailboxes: {twice} is there twice; keep one"


def _few_enough(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    size = len(environment(settings.mailboxes))
    room = "which is what Lambda's 4 KB of environment have room for"
    if len(settings.mailboxes) > MOST:
        yield f"mailboxes: there are {len(settings.mailboxes)}; keep {MOST}, {room}"
    elif size > BYTES:
        yield f"mailboxes: names, addresses, teams and signatures take {size} bytes; shorten them to {BYTES}, {room}"


def _teams_are_people(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    """SES hands a mailbox the mail for all its +labels, so these are the mailbox too."""
    ours = {mailbox.address for mailbox in settings.mailboxes}
    for mailbox in settings.mailboxes:
        for member in mailbox.team:
            local, _at, domain = member.rpartition("@")
            if f"{local.partition('+')[0]}@{domain}" in ours:
                yield (
                    f"mailboxes: {mailbox.address}: its `team` has {member}, which is a mailbox here, so that each "
                    "notification would become a ticket; give the addresses that people read"
                )


def _acknowledgements_render(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    for mailbox in settings.mailboxes:
        name = mailbox.acknowledgement
        if name and not _fits(name):
            there = "needs more than" if (TEMPLATES / name).is_dir() else "is no folder of templates/ with"
            yield (
                f"mailboxes: {mailbox.address}: its `acknowledgement` {name} {there} the variables "
                f"{', '.join(sorted(ACKNOWLEDGED))}; choose one of {', '.join(_fitting())}, or false for none"
            )


def _fits(template: str) -> bool:
    """A template's sample has a value for each of its variables: `mailroom templates check` sees to it."""
    sample = TEMPLATES / template / "sample.json"
    return sample.is_file() and json.loads(sample.read_text(encoding="utf-8")).keys() <= ACKNOWLEDGED


def _fitting() -> list[str]:
    return sorted(folder.name for folder in TEMPLATES.iterdir() if _fits(folder.name))


RULES = (_distinct, _few_enough, _teams_are_people, _acknowledgements_render)
