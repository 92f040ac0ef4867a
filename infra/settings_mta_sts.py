"""The setting `mta_sts`: whether other servers are told that mail for us goes over TLS only, and to which server (RFC
8461). A TXT record tells that there is a policy. The policy itself is a file on a web server of the user's, because
senders trust the certificate of `https://mta-sts.DOMAIN`, and not the DNS.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from infra.settings_texts import expected

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.settings import Settings

MODES = ("testing", "enforce", "none")
# So long senders keep a policy, unless the record's id changes. RFC 8461 section 3.2 wants weeks where it is enforced;
# whoever leaves publishes `none` for as long (section 8.3).
SECONDS = {"testing": 86_400, "enforce": 1_209_600, "none": 86_400}


def mta_sts(value: object) -> str:
    if value not in MODES:
        raise expected(f"one of {', '.join(MODES)}", value)
    return str(value)


def policy(settings: Settings) -> str:
    """The file that `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` must give, the same for each receiving domain (RFC
    8461 section 3.2). It names the standby region too, for senders that keep a policy could not follow the MX there."""
    mode = settings.mta_sts or "none"
    regions = (settings.region, *([settings.standby.region] if settings.standby else []))
    exchangers = "".join(f"mx: inbound-smtp.{region}.amazonaws.com\n" for region in regions)
    return f"version: STSv1\nmode: {mode}\n{exchangers}max_age: {SECONDS[mode]}\n"


def records(settings: Settings, receiving: str) -> Iterator[tuple[str, str, str, str]]:
    """Name, type, value and purpose; the id is another whenever the policy is (section 3.1: 32 letters and digits)."""
    if settings.mta_sts:
        number = hashlib.sha256(policy(settings).encode()).hexdigest()[:16]
        yield f"_mta-sts.{receiving}", "TXT", f'"v=STSv1; id={number}"', "mta_sts"


def _receiving(settings: Settings, _: Mapping[str, Any]) -> Iterator[str]:
    if settings.mta_sts and settings.domain and not settings.mailboxes:
        yield "mta_sts: is about mail that comes in, and there are no `mailboxes`; add some, or remove it"


RULES = (_receiving,)
