"""The operations on the account itself and its quotas."""

from typing import TYPE_CHECKING, Any

from local.ses.account import Account

if TYPE_CHECKING:
    from local.ses.wire import Call


def get_account(account: Account, _call: "Call") -> dict[str, Any]:
    return {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": account.enforcement,
        "ProductionAccessEnabled": not account.sandbox,
        "SendingEnabled": account.sending_enabled,
        "SendQuota": get_send_quota(account, _call),
        "SuppressionAttributes": {"SuppressedReasons": sorted(account.suppressed_reasons)},
    }


def put_account_details(account: Account, call: "Call") -> dict[str, Any]:
    """On AWS a person decides; here the answer is yes at once."""
    if "ProductionAccessEnabled" in call.parameters:
        account.move(sandbox=not call.parameters["ProductionAccessEnabled"])
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
