"""Whether mail comes in: the region, and the receipt rule set that is active in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.doctor.line import Line, error, ok, warning
from infra.settings_rules import RECEIVING_REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case

RULE_SET = "AWS::SES::ReceiptRuleSet"
RUNBOOK = "docs/runbooks/rule-set-lost.md"


def region(case: Case) -> Iterator[Line]:
    name, mailboxes = case.settings.region, len(case.settings.mailboxes)
    if not mailboxes:
        yield ok("region", f"{name}; the stage has no mailboxes, so nothing is received")
    elif name in RECEIVING_REGIONS:
        yield ok("region", f"SES receives mail in {name}")
    else:
        yield error("region", f"SES receives no mail in {name}", f"another `region` in cdk.json: {RECEIVING_REGIONS}")


def rule_set(case: Case) -> Iterator[Line]:
    if not case.settings.mailboxes:
        return
    said = case.there.client("ses").describe_active_receipt_rule_set()
    active = said.get("Metadata", {}).get("Name", "")
    if not case.deployed("Inbound"):
        yield before(active)
        return
    ours = case.resource("Inbound", RULE_SET)
    if active == ours:
        yield rules(case, said["Rules"])
    else:
        yield lost(case, active, ours)


def before(active: str) -> Line:
    if not active:
        return ok("rule-set", "no receipt rule set is active; a deployment activates Mailroom's")
    foreign = f"the receipt rule set {active} is active, and is not this stage's: a deployment would stop at it"
    return error("rule-set", foreign, f"{RUNBOOK}; SES has one active set per account and region")


def lost(case: Case, active: str, ours: str) -> Line:
    instead = f"the receipt rule set {active} is active" if active else "no receipt rule set is active"
    activate = case.aws(f"ses set-active-receipt-rule-set --rule-set-name {ours}")
    return error("rule-set", f"{instead} in place of Mailroom's: no mailbox receives", f"{activate}; first {RUNBOOK}")


def rules(case: Case, found: list[dict[str, Any]]) -> Line:
    """Of our own set that is active."""
    wanted = {*case.settings.received}
    enabled = [rule for rule in found if rule.get("Enabled")]
    lacking = sorted(wanted - {name.lower() for rule in enabled for name in rule.get("Recipients", ())})
    if lacking:
        return error("rule-set", f"no enabled rule receives for {', '.join(lacking)}", case.deploy)
    if not all(rule.get("ScanEnabled") for rule in enabled):
        return warning("rule-set", "a rule does not have mail scanned for spam and viruses", case.deploy)
    return ok("rule-set", f"Mailroom's is active, and receives for {', '.join(sorted(wanted))}")
