import pytest

from local.ses.matching import matches, receives_for, rules_for


@pytest.mark.parametrize(
    ("condition", "recipient", "met"),
    [
        ("support@acme.test", "support@acme.test", True),
        ("support@acme.test", "Support@ACME.test", True),
        ("support@acme.test", "support+label@acme.test", True),
        ("support@acme.test", "supports@acme.test", False),
        ("support+a@acme.test", "support+a@acme.test", True),
        ("support+a@acme.test", "support+b@acme.test", False),
        ("support+a@acme.test", "support@acme.test", False),
        ("acme.test", "anyone@acme.test", True),
        ("acme.test", "anyone@sub.acme.test", False),
        ("sub.acme.test", "anyone@sub.acme.test", True),
        (".acme.test", "anyone@sub.acme.test", True),
        (".acme.test", "anyone@a.b.acme.test", True),
        (".acme.test", "anyone@acme.test", False),
        (".acme.test", "anyone@notacme.test", False),
    ],
)
def test_a_condition(condition, recipient, met):
    assert matches([condition], recipient) is met


def test_a_rule_without_recipients_takes_every_address():
    assert matches([], "anyone@anywhere.test")


def active(ses, *rules):
    ses.account.rule_sets["set"] = list(rules)
    ses.account.active_rule_set = "set"
    return ses.account


def test_only_enabled_rules_of_the_active_set_and_verified_domains_receive(ses):
    rule = {"Name": "all", "Enabled": True, "Recipients": []}
    account = active(ses, {"Name": "off", "Enabled": False, "Recipients": []}, rule)
    assert rules_for(account, "a@acme.test") == [rule]
    assert rules_for(account, "a@sub.acme.test") == [rule]
    assert rules_for(account, "a@other.test") == []
    account.active_rule_set = None
    assert rules_for(account, "a@acme.test") == []


def test_a_domain_is_received_where_some_address_of_it_is(ses):
    account = active(ses, {"Name": "one", "Enabled": True, "Recipients": ["support@acme.test"]})
    assert receives_for(account, "nobody@acme.test")
    assert not receives_for(account, "mia@example.org")
    assert not receives_for(account, "support@sub.acme.test")
