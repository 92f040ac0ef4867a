"""The one call that makes a mail, and what its failures mean.

NotSent           certainly nothing was sent
  Refused         SES will never take this mail: the message has failed
  NotNow          SES takes no mail at the moment: again after `seconds`
OutcomeUnknown    SES may have taken it: only its Send event can tell

Any other refusal of SES (a missing permission, say) sent nothing either and propagates as it is.
"""

from __future__ import annotations

from email.utils import formataddr, parseaddr
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, HTTPClientError

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client

    from lambdas.shared.outbox.render import Rendered
    from lambdas.shared.messages import Outgoing

DAILY_QUOTA = "Daily message quota exceeded"
# SES API v2, SendEmail, errors. Throttling and quota share a code and differ in their text (SES Developer Guide,
# "Errors related to the sending quotas"); SES asks for up to ten minutes of patience, and hours for the daily quota.
NOT_NOW_SECONDS = {
    "TooManyRequestsException": 5,
    "ThrottlingException": 5,
    "LimitExceededException": 900,
    "SendingPausedException": 900,
    "AccountSuspendedException": 900,
}
REFUSED = {"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException", "NotFoundException"}
SERVER_ERROR = 500


class NotSent(Exception):
    pass


class Refused(NotSent):
    pass


class NotNow(NotSent):
    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds


class OutcomeUnknown(Exception):
    pass


def send_email(
    ses: SESV2Client,
    request: dict[str, Any],
    message: Outgoing,
    rendered: Rendered,
    *,
    sender: str,
    configuration_set: str,
) -> str:
    """Hand one message to SES; gives SES's message id. Errors as drawn above."""
    try:
        return ses.send_email(
            FromEmailAddress=formataddr(parseaddr(sender)),  # a name that is not ASCII gets encoded (RFC 2047)
            Destination={"ToAddresses": [message.recipient]},
            ReplyToAddresses=[request["reply_to"]] if "reply_to" in request else [],
            Content={
                "Simple": {
                    "Subject": {"Data": rendered.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": rendered.text, "Charset": "UTF-8"},
                        "Html": {"Data": rendered.html, "Charset": "UTF-8"},
                    },
                    "Headers": [{"Name": name, "Value": value} for name, value in request.get("headers", {}).items()],
                }
            },
            ConfigurationSetName=configuration_set,
            EmailTags=[
                {"Name": "mailroom-message", "Value": message.id},
                {"Name": "mailroom-stream", "Value": message.stream},
                {"Name": "mailroom-template", "Value": message.template},
            ],
        )["MessageId"]
    except ClientError as error:
        raise meaning(error) from None
    except (EndpointConnectionError, ConnectTimeoutError) as error:
        raise NotNow(30, f"SES cannot be reached ({type(error).__name__})") from error
    except HTTPClientError as error:
        raise OutcomeUnknown(f"no answer from SES ({type(error).__name__})") from error


def meaning(error: ClientError) -> Exception:
    code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code in REFUSED:
        return Refused(f"SES refused it: {text}")
    if code in NOT_NOW_SECONDS:
        return NotNow(900 if DAILY_QUOTA in text else NOT_NOW_SECONDS[code], f"SES takes no mail now: {text}")
    if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVER_ERROR:
        return OutcomeUnknown(f"SES answered {code}")
    return error
