"""What a bounce, delay or complaint that came as mail says of a mail of ours, in the words of SES's own events. Pure.

SES takes the reports that go to a mail's return path, and tells of them itself. Some servers send theirs to From or
Reply-To all the same, and loops of complaints to whatever address they were given. Anybody may write such a mail: what
it says is no more than said, and `feedback` believes only one that knows what SES called the mail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lambdas.inbound.keep import cut
from lambdas.inbound.team import reported
from lambdas.shared.mail import addresses
from lambdas.shared.messages import MESSAGE_HEADER, MESSAGE_ID, MESSAGE_TAG

if TYPE_CHECKING:
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Bounced, Mail

REASON, MOST = 500, 50  # bytes of a server's words; recipients, of which a mail of ours has one
# RFC 3463, by SES's names. That there is no such mailbox (X.1.0, .1, .2, .3, .6 and .10, X.2.1) stays so; other 5.x.x
# say that this mail was not taken.
NO_MAILBOX = {"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
SOFT = {"2.2": "MailboxFull", "2.3": "MessageTooLarge", "3.4": "MessageTooLarge"}
SOFT_SUBJECTS = {"6": "ContentRejected", "7": "ContentRejected"}  # media, and policy


def event(received: Received, mail: Mail) -> dict[str, Any] | None:
    """SES's event for a report; None for any other mail, and for a report that does not name a mail of ours."""
    describe = DESCRIPTIONS.get(mail.kind)
    ses_id = next(iter(reported(mail)), None)
    if not describe or not ses_id:
        return None
    named = mail.original.text(MESSAGE_HEADER) if mail.original else None
    ours = named if named and MESSAGE_ID.fullmatch(named) else None
    return {
        **describe(received, mail),
        "mail": {
            "messageId": ses_id,
            "timestamp": received.at,
            "destination": sent_to(mail),
            "tags": {MESSAGE_TAG: [ours]} if ours else {},
        },
        "reportedBy": "mail",
    }


def bounce(received: Received, mail: Mail) -> dict[str, Any]:
    kind, subtype = meaning(mail.bounces[0].status) if mail.bounces else UNDETERMINED
    told = [failed(bounced) for bounced in mail.bounces[:MOST]] or [{"emailAddress": to} for to in sent_to(mail)]
    part = {"bounceType": kind, "bounceSubType": subtype, "bouncedRecipients": told}
    return {"eventType": "Bounce", "bounce": part | evidence(received)}


def delay(received: Received, mail: Mail) -> dict[str, Any]:
    told = [failed(bounced) for bounced in mail.bounces[:MOST]] or [{"emailAddress": to} for to in sent_to(mail)]
    part = {"delayType": "Undetermined", "delayedRecipients": told, "timestamp": received.at}
    return {"eventType": "DeliveryDelay", "deliveryDelay": part}


def complaint(received: Received, mail: Mail) -> dict[str, Any]:
    said = mail.complaint
    to = [*said.recipients] if said and said.recipients else sent_to(mail)
    part: dict[str, Any] = {"complainedRecipients": [{"emailAddress": address} for address in to[:MOST]]}
    if said:
        part |= {"complaintFeedbackType": said.kind, "userAgent": said.agent}
    return {"eventType": "Complaint", "complaint": part | evidence(received)}


def evidence(received: Received) -> dict[str, str]:
    return {"feedbackId": f"mail-{received.ses_id}", "timestamp": received.at}


def failed(bounced: Bounced) -> dict[str, str]:
    told = {"status": bounced.status, "diagnosticCode": cut(bounced.diagnostic, REASON)}
    return {"emailAddress": bounced.recipient, **{name: value for name, value in told.items() if value}}


def sent_to(mail: Mail) -> list[str]:
    """Whom the mail that is given back was written to."""
    written = mail.original.every("To")[:1] if mail.original else []
    return [address.email for value in written for address in addresses.read(value)][:MOST]


UNDETERMINED = ("Undetermined", "Undetermined")


def meaning(status: str) -> tuple[str, str]:
    """SES's type and subtype for a status code of a failure."""
    if status in NO_MAILBOX:
        return "Permanent", "General"
    _, _, detail = status.partition(".")
    soft = SOFT.get(detail) or SOFT_SUBJECTS.get(detail.partition(".")[0])
    return ("Transient", soft) if soft else UNDETERMINED


DESCRIPTIONS: dict[str, Callable[[Received, Mail], dict[str, Any]]] = {
    "bounce": bounce,
    "delay": delay,
    "complaint": complaint,
}
