"""The operations on the account itself and its quotas."""

import secrets
from typing import TYPE_CHECKING, Any

from local.ses.account import Account
from local.ses.errors import Conflict, NotFound
from local.ses.review import Details

if TYPE_CHECKING:
    from local.ses.wire import Call


def get_account(account: Account, _call: "Call") -> dict[str, Any]:
    described: dict[str, Any] = {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": account.enforcement,
        "ProductionAccessEnabled": not account.sandbox,
        "SendingEnabled": account.sending_enabled,
        "SendQuota": get_send_quota(account, _call),
        "SuppressionAttributes": {"SuppressedReasons": sorted(account.suppressed_reasons)},
        "PricingAttributes": {"CurrentPlan": account.plan},
        "VdmAttributes": account.vdm,
    }
    return described | ({"Details": account.details.describe()} if account.details else {})


def get_dedicated_ip_pool(account: Account, call: "Call") -> dict[str, Any]:
    name = call.parameters["PoolName"]
    if name not in account.pools:
        raise NotFound(f"Pool {name} does not exist.")
    return {"DedicatedIpPool": {"PoolName": name, "ScalingMode": account.pools[name]}}


def put_account_details(account: Account, call: "Call") -> dict[str, Any]:
    """On AWS a person decides; here the answer is yes at once, unless the knob `review` says otherwise."""
    if account.details and account.details.status == "PENDING":
        raise Conflict("There is already an ongoing account details update under review.")
    account.details = Details(given=call.parameters, status="GRANTED", case=f"{secrets.randbelow(10**15):015}")
    if call.parameters.get("ProductionAccessEnabled") is False:
        account.move(sandbox=True)
    elif "ProductionAccessEnabled" in call.parameters:
        account.reviewed(account.review)
    return {}


def put_pricing_attributes(account: Account, call: "Call") -> dict[str, Any]:
    """At once, where AWS lets some changes wait for the next month."""
    account.plan = call.parameters["Plan"]
    return {}


def put_sending_attributes(account: Account, call: "Call") -> dict[str, Any]:
    account.sending_enabled = call.parameters.get("SendingEnabled", False)
    return {}


def get_send_quota(account: Account, _call: "Call") -> dict[str, Any]:
    now = account.clock()
    return {
        "Max24HourSend": float(account.quota.max_24_hours),
        "MaxSendRate": float(account.quota.max_rate),
        "SentLast24Hours": float(account.quota.sent_last_24_hours(now)),
    }
