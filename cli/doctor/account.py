"""What SES says of the account in its region: GetAccount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.doctor.line import ERROR, WARNING, Line, error, ok, warning
from cli.doctor.price import MONTH, PLANS, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.doctor.case import Case

USED = 80  # percent of the daily quota
NO_LIMIT = -1
PRICES = "https://aws.amazon.com/ses/pricing/"


def account(case: Case) -> Iterator[Line]:
    said = case.there.client("sesv2").get_account()
    for check in (sandbox, sending, enforcement, quota, rate, price_plan, vdm, suppression_list):
        yield check(case, said)


def sandbox(case: Case, said: dict[str, Any]) -> Line:
    check = "sandbox"
    if said.get("ProductionAccessEnabled"):
        return ok(check, "production: SES sends to anybody")
    review = said.get("Details", {}).get("ReviewDetails", {})
    state, of = review.get("Status"), f" (support case {review['CaseId']})" if review.get("CaseId") else ""
    only = "SES sends to verified addresses alone, 200 mails a day"
    follow = case.command("sandbox request --status")
    if state == "PENDING":
        return warning(check, f"sandbox: {only}; AWS reviews the request{of}", f"wait for AWS's answer; {follow}")
    if state in ("DENIED", "FAILED"):
        outcome = "AWS has denied the request" if state == "DENIED" else "AWS could not review the request"
        return error(check, f"sandbox: {only}; {outcome}{of}", f"answer in the support case, or ask again; {follow}")
    return warning(check, f"sandbox: {only}", f"{case.command('sandbox request')} asks AWS for production access")


def sending(case: Case, said: dict[str, Any]) -> Line:
    if said.get("SendingEnabled"):
        return ok("sending", "SES's switch for the account is on")
    on = case.aws("sesv2 put-account-sending-attributes --sending-enabled")
    return error("sending", "SES's switch for the account is off: nothing is sent", on)


def enforcement(case: Case, said: dict[str, Any]) -> Line:
    check, status = "enforcement", said.get("EnforcementStatus", "unknown")
    if status == "HEALTHY":
        return ok(check, "HEALTHY: AWS has nothing against the account")
    if status == "PROBATION":
        reviewed = "PROBATION: AWS has the account under review, for bounces, complaints or a fault of it"
        return warning(check, reviewed, "docs/runbooks/sending-restricted.md; the support case says what for")
    stopped = f"{status}: AWS lets the account send nothing"
    return error(check, stopped, f"answer in the support case; {case.console('reputation')}")


def quota(case: Case, said: dict[str, Any]) -> Line:
    check, found = "quota", said.get("SendQuota", {})
    most, sent, expected = found.get("Max24HourSend", 0), found.get("SentLast24Hours", 0), case.settings.sending.a_day
    if most == NO_LIMIT:
        return ok(check, f"no limit in 24 hours; {sent:,.0f} sent")
    told = f"{most:,.0f} mails in 24 hours, of which {sent:,.0f} are sent"
    more = more_of_it(case, said)
    if expected and expected > most:
        level = ERROR if said.get("ProductionAccessEnabled") else WARNING
        late = f"{told}; {expected:,} a day are expected (sending.a_day), and what is over waits"
        return Line(check=check, level=level, said=late, mend=more)
    if sent >= most * USED / 100:
        return warning(check, f"{told}: after the rest, mails wait", more)
    return ok(check, told)


def rate(case: Case, said: dict[str, Any]) -> Line:
    check, ours = "rate", case.settings.sending.per_second
    most = said.get("SendQuota", {}).get("MaxSendRate", 0)
    if most == NO_LIMIT or ours <= most:
        limit = "no limit" if most == NO_LIMIT else f"{most:g}"
        return ok(check, f"{limit} mails a second; the stage sends {ours:g} at most (sending.per_second)")
    over = f"SES takes {most:g} mails a second, and the stage sends up to {ours:g}: what is over is tried again"
    lower = f'`"sending": {{"per_second": {max(1, int(most))}}}` in cdk.json, then {case.deploy}'
    return warning(check, over, lower if said.get("ProductionAccessEnabled") else more_of_it(case, said))


def more_of_it(case: Case, said: dict[str, Any]) -> str:
    if said.get("ProductionAccessEnabled"):
        return f"ask for more: {case.console('account')}, or Service Quotas"
    return f"production access brings more: {case.command('sandbox request')}"


def price_plan(case: Case, said: dict[str, Any]) -> Line:
    check, attributes = "price-plan", said.get("PricingAttributes", {})
    current = PLANS.get(attributes.get("CurrentPlan", ""))
    if not current:
        return warning(check, "SES does not say which price plan the account has", case.console("account"))
    none, expected = PLANS["NONE"], case.settings.sending.a_day
    following = attributes.get("NextPlan", "")
    coming = f"; {PLANS[following].name} from next month on" if following in PLANS else ""
    if current == none:
        return ok(check, f"{priced(none, expected)}; {priced(PLANS['ESSENTIALS'], expected)}{coming}")
    if following == "NONE":
        return ok(check, f"{priced(current, expected)}; {priced(none, expected)}{coming}")
    volume = "" if expected else " (`sending.a_day` in cdk.json lets this line reckon)"
    change = case.aws("sesv2 put-account-pricing-attributes --plan NONE")
    return warning(
        check,
        f"{priced(current, expected)}; {priced(none, expected)}{coming}{volume}",
        f"{change}, if you need nothing of what {current.name} adds: {PRICES}",
    )


def priced(plan: Plan, a_day: int | None) -> str:
    monthly = f"${plan.a_month:g} a month and " if plan.a_month else ""
    rate = f"{plan.name}: {monthly}${plan.a_thousand:.2f} a thousand mails"
    return f"{rate}, ${plan.costs(a_day * MONTH):,.2f} for {a_day * MONTH:,} a month" if a_day else rate


def vdm(case: Case, said: dict[str, Any]) -> Line:
    """Virtual Deliverability Manager, which is paid by the mail unless a plan has it."""
    on, wanted = said.get("VdmAttributes", {}).get("VdmEnabled") == "ENABLED", case.settings.vdm
    state = f"Virtual Deliverability Manager is {'on' if on else 'off'}"
    if on == wanted:
        return ok("vdm", state)
    if wanted:
        return warning("vdm", f"{state}, and the setting `vdm` is true", case.deploy)
    off = case.aws("sesv2 put-account-vdm-attributes --vdm-attributes VdmEnabled=DISABLED")
    return warning("vdm", f"{state}, for $0.07 a thousand mails without a plan, and the setting `vdm` is not", off)


def suppression_list(case: Case, said: dict[str, Any]) -> Line:
    """Our configuration sets name reasons of their own; mail that goes out past them goes by the account's."""
    check, reasons = "suppression-list", said.get("SuppressionAttributes", {}).get("SuppressedReasons", [])
    lacking = sorted({"BOUNCE", "COMPLAINT"} - {*reasons})
    if not lacking:
        return ok(check, "the account's list takes bounces and complaints")
    past = f"the account's list takes no {' and no '.join(lacking)}; mail of others here goes on to such addresses"
    both = "sesv2 put-account-suppression-attributes --suppressed-reasons BOUNCE COMPLAINT"
    return warning(check, past, case.aws(both))
