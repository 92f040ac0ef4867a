"""How each value of a stage is read from JSON: the value, or a ValueError that says what it must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.settings_alarms import chat
from infra.settings_delivery import TENANT, dedicated_ips
from infra.settings_destinations import destinations
from infra.settings_domains import MAIL_FROM, dkim, dmarc, domains, hosted_zone
from infra.settings_feedback import announce, guard, soft_bounces
from infra.settings_mailboxes import mailboxes
from infra.settings_mta_sts import mta_sts
from infra.settings_reports import reports
from infra.settings_sending import sending
from infra.settings_standby import REGION, standby
from infra.settings_texts import address, domain_name, expected, line, matching, sender, switch
from infra.settings_tracking import tracking

if TYPE_CHECKING:
    from collections.abc import Callable

# WCAG 2.2, success criterion 1.4.3, level AA: contrast of text that is not large.
READABLE = 4.5


@dataclass(frozen=True, kw_only=True)
class Brand:
    """How mails look: a logo in place of the product's name, the colour of buttons, the line under every mail."""

    logo: str | None = None
    color: str = "#1f5fd0"
    footer: str = ""


def _brand(value: object) -> Brand:
    if not isinstance(value, dict) or value.keys() - BRAND.keys():
        raise expected('an object {"logo": "https://…", "color": "#1f5fd0", "footer": "…"}, or a part of it', value)
    return Brand(**{key: _within_brand(key, given) for key, given in value.items()})


def _within_brand(key: str, value: object) -> str:
    try:
        return BRAND[key](value)
    except ValueError as fault:
        raise ValueError(f"its `{key}` {fault}") from None


def _logo(value: object) -> str:
    picture = matching(r"(?i)https://[a-z0-9][a-z0-9.-]+(:\d+)?/[!#-;=?-~]+", "the https:// address of a picture")
    if picture(value).partition("?")[0].lower().endswith(".svg"):
        raise ValueError(f"must be a PNG, JPEG or GIF, since most mail programs show no SVG; it is {value!r}")
    return picture(value)


def _color(value: object) -> str:
    color = matching(r"#[0-9A-Fa-f]{6}", "a colour such as '#1f5fd0'")(value)
    contrast = 1.05 / (_luminance(color) + 0.05)  # with white, of luminance 1 (WCAG 2.2, "contrast ratio")
    if contrast < READABLE:
        raise ValueError(f"must be darker: white text on {color} has a contrast of {contrast:.1f}, below {READABLE}")
    return color


def _luminance(color: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


BRAND: dict[str, Callable[[object], str]] = {"logo": _logo, "color": _color, "footer": line}


def _pools(value: object) -> tuple[str, ...]:
    arn = matching(
        r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+_[0-9A-Za-z]+",
        "a list of user pools' ARNs such as 'arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI'",
    )
    if not isinstance(value, list):
        raise expected("a list of the ARNs of Cognito user pools", value)
    return tuple(arn(pool) for pool in value)


def _days(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise expected("a whole number of days, 1 or more", value)
    return value


READERS: dict[str, Callable[[object], Any]] = {
    "region": REGION,
    "account": matching(r"\d{12}", "the AWS account's 12 digits, in quotes"),
    "domain": domain_name,
    "address": address,
    "sender": sender,
    "product": line,
    "brand": _brand,
    "sending": sending,
    "cognito": _pools,
    "hosted_zone": hosted_zone,
    "mail_from": MAIL_FROM,
    "dmarc": dmarc,
    "dkim": dkim,
    "domains": domains,
    "mailboxes": mailboxes,
    "destinations": destinations,
    "tls_required_in": switch,
    "raw_mail_days": _days,
    "close_after_days": _days,
    "ticket_days": _days,
    "alarm_email": address,
    "alarm_chat": chat,
    "dedicated_ips": dedicated_ips,
    "vdm": switch,
    "tls_required_out": switch,
    "tenant": TENANT,
    "smtp": switch,
    "announce": announce,
    "soft_bounces": soft_bounces,
    "guard": guard,
    "tracking": tracking,
    "mta_sts": mta_sts,
    "reports": reports,
    "standby": standby,
}
