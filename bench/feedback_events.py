"""Events as SES writes them, in both of its forms, in the envelopes of SNS and SQS, as long as they are there.

Sources: SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and "Amazon SNS
notification contents for Amazon SES".
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.feedback_mails import Mail, Said

SETS = {"transactional": "Transactional", "marketing": "Marketing", "foreign": "Transactional"}
TOPICS = {"Bounce": "Bounces", "Complaint": "Complaints"}
AGENT = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
SIGNED = {
    "SignatureVersion": "1",
    "Signature": "x" * 344,
    "SigningCertURL": f"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-{'0' * 32}.pem",
    "UnsubscribeURL": f"https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={'x' * 100}",
}


def body(mail: Mail, said: Said) -> str:
    """The body of an SQS message."""
    topic = f"arn:aws:sns:us-east-1:111122223333:Mailroom-example-Feedback-{TOPICS.get(said.kind, 'Activity')}"
    envelope = {
        "Type": "Notification",
        "MessageId": f"{mail.number:08x}-3f1c-5a1e-9b1b-{said.at.timestamp():.6f}",
        "TopicArn": topic,
        "Subject": "Amazon SES Email Event Notification",
        "Message": json.dumps(event(mail, said), separators=(",", ":")),
        "Timestamp": iso(said.at),
        **SIGNED,
    }
    return json.dumps(envelope, indent=2)


def record(body: str, number: int) -> dict[str, Any]:
    return {
        "messageId": f"{number:036}",
        "receiptHandle": "x" * 200,
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795348800000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:Mailroom-example-Feedback-Queue",
        "awsRegion": "us-east-1",
    }


def event(mail: Mail, said: Said) -> dict[str, Any]:
    name, part = PARTS.get(said.kind, unknown)(mail, said)
    kind = "notificationType" if mail.identity else "eventType"
    return {kind: said.kind, "mail": mail_object(mail), name: part}


def mail_object(mail: Mail) -> dict[str, Any]:
    source = f"hello@{mail.from_domain}"
    told: dict[str, Any] = {
        "timestamp": iso(mail.taken_at),
        "source": source,
        "sourceArn": f"arn:aws:ses:us-east-1:111122223333:identity/{mail.from_domain}",
        "sendingAccountId": "111122223333",
        "messageId": mail.ses_id,
        "destination": [*mail.recipients],
    }
    if mail.identity and mail.stream == "foreign":
        return told | {"sourceIp": "192.0.2.1", "callerIdentity": "shop"}
    headers = {
        "From": f"Acme <{source}>",
        "To": ", ".join(mail.recipients),
        "Subject": "What is new at Acme this month",
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="===============5283945873249587=="',
        **({} if mail.stream == "foreign" else {"X-Mailroom-Message": mail.id, "Auto-Submitted": "auto-generated"}),
        **({"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if mail.stream == "marketing" else {}),
    }
    told |= {
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {
            "from": [headers["From"]],
            "to": [*mail.recipients],
            "messageId": mail.ses_id,
            "subject": headers["Subject"],
        },
    }
    return told if mail.identity else told | {"tags": tags(mail)}


def tags(mail: Mail) -> dict[str, list[str]]:
    own = {
        "mailroom-message": mail.id,
        "mailroom-stream": mail.stream,
        "mailroom-template": mail.template,
        **({"mailroom-ticket": mail.ticket} if mail.ticket else {}),
    }
    found = {
        "ses:source-tls-version": "TLSv1.3",
        "ses:operation": "SendEmail",
        "ses:configuration-set": f"Mailroom-example-{SETS[mail.stream]}",
        "ses:source-ip": "192.0.2.1",
        "ses:from-domain": mail.from_domain,
        "ses:caller-identity": "Mailroom-example-Outbound-SendRole",
        **(own if mail.stream != "foreign" else {}),
    }
    return {name: [value] for name, value in found.items()}


Part = tuple[str, dict[str, Any]]


def bounce(_mail: Mail, said: Said) -> Part:
    status = "5.1.1" if said.type == "Permanent" else "4.2.2"
    words = f"smtp; 550-{status} The email account that you tried to reach does not exist. Please try double-checking"
    recipient = {"emailAddress": said.recipient, "action": "failed", "status": status, "diagnosticCode": words}
    return "bounce", {
        "feedbackId": said.id,
        "bounceType": said.type,
        "bounceSubType": said.subtype,
        "bouncedRecipients": [recipient],
        "timestamp": iso(said.at),
        "reportingMTA": "dns; a8-30.smtp-out.amazonses.com",
    }


def complaint(_mail: Mail, said: Said) -> Part:
    return "complaint", {
        "feedbackId": said.id,
        "complaintSubType": said.subtype or None,
        "complainedRecipients": [{"emailAddress": said.recipient}],
        "timestamp": iso(said.at),
        "userAgent": "Yahoo!-Mail-Feedback/2.0",
        **({"complaintFeedbackType": said.type} if said.type else {}),
        "arrivalDate": iso(said.at),
    }


def delivery(mail: Mail, said: Said) -> Part:
    return "delivery", {
        "timestamp": iso(said.at),
        "processingTimeMillis": 730,
        "recipients": [*mail.recipients],
        "smtpResponse": "250 2.0.0 OK  1795348801 d9443c01a7336-2c7bd9a52casi2468135ad.312 - gsmtp",
        "reportingMTA": "a8-30.smtp-out.amazonses.com",
    }


def delay(mail: Mail, said: Said) -> Part:
    words = "smtp; 421 4.7.0 Try again later"
    return "deliveryDelay", {
        "timestamp": iso(said.at),
        "delayType": said.type,
        "expirationTime": iso(said.at),
        "delayedRecipients": [
            {"emailAddress": who, "status": "4.7.0", "diagnosticCode": words} for who in mail.recipients
        ],
    }


def engagement(name: str) -> Callable[[Mail, Said], Part]:
    def describe(_mail: Mail, said: Said) -> Part:
        told = {
            "ipAddress": "192.0.2.7",
            "timestamp": iso(said.at),
            "userAgent": AGENT,
            "isBotEvent": "Likely" if said.bot else "Unlikely",
        }
        return name, told | ({"link": "https://www.acme.test/offers", "linkTags": None} if name == "click" else {})

    return describe


def subscription(_mail: Mail, said: Said) -> Part:
    return "subscription", {
        "contactList": "Customers",
        "timestamp": iso(said.at),
        "source": "UnsubscribeHeader",
        "newTopicPreferences": {"unsubscribeAll": True, "topicSubscriptionStatus": []},
        "oldTopicPreferences": {"unsubscribeAll": False, "topicSubscriptionStatus": []},
    }


def unknown(_mail: Mail, said: Said) -> Part:
    return said.kind.lower(), {"archive": "a-1"}


PARTS: dict[str, Callable[[Mail, Said], Part]] = {
    "Send": lambda _mail, _said: ("send", {}),
    "Delivery": delivery,
    "DeliveryDelay": delay,
    "Bounce": bounce,
    "Complaint": complaint,
    "Reject": lambda _mail, _said: ("reject", {"reason": "Bad content"}),
    "Rendering Failure": lambda _mail, _said: ("failure", {"errorMessage": "No such variable", "templateName": "t"}),
    "Open": engagement("open"),
    "Click": engagement("click"),
    "Subscription": subscription,
}
