"""Which mail a Cognito user pool asks for. Pure.

Source: Cognito Developer Guide, "Custom email sender Lambda trigger": the trigger's sources, and how long the codes
of each are good.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

HOUR, DAY = 60, 24 * 60
# How long the code that each source sends is good, in minutes.
CODES = {
    "CustomEmailSender_SignUp": DAY,
    "CustomEmailSender_ResendCode": DAY,
    "CustomEmailSender_VerifyUserAttribute": DAY,
    "CustomEmailSender_UpdateUserAttribute": DAY,
    "CustomEmailSender_ForgotPassword": HOUR,
    "CustomEmailSender_Authentication": 3,
}
INVITATION = "CustomEmailSender_AdminCreateUser"
TAKEOVER = "CustomEmailSender_AccountTakeOverNotification"


def event_for(trigger: dict[str, Any], decrypt: Callable[[bytes], str]) -> dict[str, Any]:
    """The SendMail event of a trigger's call. The same call again gives the same one."""
    source, asked = trigger["triggerSource"], trigger["request"]
    ciphertext = asked.get("code") or ""
    called = "|".join((trigger["userPoolId"], trigger["userName"], source, ciphertext))
    key = f"cognito|{hashlib.sha256(called.encode()).hexdigest()}"
    user = asked["userAttributes"]
    secret = decrypt(base64.b64decode(ciphertext)) if ciphertext else ""
    template, data = wording(source, trigger["userName"], secret)
    detail = {"to": user["email"], "template": template, "data": data, "idempotency_key": key}
    if "locale" in user:
        detail["locale"] = user["locale"]
    return {"id": key, "detail": detail}


def wording(source: str, user_name: str, secret: str) -> tuple[str, dict[str, Any]]:
    """The template and its data."""
    if source == INVITATION:
        text = f"Your user name is {user_name} and your temporary password is {secret}"
        return "notice", {"title": "An account was made for you", "text": text}
    if source == TAKEOVER:
        text = "Somebody may be trying to use your account. If it was not you, change your password."
        return "notice", {"title": "An unusual sign-in", "text": text}
    return "one-time-code", {"code": secret, "minutes": CODES.get(source, HOUR)}
