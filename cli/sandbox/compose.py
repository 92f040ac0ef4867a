"""The request for production access, made of the stage's settings and of what only a person can say. Pure.

AWS asks who gets mail and how they came to be on the list, how bounces, complaints and unsubscribing are dealt with,
and how much is sent (developer guide, request-production-access). Of that, what Mailroom does is said here.

Unfit          the request cannot be sent like this; the message says what to change
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.deployment import CommandFailed
from infra.settings_domains import MARKETING
from infra.settings_texts import address

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from infra.settings import Settings

MAIL_TYPES = ("TRANSACTIONAL", "MARKETING")
LANGUAGES = ("EN", "JA")
DESCRIPTION, CONTACTS = 5000, 4  # characters; addresses (API PutAccountDetails)
LEAST = 40  # characters of a use case that say anything


class Unfit(CommandFailed):
    pass


def compose(
    settings: Settings,
    *,
    use_case: str,
    website: str | None,
    mail_type: str | None,
    contacts: Sequence[str],
    language: str,
) -> dict[str, Any]:
    """The parameters of PutAccountDetails. Unfit."""
    if len(use_case.strip()) < LEAST:
        raise Unfit("The use case says too little: who gets mail of what kind, and how have they asked for it?")
    site = website or (f"https://{settings.domain}" if settings.domain else "")
    if not site:
        raise Unfit("AWS wants to know a website, and the stage has no domain: name it with --website https://…")
    if not site.startswith(("https://", "http://")):
        raise Unfit(f"--website must begin with https://; it is {site}")
    description = "\n\n".join([use_case.strip(), *paragraphs(settings)])
    if len(description) > DESCRIPTION:
        raise Unfit(f"AWS takes {DESCRIPTION} characters; these are {len(description)}: shorten the use case.")
    reached = list(map(contact, contacts)) or ([settings.alarm_email] if settings.alarm_email else [])
    if len(reached) > CONTACTS:
        raise Unfit(f"AWS takes {CONTACTS} --contact addresses; these are {len(reached)}.")
    request: dict[str, Any] = {
        "MailType": mail_type or kind(settings),
        "WebsiteURL": site,
        "ContactLanguage": language,
        "UseCaseDescription": description,
        "ProductionAccessEnabled": True,
    }
    return request | ({"AdditionalContactEmailAddresses": reached} if reached else {})


def contact(given: str) -> str:
    try:
        return address(given)
    except ValueError as fault:
        raise Unfit(f"--contact {fault}") from None


def kind(settings: Settings) -> str:
    """A stage with a domain of its own for newsletters sends them, and they are the most."""
    return "MARKETING" if any(MARKETING in domain.streams for domain in settings.domains) else "TRANSACTIONAL"


def paragraphs(settings: Settings) -> Iterator[str]:
    yield " ".join([f"We send from {', '.join(settings.sender_addresses)}.", *signed(settings), *volume(settings)])
    guard = settings.guard.pause
    paused = "Sending" if settings.guard.pause_transactional else "Marketing mail"
    yield (
        "Bounces and complaints reach us as events of our configuration sets. An address that bounces for good gets no "
        "more mail of any kind, and who complains gets no more marketing mail, as soon as the event is there; SES's "
        f"own suppression list is on too, and is kept in step. {paused} is paused by itself at {guard.bounces:g} % "
        f"bounces or {guard.complaints:g} % complaints."
    )
    yield (
        "Marketing and transactional mail go out by separate configuration sets. Every marketing mail shows a link to "
        "unsubscribe, and has the header fields for one-click unsubscribing (RFC 8058), which counts at once."
    )
    if settings.mailboxes:
        yield f"Replies are read by people: {', '.join(mailbox.address for mailbox in settings.mailboxes)}."


def signed(settings: Settings) -> Iterator[str]:
    if settings.domains:
        names = ", ".join(domain.name for domain in settings.domains)
        yield f"DKIM, a MAIL FROM domain of our own and DMARC are set up for {names}."


def volume(settings: Settings) -> Iterator[str]:
    if settings.sending.a_day:
        yield f"We expect about {settings.sending.a_day:,} mails a day."
