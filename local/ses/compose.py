"""SendEmail's `Simple` content as a MIME message (RFC 5322, RFC 2045 to 2047)."""

import mimetypes
import re
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from local.ses.draft import Draft
from local.ses.errors import BadRequest

_MOST_HEADERS = 15
_NOT_ALLOWED = frozenset(
    (
        *("bcc", "cc", "content-disposition", "content-type", "date", "from", "message-id", "mime-version"),
        *("reply-to", "return-path", "subject", "to"),
    )
)
_NAME = re.compile(r"[!-9;-~]{1,126}")
_VALUE = re.compile(r"[ -~]{1,995}")
_ENCODINGS = {"BASE64": "base64", "QUOTED_PRINTABLE": "quoted-printable", "SEVEN_BIT": "7bit"}


def compose(parameters: dict[str, Any]) -> Draft:
    """BadRequest where a header is not one SES lets an application set (DG header-fields)."""
    simple = parameters["Content"]["Simple"]
    destination = parameters.get("Destination", {})
    headers = [("From", parameters["FromEmailAddress"])]
    headers += _addresses("To", destination.get("ToAddresses"))
    headers += _addresses("Cc", destination.get("CcAddresses"))
    headers += _addresses("Reply-To", parameters.get("ReplyToAddresses"))
    headers += [("Subject", _encoded(simple["Subject"]["Data"])), ("MIME-Version", "1.0")]
    headers += [_own(header) for header in _allowed(simple.get("Headers", []))]
    body = _body(simple)
    raw = body.as_bytes()  # before its fields are read: the boundary is chosen now
    content = [(name, value) for name, value in body.items() if name.lower() != "mime-version"]
    folded = [(name, body.policy.fold(name, value).partition(": ")[2].rstrip("\r\n")) for name, value in content]
    return Draft(headers=tuple(headers + folded), body=raw.partition(b"\r\n\r\n")[2])


def _addresses(name: str, addresses: list[str] | None) -> list[tuple[str, str]]:
    return [(name, ",\r\n ".join(addresses))] if addresses else []


def _encoded(text: str) -> str:
    if re.search(r"[\r\n]", text):
        raise BadRequest("The subject holds a line break.")
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, maxlinelen=76, header_name="Subject").encode(linesep="\r\n")


def _allowed(headers: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(headers) > _MOST_HEADERS:
        raise BadRequest(f"There are more than {_MOST_HEADERS} headers.")
    return headers


def _own(header: dict[str, str]) -> tuple[str, str]:
    name, value = header["Name"], header["Value"]
    if name.lower() in _NOT_ALLOWED:
        raise BadRequest(f"Header {name} cannot be set here; a parameter of SendEmail sets it.")
    if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value) and len(name) + len(value) <= 996):
        raise BadRequest(f"Header {name[:40]!r} is not printable ASCII, or too long.")
    return name, value


def _body(simple: dict[str, Any]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    text, html = simple["Body"].get("Text"), simple["Body"].get("Html")
    if not (text or html):
        raise BadRequest("The body has neither text nor HTML.")
    if text:
        message.set_content(text["Data"], **_charset(text))
    if html and text:
        message.add_alternative(html["Data"], subtype="html", **_charset(html))
    elif html:
        message.set_content(html["Data"], subtype="html", **_charset(html))
    for attachment in sorted(simple.get("Attachments", []), key=_is_attached):
        _attach(message, attachment)
    return message


def _charset(part: dict[str, str]) -> dict[str, Any]:
    """SES sends 7-bit ASCII unless a charset is named (API Content); UTF-8 is what every caller names."""
    charset = part.get("Charset", "us-ascii")
    try:
        part["Data"].encode(charset)
    except (LookupError, UnicodeEncodeError) as error:
        raise BadRequest(f"The body is not {charset}: {error}") from error
    ascii_lines = part["Data"].isascii() and all(len(line) <= 78 for line in part["Data"].splitlines())
    return {"charset": charset, "cte": "7bit" if ascii_lines else "quoted-printable"}


def _is_attached(attachment: dict[str, Any]) -> bool:
    return bool(attachment.get("ContentDisposition", "ATTACHMENT") != "INLINE")


def _attach(message: EmailMessage, attachment: dict[str, Any]) -> None:
    """Inline parts go beside the HTML that shows them (RFC 2387), the others beside the whole."""
    name = attachment["FileName"]
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    maintype, _, subtype = attachment.get("ContentType", guessed).partition("/")
    encoding = _ENCODINGS[attachment.get("ContentTransferEncoding", "BASE64")]
    details: dict[str, Any] = {"maintype": maintype, "subtype": subtype, "filename": name, "cte": encoding}
    if cid := attachment.get("ContentId"):
        details["cid"] = f"<{cid.strip('<>')}>"
    html = message.get_body(("html",))
    if _is_attached(attachment) or html is None:
        message.add_attachment(attachment["RawContent"], **details)
    else:
        html.add_related(attachment["RawContent"], disposition="inline", **details)
