"""SendEmail's parameters as one value: who sends what to whom, with which set and tags. Pure."""

import re
from dataclasses import dataclass
from email.utils import getaddresses, parseaddr
from typing import Any

from local.ses.compose import compose
from local.ses.draft import Draft, read_draft
from local.ses.errors import BadRequest, NotEmulated

_NOT_EMULATED = ("ListManagementOptions", "EndpointId", "FromEmailAddressIdentityArn")
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")
FEEDBACK_IDS = ("ses:feedback-id-a", "ses:feedback-id-b")  # of SES's own names, those that an application may set
ADDRESS = re.compile(r"[^\s@\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, kw_only=True)
class Submission:
    """`source` is the sender as given, with its display name; `recipients` are addresses, To before Cc before Bcc."""

    source: str
    recipients: tuple[str, ...]
    configuration_set: str
    tenant: str
    tags: dict[str, str]
    raw: bool
    draft: Draft

    @property
    def sender(self) -> str:
        return parseaddr(self.source)[1]

    @property
    def senders(self) -> tuple[str, ...]:
        """Whom the message says it is from, the sender first: by SMTP, or with FromEmailAddress beside raw content,
        From may name somebody else."""
        return tuple(dict.fromkeys((self.sender, *_in_from(self.draft))))


def read_submission(parameters: dict[str, Any]) -> Submission:
    """Parameters win over X-SES-* headers (DG using-configuration-sets-in-email). BadRequest as SES."""
    for name in _NOT_EMULATED:
        if name in parameters:
            raise NotEmulated(f"{name} of SendEmail is not emulated on the laptop.")
    draft, raw = _draft(parameters)
    if not _in_from(draft):
        raise BadRequest("Missing required header 'From'.")
    source = parameters.get("FromEmailAddress") or draft.first("From")
    recipients = _recipients(parameters, draft)
    for address in (source, *recipients):
        _check_address(address)
    return Submission(
        source=source,
        recipients=tuple(parseaddr(address)[1] for address in recipients),
        configuration_set=parameters.get("ConfigurationSetName") or draft.first("X-SES-CONFIGURATION-SET").strip(),
        tenant=parameters.get("TenantName") or draft.first("X-SES-TENANT").strip(),
        tags=_tags(parameters, draft),
        raw=raw,
        draft=draft,
    )


def _draft(parameters: dict[str, Any]) -> tuple[Draft, bool]:
    content = parameters["Content"]
    if "Raw" in content:
        return read_draft(content["Raw"]["Data"]), True
    if "Simple" not in content:
        raise NotEmulated("Of contents Raw and Simple are emulated on the laptop; Mailroom renders its mails itself.")
    if not parameters.get("FromEmailAddress"):
        raise BadRequest("FromEmailAddress is missing.")
    for address in (parameters["FromEmailAddress"], *_named(parameters), *parameters.get("ReplyToAddresses", [])):
        _check_address(address)
    return compose(parameters), False


def _in_from(draft: Draft) -> list[str]:
    return [address for _, address in getaddresses(draft.values("From")) if address]


def _named(parameters: dict[str, Any]) -> list[str]:
    destination = parameters.get("Destination", {})
    return [address for kind in ("ToAddresses", "CcAddresses", "BccAddresses") for address in destination.get(kind, [])]


def _recipients(parameters: dict[str, Any], draft: Draft) -> list[str]:
    if named := _named(parameters):
        return named
    headers = draft.values("To") + draft.values("Cc") + draft.values("Bcc")
    return [address for _, address in getaddresses(headers)]


def _check_address(text: str) -> None:
    """No SMTPUTF8, and display names only as encoded words (API SendEmail, FromEmailAddress)."""
    if not text.isascii():
        raise BadRequest("An address holds non-ASCII characters; encode its display name as RFC 2047 says.")
    address = parseaddr(text)[1]
    if re.search(r"[\r\n]", text) or not ADDRESS.fullmatch(address):
        raise BadRequest(f"Missing final '@domain' or no address at all: {text[:80]!r}")


def _tags(parameters: dict[str, Any], draft: Draft) -> dict[str, str]:
    pairs = [(tag["Name"], tag["Value"]) for tag in parameters.get("EmailTags", [])]
    if not pairs:
        sent = ",".join(draft.values("X-SES-MESSAGE-TAGS"))
        pairs = [
            (name.strip(), value.strip()) for name, _, value in (tag.partition("=") for tag in sent.split(",") if tag)
        ]
    for name, value in pairs:
        if name.lower().startswith("ses:") and name not in FEEDBACK_IDS:
            raise BadRequest("Tag names that begin with ses: are SES's own.")
        if not (_TAG.fullmatch(name.removeprefix("ses:")) and _TAG.fullmatch(value)):
            raise BadRequest(f"Tag {name[:40]!r}: letters, digits, _ and - are allowed, and 256 characters.")
    return dict(pairs)
