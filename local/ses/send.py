"""SendEmail: everything SES checks before it says yes, and the message it then makes."""

import dataclasses
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from local.ses import ids, tenants
from local.ses.draft import Draft
from local.ses.errors import (
    AccountSuspended,
    BadRequest,
    InternalFailure,
    MailFromDomainNotVerified,
    MessageRejected,
    SendingPaused,
    TooManyRequests,
)
from local.ses.events import Sent, domain
from local.ses.simulator import simulated
from local.ses.submission import FEEDBACK_IDS, Submission, read_submission

if TYPE_CHECKING:
    from local.ses.account import Account
    from local.ses.service import Ses
    from local.ses.wire import Call

_MOST_RECIPIENTS = 50
MOST_BYTES = 40 * 1024 * 1024
_SET_BY_SES = frozenset({"message-id", "date", "return-path", "bcc"})
_UNANSWERED = ("accept-and-hang", "accept-and-drop")


class NoAnswer(Exception):
    """The message is taken and nobody hears of it: the knob accept-and-hang, or accept-and-drop if `dropped`."""

    def __init__(self, *, dropped: bool) -> None:
        super().__init__()
        self.dropped = dropped


def send_email(ses: "Ses", call: "Call") -> dict[str, Any]:
    """{"MessageId": …}; raises what SES answers, and NoAnswer."""
    knob = ses.knobs.sends.popleft() if ses.knobs.sends else ses.knobs.chaos.fault(_first_recipient(call))
    if knob == "throttle":
        raise TooManyRequests("Maximum sending rate exceeded.")
    if knob == "fail":
        raise InternalFailure("An error occurred inside SES.")
    submission = to_be_sent(ses.account, call.parameters)
    _check(ses.account, submission)
    sent = _make(ses.account, submission, call)
    simulated_ones = sum(1 for address in submission.recipients if simulated(address))
    ses.account.quota.take(len(submission.recipients), sent.at, simulated=simulated_ones)
    ses.post.accept(sent)
    if knob in _UNANSWERED:
        raise NoAnswer(dropped=knob == "accept-and-drop")
    return {"MessageId": sent.id}


def _first_recipient(call: "Call") -> str:
    addresses = call.parameters.get("Destination", {}).get("ToAddresses", [])
    return str(addresses[0]).lower() if addresses else ""


def to_be_sent(account: "Account", parameters: dict[str, Any]) -> Submission:
    """What SendEmail's parameters ask for, with the identity's default configuration set where they name none."""
    submission = read_submission(parameters)
    identity = account.identity_of(submission.sender)
    default = identity.configuration_set if identity else ""
    return dataclasses.replace(submission, configuration_set=submission.configuration_set or default)


def _check(account: "Account", submission: Submission) -> None:
    if not 0 < len(submission.recipients) <= _MOST_RECIPIENTS:
        raise BadRequest(f"Recipient count is {len(submission.recipients)}; it must be 1 to {_MOST_RECIPIENTS}.")
    if account.enforcement == "SHUTDOWN":
        raise AccountSuspended("The account's ability to send email has been permanently restricted.")
    if not account.sending_enabled:
        raise SendingPaused("Email sending is disabled for your account.")
    if submission.configuration_set and not account.configuration_set(submission.configuration_set).sending_enabled:
        raise SendingPaused(f"Email sending is disabled for configuration set <{submission.configuration_set}>.")
    tenants.check(account, submission)
    _check_verified(account, submission)
    _check_mail_from(account, submission)


def _check_verified(account: "Account", submission: Submission) -> None:
    addresses = list(submission.senders)
    if account.sandbox:
        addresses += [address for address in submission.recipients if not simulated(address)]
    if failed := [address for address in addresses if not account.verified(address)]:
        raise MessageRejected(
            "Email address is not verified. The following identities failed the check in region "
            f"{account.region.upper()}: {', '.join(failed)}"
        )


def _check_mail_from(account: "Account", submission: Submission) -> None:
    identity = account.identity_of(submission.sender)
    if identity and identity.mail_from and identity.on_mx_failure == "REJECT_MESSAGE" and not identity.mails_from:
        raise MailFromDomainNotVerified(f"The MAIL FROM domain {identity.mail_from} is not verified.")


def _make(account: "Account", submission: Submission, call: "Call") -> Sent:
    now = account.clock()
    message_id = ids.message_id(now)
    draft = _stamped(submission, message_id, format_datetime(now), account.region)
    identity = account.identity_of(submission.sender)
    raw = draft.encode()
    if len(raw) > MOST_BYTES:
        raise BadRequest(f"Message length is more than {MOST_BYTES} bytes long: '{len(raw)}'.")
    return Sent(
        id=message_id,
        at=now,
        source=submission.source,
        source_arn=account.arn(f"identity/{identity.name if identity else submission.sender}"),
        account=account.id,
        recipients=submission.recipients,
        configuration_set=submission.configuration_set,
        tags=_tags(submission, call),
        draft=draft,
        return_path=f"{message_id}@{(identity and identity.mails_from) or ids.wire_domain(account.region)}",
        raw=raw,
    )


def _stamped(submission: Submission, message_id: str, date: str, region: str) -> Draft:
    """SES overrides Message-ID and Date, takes out its own X-SES-* headers, never sends Bcc (DG header-fields), and
    adds a Feedback-ID whose first two parts an application may set."""
    draft = submission.draft
    kept = (pair for pair in draft.headers if pair[0].lower() not in _SET_BY_SES)
    kept = (pair for pair in kept if not pair[0].lower().startswith("x-ses-"))
    feedback_id = ":".join([*(submission.tags.get(name, "") for name in FEEDBACK_IDS), f"1.{region}", "AmazonSES"])
    own = (("Message-ID", f"<{message_id}@{ids.wire_domain(region)}>"), ("Date", date), ("Feedback-ID", feedback_id))
    return dataclasses.replace(draft, headers=(*own, *kept))


def _tags(submission: Submission, call: "Call") -> dict[str, list[str]]:
    """With the automatic ones (DG event-publishing-retrieving-sns-contents, mail.tags)."""
    automatic = {
        "ses:operation": call.operation,
        "ses:source-ip": call.source_ip,
        "ses:from-domain": domain(submission.source),
        "ses:caller-identity": call.caller,
    }
    if submission.configuration_set:
        automatic["ses:configuration-set"] = submission.configuration_set
    return {name: [value] for name, value in {**automatic, **submission.tags}.items()}
