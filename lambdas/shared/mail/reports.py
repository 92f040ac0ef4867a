"""What a machine's mail turned out to be."""

from dataclasses import dataclass

from lambdas.shared.mail.mail import Bounced, Complained


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The kind of a mail, why, and the recipients of failed or delayed deliveries, or the complaint, that it tells."""

    kind: str
    reasons: tuple[str, ...] = ()
    bounces: tuple[Bounced, ...] = ()
    complaint: Complained | None = None
