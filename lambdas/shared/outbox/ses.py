"""The one call that makes a mail, and what its failures mean.

NotSent           certainly nothing was sent
├── Refused       SES will never take this mail
└── NotNow        SES takes no mail at the moment: again after `seconds`; `state` says why
OutcomeUnknown    SES may have taken it: only its Send event can tell

Any other refusal of SES (a missing permission, an identity or configuration set that is not there) is a fault of this
installation: it sent nothing either and propagates as it is.
"""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError

from lambdas.shared.messages import MESSAGE_HEADER, OVER_QUOTA, PAUSED, THROTTLED, UNREACHABLE

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTypeDef, SendEmailRequestTypeDef

    from lambdas.shared.outbox.attachments import File
    from lambdas.shared.outbox.render import Rendered
    from lambdas.shared.outbox.request import Request

DAILY_QUOTA = "Daily message quota exceeded"
# SES API v2, SendEmail, errors. Rate and quota share a code and differ in their text (SES Developer Guide, "Errors
# related to the sending quotas"); SES asks for up to ten minutes of patience, and for hours with the daily quota.
NOT_NOW = {
    "TooManyRequestsException": (THROTTLED, 5),
    "ThrottlingException": (THROTTLED, 5),
    "LimitExceededException": (OVER_QUOTA, 900),
    "SendingPausedException": (PAUSED, 900),
    "AccountSuspendedException": (PAUSED, 900),
}
REFUSED = {"MessageRejected", "BadRequestException"}
NOT_VERIFIED = "not verified"
SERVER_ERROR = 500


class NotSent(Exception):
    pass


class Refused(NotSent):
    pass


class NotNow(NotSent):
    def __init__(self, state: str, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.state = state
        self.seconds = seconds


class OutcomeUnknown(Exception):
    pass


def send_email(
    ses: SESV2Client,
    request: Request,
    rendered: Rendered,
    files: list[File],
    *,
    sender: str,
    configuration_set: str,
    tenant: str,
) -> str:
    """Hand one message to SES; gives SES's message id. Errors as drawn above."""
    asked: SendEmailRequestTypeDef = {
        "FromEmailAddress": formataddr(parseaddr(sender)),  # a name that is not ASCII gets encoded (RFC 2047)
        "Destination": {"ToAddresses": [request.recipient]},
        "ReplyToAddresses": [request.reply_to] if request.reply_to else [],
        "Content": {"Simple": content(request, rendered, files)},
        "ConfigurationSetName": configuration_set,
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags(request).items()],
    }
    if tenant:
        asked["TenantName"] = tenant
    try:
        return ses.send_email(**asked)["MessageId"]
    except ClientError as error:
        raise meaning(error, request) from None
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise NotNow(UNREACHABLE, 30, f"SES cannot be reached ({type(error).__name__})") from error
    except HTTPClientError as error:
        raise OutcomeUnknown(f"no answer from SES ({type(error).__name__})") from error


def tags(request: Request) -> dict[str, str]:
    """What SES's events about the mail will carry; and the two of SES's own that begin its Feedback-ID header, by which
    Gmail's Postmaster Tools tell complaints apart (SES, "Custom values in the Feedback-ID header", June 2024)."""
    told = {"message": request.id, "stream": request.stream, "template": request.template}
    told |= {"ticket": request.ticket} if request.ticket else {}
    ours = {f"mailroom-{name}": value for name, value in told.items()}
    return ours | {"ses:feedback-id-a": request.stream, "ses:feedback-id-b": request.template}


def content(request: Request, rendered: Rendered, files: list[File]) -> MessageTypeDef:
    headers = request.headers | {MESSAGE_HEADER: request.id}
    body: MessageTypeDef = {
        "Subject": {"Data": rendered.subject, "Charset": "UTF-8"},
        "Body": {
            "Text": {"Data": rendered.text, "Charset": "UTF-8"},
            "Html": {"Data": rendered.html, "Charset": "UTF-8"},
        },
        # SES takes 15 (API v2, Message), a request may have 12 (docs/events/SendMail.json), and marketing gets two.
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    if files:
        body["Attachments"] = [
            {"FileName": file.name, "ContentType": file.content_type, "RawContent": file.content} for file in files
        ]
    return body


def meaning(error: ClientError, request: Request) -> Exception:
    code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code in REFUSED and (code != "MessageRejected" or about_recipient(text, request)):
        return Refused(f"SES refused it: {text}")
    if code in NOT_NOW:
        state, seconds = (OVER_QUOTA, 900) if DAILY_QUOTA in text else NOT_NOW[code]
        return NotNow(state, seconds, f"SES takes no mail now: {text}")
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVER_ERROR:
        return OutcomeUnknown(f"SES answered {code}")
    return error


def about_recipient(text: str, request: Request) -> bool:
    """Whether a rejection is about this mail. "Email address is not verified" lists the identities that failed: in the
    sandbox the recipient's; if only our own is there, the installation is not ready, and the mail can go once it is."""
    return NOT_VERIFIED not in text or request.recipient.lower() in text.lower()
