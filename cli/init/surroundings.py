"""What AWS and the DNS say of where a stage is to be: asked for defaults, and for what would be in the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from cli.deployment import NO_CREDENTIALS, REFUSED_CREDENTIALS
from cli.output import line

if TYPE_CHECKING:
    from collections.abc import Callable

    from cli.dns.answer import Answer, LookUp

Found = TypeVar("Found")
NOT_FOUND = "NotFoundException"
# Names for mailboxes of their own where people have theirs at the domain itself.
BESIDE = ("help", "support", "tickets")


@dataclass(kw_only=True)
class Surroundings:
    """`client` makes a client of a service in a region. `notes` are sentences about what could not be asked; without
    credentials nothing more of AWS is."""

    client: Callable[[str, str], Any]
    look_up: LookUp
    notes: list[str] = field(default_factory=list)
    _signed_out: bool = False

    def account(self, region: str) -> str | None:
        """The account that the credentials are for."""
        return self._asked(lambda: str(self.client("sts", region).get_caller_identity()["Account"]))

    def zone(self, region: str, domain: str) -> dict[str, str] | None:
        """The public hosted zone of Route 53 that holds a domain: of several the one with the longest name."""
        for name in parents(domain):
            if found := self._asked(partial(self._zones, region, name)):
                return {"id": found[0]["Id"].rpartition("/")[2], "name": name}
        return None

    def identity(self, region: str, name: str) -> str | None:
        """How far SES is with an identity that is there already."""
        return self._asked(lambda: self._identity(region, name))

    def rule_set(self, region: str) -> str | None:
        """The name of the active receipt rule set."""
        return self._asked(
            lambda: self.client("ses", region).describe_active_receipt_rule_set().get("Metadata", {}).get("Name")
        )

    def mail_of(self, domain: str, region: str) -> str | None:
        """The server that a domain's mail goes to, if it is another than SES's in this region."""
        hosts = [value.partition(" ")[2] for value in self._mx(domain).values]
        return next((line(host) for host in hosts if host != f"inbound-smtp.{region}.amazonaws.com"), None)

    def free_below(self, domain: str) -> str:
        """A sub-domain that nobody gets mail at, and that is no alias."""
        for label in BESIDE:
            answer = self._mx(f"{label}.{domain}")
            if not answer.values and not answer.alias:
                return f"{label}.{domain}"
        return f"mailroom.{domain}"

    def _mx(self, name: str) -> Answer:
        answer = self.look_up(name, "MX")
        if answer.failed:
            self._note(f"The DNS could not be asked for the MX records of {name}: {line(answer.failure)}.")
        return answer

    def _zones(self, region: str, name: str) -> list[dict[str, Any]]:
        # In the order of names, so that the wanted ones come first (API ListHostedZonesByName).
        zones = self.client("route53", region).list_hosted_zones_by_name(DNSName=name)["HostedZones"]
        return [zone for zone in zones if zone["Name"] == f"{name}." and not zone["Config"].get("PrivateZone")]

    def _identity(self, region: str, name: str) -> str | None:
        try:
            found = self.client("sesv2", region).get_email_identity(EmailIdentity=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != NOT_FOUND:
                raise
            return None
        return "verified" if found.get("VerifiedForSendingStatus") else "not verified"

    def _asked(self, ask: Callable[[], Found | None]) -> Found | None:
        if self._signed_out:
            return None
        try:
            return ask()
        except NO_CREDENTIALS as error:
            self._signed_out = True
            self._note(f"AWS was not asked, for there are no credentials ({error}).")
        except ClientError as error:
            code = error.response["Error"]["Code"]
            self._signed_out = code in REFUSED_CREDENTIALS
            self._note(f"AWS did not say all that it was asked: it refused {error.operation_name} ({code}).")
        except BotoCoreError as error:
            self._signed_out = True
            self._note(f"AWS was not asked: {error}.")
        return None

    def _note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)


def parents(domain: str) -> list[str]:
    """The domain and those above it, down to two labels."""
    labels = domain.split(".")
    return [".".join(labels[at:]) for at in range(len(labels) - 1)]
