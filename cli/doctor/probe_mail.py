"""What the probe's mail says of itself as it came in: who vouches for it, and what SES has signed. Pure."""

from __future__ import annotations

from email import message_from_bytes
from email.utils import parseaddr

from cli.dns.tags import tags
from cli.doctor.line import Line, error, ok, warning
from lambdas.inbound.arrival import NotBySes, arrived

# Which a signature has to cover for one-click unsubscribing (RFC 8058 section 4).
ONE_CLICK = ("list-unsubscribe", "list-unsubscribe-post")
RULES = "docs/doctor.md#the-probe"


def authentication(raw: bytes, key: str, ses_id: str) -> Line:
    """SES's verdicts on our own mail, in the Authentication-Results that it has put on top."""
    try:
        said = arrived(ses_id, key, raw, ())
    except NotBySes as fault:
        return error("probe-authentication", str(fault), RULES)
    verdicts = {"SPF": said.spf, "DKIM": said.dkim, "DMARC": said.dmarc}
    told = ", ".join(f"{name} {verdict}" for name, verdict in verdicts.items())
    if set(verdicts.values()) == {"PASS"}:
        return ok("probe-authentication", f"receivers see: {told}")
    return error(
        "probe-authentication", f"receivers see: {told}", "the lines `dkim`, `mail-from`, `dns` and `alignment`"
    )


def signed(raw: bytes, *, laptop: bool) -> Line:
    """Whether our own signature covers the header fields for one-click unsubscribing."""
    check, mail = "probe-dkim", message_from_bytes(raw)
    if laptop:
        return warning(check, "nothing signs on this laptop: what SES signs shows in an account only", RULES)
    author = parseaddr(str(mail.get("From", "")))[1].rpartition("@")[2].lower()
    signatures = [tags(str(value)) for value in mail.get_all("DKIM-Signature", [])]
    ours = [one for one in signatures if of_author(one.get("d", "").lower(), author)]
    if not ours:
        domains = ", ".join(one.get("d", "?") for one in signatures) or "nobody"
        return error(check, f"no signature is of {author}; there are those of: {domains}", "the line `dkim`")
    covered = {name.strip().lower() for name in ours[0].get("h", "").split(":")}
    if lacking := [name for name in ONE_CLICK if name not in covered]:
        return error(check, f"SES's signature (h=) leaves out {' and '.join(lacking)}", RULES)
    return ok(check, "SES's signature (h=) covers List-Unsubscribe and List-Unsubscribe-Post")


def of_author(signer: str, author: str) -> bool:
    return bool(signer) and (author == signer or author.endswith(f".{signer}"))
