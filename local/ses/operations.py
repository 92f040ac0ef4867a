"""What is emulated: each operation of SES's two APIs by its name. docs/local.md has the same list with differences."""

from collections.abc import Callable
from typing import Any

from local.ses import configuration_sets as sets
from local.ses import dkim, identities, receipt_rules, sending_account, suppression, tenants
from local.ses.account import Account
from local.ses.send import send_email
from local.ses.service import Ses
from local.ses.wire import Call

Operation = Callable[[Ses, Call], dict[str, Any]]


def _on_account(operation: Callable[[Account, Call], dict[str, Any]]) -> Operation:
    return lambda ses, call: operation(ses.account, call)


V2: dict[str, Operation] = {
    "SendEmail": send_email,
    "GetAccount": _on_account(sending_account.get_account),
    "PutAccountDetails": _on_account(sending_account.put_account_details),
    "PutAccountPricingAttributes": _on_account(sending_account.put_pricing_attributes),
    "PutAccountSendingAttributes": _on_account(sending_account.put_sending_attributes),
    "CreateEmailIdentity": _on_account(identities.create_email_identity),
    "GetEmailIdentity": _on_account(identities.get_email_identity),
    "ListEmailIdentities": _on_account(identities.list_email_identities),
    "DeleteEmailIdentity": _on_account(identities.delete_email_identity),
    "PutEmailIdentityConfigurationSetAttributes": _on_account(identities.put_configuration_set_attributes),
    "PutEmailIdentityDkimSigningAttributes": _on_account(dkim.put_signing_attributes),
    "PutEmailIdentityFeedbackAttributes": _on_account(identities.put_feedback_attributes),
    "PutEmailIdentityMailFromAttributes": _on_account(identities.put_mail_from_attributes),
    "CreateConfigurationSet": _on_account(sets.create_configuration_set),
    "GetConfigurationSet": _on_account(sets.get_configuration_set),
    "ListConfigurationSets": _on_account(sets.list_configuration_sets),
    "DeleteConfigurationSet": _on_account(sets.delete_configuration_set),
    "PutConfigurationSetSendingOptions": _on_account(sets.put_sending_options),
    "PutConfigurationSetSuppressionOptions": _on_account(sets.put_suppression_options),
    "CreateConfigurationSetEventDestination": sets.create_event_destination,
    "GetConfigurationSetEventDestinations": _on_account(sets.get_event_destinations),
    "GetDedicatedIpPool": _on_account(sending_account.get_dedicated_ip_pool),
    "GetTenant": _on_account(tenants.get_tenant),
    "ListTenantResources": _on_account(tenants.list_tenant_resources),
    "PutSuppressedDestination": _on_account(suppression.put_suppressed_destination),
    "GetSuppressedDestination": _on_account(suppression.get_suppressed_destination),
    "DeleteSuppressedDestination": _on_account(suppression.delete_suppressed_destination),
    "ListSuppressedDestinations": _on_account(suppression.list_suppressed_destinations),
}
V1: dict[str, Operation] = {
    "CreateReceiptRuleSet": receipt_rules.create_rule_set,
    "DeleteReceiptRuleSet": receipt_rules.delete_rule_set,
    "DescribeReceiptRuleSet": receipt_rules.describe_rule_set,
    "DescribeActiveReceiptRuleSet": receipt_rules.describe_active_rule_set,
    "SetActiveReceiptRuleSet": receipt_rules.set_active_rule_set,
    "ListReceiptRuleSets": receipt_rules.list_rule_sets,
    "CreateReceiptRule": receipt_rules.create_rule,
    "UpdateReceiptRule": receipt_rules.update_rule,
    "DescribeReceiptRule": receipt_rules.describe_rule,
    "DeleteReceiptRule": receipt_rules.delete_rule,
    "VerifyEmailIdentity": _on_account(identities.verify_email_identity),
    "GetSendQuota": _on_account(sending_account.get_send_quota),
}
