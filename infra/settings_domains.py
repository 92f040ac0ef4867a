"""The domains of a stage: its first, which the stage's own keys tell of, and those of the setting `domains`."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from infra.settings_texts import LABEL, domain_name, expected, matching, named, sender
from lambdas.shared.outbox.senders import holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from infra.settings import Settings

DMARC_POLICIES = ("none", "quarantine", "reject")
EASY, OWN = "easy", "own"
STREAMS = TRANSACTIONAL, MARKETING = ("transactional", "marketing")
EXAMPLE = 'an object of domains by name, such as {"news.acme.com": {"streams": ["marketing"], "sender": "Acme <…>"}}'


@dataclass(frozen=True, kw_only=True)
class HostedZone:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Domain:
    """An identity of SES with records of its own. `streams` are those that are sent from here where a mail does not
    say from whom; once there are some, no other mail goes from here. The first domain names none and has the rest."""

    name: str
    mail_from: str = "bounce"
    dmarc: str = "none"
    hosted_zone: HostedZone | None = None
    dkim: str = EASY
    streams: tuple[str, ...] = ()
    sender: str | None = None

    @property
    def mail_from_domain(self) -> str:
        return f"{self.mail_from}.{self.name}"

    @property
    def sender_address(self) -> str | None:
        return parseaddr(self.sender)[1] if self.sender else None

    def holds(self, name: str) -> bool:
        """Whether a domain's name is this one's or below it, where SES's identity covers it too."""
        return holder([self.name], name) is not None

    @property
    def sent(self) -> tuple[str, ...]:
        """The streams whose mail may come from here."""
        return self.streams or STREAMS


def dmarc(value: object) -> str:
    if value not in DMARC_POLICIES:
        raise expected(f"one of {', '.join(DMARC_POLICIES)}", value)
    return str(value)


def dkim(value: object) -> str:
    if value not in (EASY, OWN):
        raise expected(f"{EASY!r} (SES makes the keys and changes them) or {OWN!r} (`mailroom dkim` does)", value)
    return str(value)


def hosted_zone(value: object) -> HostedZone:
    if not isinstance(value, dict) or value.keys() != {"id", "name"}:
        raise expected('an object {"id": "Z0123456789ABC", "name": "acme.com"}', value)
    zone_id = matching(r"Z[A-Z0-9]{5,31}", "an object whose `id` is a Route 53 zone id such as 'Z0123456789ABC'")
    return HostedZone(id=zone_id(value["id"]), name=domain_name(value["name"]))


def domains(value: object) -> tuple[Domain, ...]:
    """ValueError, with an argument for each fault."""
    if not isinstance(value, dict):
        raise expected(EXAMPLE, value)
    faults: list[str] = []
    read = [_domain(name, given, faults) for name, given in value.items()]
    if faults:
        raise ValueError(*faults)
    return tuple(read)


def _domain(name: str, given: object, faults: list[str]) -> Domain:
    values: dict[str, Any] = {}
    try:
        values["name"] = domain_name(name)
    except ValueError as fault:
        faults.append(f"a name {fault}")
    if not isinstance(given, dict) or given.keys() - WITHIN.keys():
        faults.append(f"{name}: must be an object of {', '.join(WITHIN)}; it is {given!r}")
        given = {}
    for key in given:
        try:
            values[key] = WITHIN[key](given[key])
        except ValueError as fault:
            faults.append(f"{name}: its {fault}")
    if "streams" in given and "sender" not in given:
        faults.append(f"{name}: names streams and no `sender`; add who their mails come from")
    return Domain(**{"name": name} | values)


def _streams(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(name in STREAMS for name in value):
        raise expected(f"a list of {' and '.join(STREAMS)}, or of one of them", value)
    return tuple(name for name in STREAMS if name in value)


MAIL_FROM = matching(LABEL, "one label of a domain such as 'bounce', in small letters")
WITHIN: dict[str, Callable[[object], Any]] = {
    key: named(key, read)
    for key, read in {
        "streams": _streams,
        "sender": sender,
        "mail_from": MAIL_FROM,
        "dmarc": dmarc,
        "hosted_zone": hosted_zone,
        "dkim": dkim,
    }.items()
}


def nearest(domains: tuple[Domain, ...], address: str) -> Domain | None:
    """The domain of the stage that an address or a name is of: the one with the longest name that holds it."""
    found = {domain.name: domain for domain in reversed(domains)}
    name = holder(found, _host(address))
    return found[name] if name else None


def _host(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _key(settings: Settings, domain: Domain, key: str) -> str:
    """How a fault names a domain's key: the first domain's are the stage's own."""
    return f"{key}:" if domain.name == settings.domain else f"domains: {domain.name}: its `{key}`"


def _distinct(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    names = [domain.name for domain in settings.domains]
    for twice in sorted({name for name in names if names.count(name) > 1}):
        yield f"domains: {twice} is there twice; the first, `domain`, needs no entry"
    for stream in STREAMS:
        named = [domain.name for domain in settings.domains if stream in domain.streams]
        if len(named) > 1:
            yield f"domains: {' and '.join(named)} both name the stream {stream}; keep it in one"


def _senders(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    for domain in settings.domains:
        address = domain.sender_address
        holds = nearest(settings.domains, address) if address else domain
        if holds is None or holds.name != domain.name:
            of = f"not of {domain.name} but of {holds.name}" if holds else f"not of {domain.name}"
            yield f"{_key(settings, domain, 'sender')} {address} is {of}; change one of them"


def _zones(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    for domain in settings.domains:
        zone = domain.hosted_zone
        if zone and not holder([zone.name], domain.name):
            key = _key(settings, domain, "hosted_zone")
            yield f"{key} {zone.name} does not hold {domain.name}; give the zone that does, or none"


def _mailboxes(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    for mailbox in settings.mailboxes if settings.domains else ():
        domain = nearest(settings.domains, mailbox.address)
        if domain is None:
            names = " or ".join(domain.name for domain in settings.domains)
            yield f"mailboxes: {mailbox.address} is not of {names}; use an address of a domain here or below it"
        elif TRANSACTIONAL not in domain.sent:
            yield (
                f"mailboxes: {mailbox.address}: answers are {TRANSACTIONAL} mail, and {domain.name} sends "
                f"{' and '.join(domain.streams)} mail alone; use an address of another domain"
            )


def mail_from_alone(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    """It has exactly one MX, SES's own, and nobody writes from it (developer guide, mail-from)."""
    used = {domain.name: "is a domain of the stage" for domain in settings.domains}
    used |= {_host(domain.sender_address): "is a sender's" for domain in settings.domains if domain.sender_address}
    used |= dict.fromkeys(settings.receiving_domains, "has mailboxes")
    for domain in settings.domains:
        if domain.mail_from_domain in used:
            key, taken = _key(settings, domain, "mail_from"), domain.mail_from_domain
            yield f"{key} {taken} {used[taken]}, so it cannot take bounces; use another"


def _tracking(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    name = settings.tracking.domain
    if settings.tracking.cdn and not name:
        yield f"tracking: its `cdn` {settings.tracking.cdn} stands behind no `domain`; give one, or neither"
    if not name:
        return
    # A name with a CNAME has no other record (RFC 1034 section 3.6.2), and these have some.
    taken = {*settings.receiving_domains}
    taken |= {used for domain in settings.domains for used in (domain.name, domain.mail_from_domain)}
    if not settings.domains:
        yield "tracking: its `domain` needs `domain` in place of `address`; leave it out for a trial with one address"
    elif nearest(settings.domains, name) is None or name in taken:
        names = " or ".join(domain.name for domain in settings.domains)
        yield f"tracking: its `domain` must be a name within {names} that is used for nothing else; it is {name}"


RULES = (_distinct, _senders, _zones, _mailboxes, mail_from_alone, _tracking)
