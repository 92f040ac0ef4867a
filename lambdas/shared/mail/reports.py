"""What a machine's mail turned out to be."""

from dataclasses import dataclass

from lambdas.shared.mail.mail import Bounced


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The kind of a mail, why, and the recipients of failed or delayed deliveries that it tells."""

    kind: str
    reasons: tuple[str, ...] = ()
    bounces: tuple[Bounced, ...] = ()
