"""Mails of some weeks and what becomes of them: more goes wrong than anywhere, so that every kind of event is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lambdas.shared.messages import message_id

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WEEKS = timedelta(days=25)
DOMAINS = ("example.org", "example.net", "mail.example", "post.example", "büro.example".encode("idna").decode())
TEMPLATES = {"transactional": ("verify-email", "receipt", "password-reset"), "marketing": ("news", "offers")}
STREAMS = (("transactional", 60), ("marketing", 30), ("foreign", 10))
ENDS = (
    ("delivered", 930),
    ("delayed and delivered", 20),
    ("Permanent", 15),
    ("Transient", 8),
    ("Undetermined", 2),
    ("Reject", 1),
    ("Rendering Failure", 1),
    ("unknown", 1),
)
SUBTYPES = {
    "Permanent": ("General", "General", "NoEmail", "Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient"),
    "Transient": (
        "General",
        "MailboxFull",
        "MailboxFull",
        "MessageTooLarge",
        "ContentRejected",
        "CustomTimeoutExceeded",
    ),
    "Undetermined": ("Undetermined",),
}
COMPLAINTS = (("abuse", 8), ("not-spam", 1), ("", 1))
FULL = 100  # one in so many addresses has a mailbox that is full whenever a mail comes


@dataclass(frozen=True, kw_only=True)
class Said:
    """One event of a mail, before it is written in either of SES's forms. `id` is SES's feedback id, where it has
    one."""

    kind: str
    at: datetime
    id: str = ""
    type: str = ""
    subtype: str = ""
    bot: bool = False
    recipient: str = ""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """`stream` is foreign for mail of another application. SES took it at `taken_at`; `sent_at` is when the outbox knew
    that, None where it got no answer. `identity`: its events come as identity notifications."""

    number: int
    stream: str
    template: str
    recipients: tuple[str, ...]
    from_domain: str
    ticket: str | None
    taken_at: datetime
    sent_at: datetime | None
    identity: bool
    said: list[Said] = field(default_factory=list)

    @property
    def ses_id(self) -> str:
        return f"0100019a{self.number:08x}-5d0c8f7e-1b1c-4b56-9a43-{self.number:012x}-000000"

    @property
    def id(self) -> str:
        return f"ses-{self.ses_id}" if self.stream == "foreign" else message_id(f"mail-{self.number}")


def mails(random: Random, events: int) -> list[Mail]:
    """As many as have so many events."""
    found: list[Mail] = []
    while events > 0:
        taken_at = NOW - timedelta(days=1) - random.random() * WEEKS
        mail = one(random, len(found), chosen(random, STREAMS), taken_at)
        del mail.said[events:]
        events -= len(mail.said)
        found.append(mail)
    return found


def one(random: Random, number: int, stream: str, taken_at: datetime) -> Mail:
    taken_at = taken_at.replace(microsecond=taken_at.microsecond // 1000 * 1000)
    answered = stream != "foreign" and random.random() > 0.01
    mail = Mail(
        number=number,
        stream=stream,
        template=random.choice(TEMPLATES[stream]) if stream in TEMPLATES else "",
        recipients=tuple(address(random) for _ in range(1 if stream != "foreign" or random.random() > 0.1 else 3)),
        from_domain="shop.acme.test" if stream == "foreign" else "acme.test",
        ticket=str(number) if stream == "transactional" and random.random() < 0.05 else None,
        taken_at=taken_at,
        sent_at=taken_at + timedelta(milliseconds=random.randint(1, 300)) if answered else None,
        identity=random.random() < (0.5 if stream == "foreign" else 0.01),
    )
    mail.said.extend(becomes(random, mail))
    return mail


def address(random: Random) -> str:
    number = random.randrange(1_000_000)
    if random.random() < 0.01:  # whose mailbox is full today is one of few
        number = random.randrange(200) * FULL
    domain = DOMAINS[number % len(DOMAINS)] if number % 7 else f"d{number % 1999}.example"
    return f"u{number}@{domain}"


def becomes(random: Random, mail: Mail) -> list[Said]:
    end = chosen(random, ENDS)
    said = [] if mail.identity else [Said(kind="Send", at=mail.taken_at)]
    if is_full(mail.recipients[0]):
        end = "Transient"
    if end in SUBTYPES:
        return [*said, *(bounce(random, mail, end, who) for who in mail.recipients)]
    if end in ("Reject", "Rendering Failure", "unknown") and not mail.identity:
        return [*said, Said(kind=end if end != "unknown" else "Archived", at=mail.taken_at)]
    if end == "delayed and delivered" and not mail.identity:
        said += [Said(kind="DeliveryDelay", at=later(random, mail, 3600), type="SpamDetected") for _ in range(2)]
    said.append(Said(kind="Delivery", at=later(random, mail, 60)))
    return said + afterwards(random, mail)


def afterwards(random: Random, mail: Mail) -> list[Said]:
    said = []
    if mail.stream == "marketing" and not mail.identity:
        said += engagement(random, mail)
    if random.random() < 0.004:
        said.append(
            Said(
                kind="Complaint",
                at=later(random, mail, 86400),
                id=feedback_id(random),
                type=chosen(random, COMPLAINTS),
                subtype="OnAccountSuppressionList" if random.random() < 0.05 else "",
                recipient=mail.recipients[0],
            )
        )
    if random.random() < 0.004:
        said.append(bounce(random, mail, "Transient", mail.recipients[0], "General"))  # out of office
    return said


def engagement(random: Random, mail: Mail) -> list[Said]:
    opens = 30 if random.random() < 0.001 else random.choice((0, 0, 0, 1, 1, 2))
    clicks = random.choice((0, 0, 1)) if opens else 0
    kinds = ["Open"] * opens + ["Click"] * clicks + (["Subscription"] if random.random() < 0.002 else [])
    return [Said(kind=kind, at=later(random, mail, 86400), bot=random.random() < 0.3) for kind in kinds]


def bounce(random: Random, mail: Mail, type: str, recipient: str, subtype: str = "") -> Said:
    return Said(
        kind="Bounce",
        at=later(random, mail, 60 if type == "Permanent" else 50_000),
        id=feedback_id(random),
        type=type,
        subtype=subtype or random.choice(SUBTYPES[type]),
        recipient=recipient,
    )


def is_full(address: str) -> bool:
    return int(address[1:].partition("@")[0]) % FULL == 0


def later(random: Random, mail: Mail, seconds: int) -> datetime:
    return mail.taken_at + timedelta(milliseconds=random.randint(500, seconds * 1000))


def feedback_id(random: Random) -> str:
    return f"0100019b{random.getrandbits(32):08x}-{random.getrandbits(48):012x}-000000"


def chosen(random: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    [name] = random.choices([name for name, _ in weighted], [weight for _, weight in weighted])
    return name
