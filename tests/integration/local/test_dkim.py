"""A domain's own key, from the secret that a deployment leaves empty to the SES that signs with it."""

import json
from datetime import UTC, datetime

from cli.dkim.keys import Keys, Signing


def test_a_key_of_our_own_signs_and_another_takes_its_place(mail):
    resource = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Description": "empty"}}
    outputs = {"Secret": {"Value": {"Ref": "Key"}}}
    secret = mail.deploy("own-key", json.dumps({"Resources": {"Key": resource}, "Outputs": outputs}))["Secret"]
    mail.sesv2.create_email_identity(EmailIdentity="own-key.test")
    keys = Keys(
        secrets=mail.secretsmanager,
        ses=mail.sesv2,
        domain="own-key.test",
        secret=secret,
        now=lambda: datetime(2026, 11, 21, tzinfo=UTC),
    )
    assert (keys.held(), keys.signing()) == ([], Signing(selector=None, status="SUCCESS"))
    first, made = keys.begin()
    assert (made, keys.begin(), keys.signing().selector) == (True, (first, False), None)
    assert keys.finish() is None
    assert keys.signing() == Signing(selector="mailroom20261121", status="SUCCESS")
    second, _ = keys.begin()
    assert keys.signing().selector == first.selector
    assert keys.finish().selector == first.selector
    assert keys.signing().selector == second.selector == "mailroom20261121-1"
    assert [(key.selector, bool(key.private)) for key in keys.held()] == [
        (second.selector, True),
        (first.selector, False),
    ]
