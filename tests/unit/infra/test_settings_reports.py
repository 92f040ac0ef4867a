import json

import pytest

from infra.records import wanted
from infra.settings import InvalidStage, Settings
from infra.settings_reports import environment

MAILBOXES = [{"name": "Support", "address": "support@help.acme.com"}]
STAGE = {"region": "eu-west-1", "domain": "acme.com", "sender": "hello@acme.com", "mailboxes": MAILBOXES}


def read(**given):
    return Settings.read("test", STAGE | given)


def faults(**given):
    with pytest.raises(InvalidStage) as refused:
        read(**given)
    return str(refused.value).replace("cdk.json, stage test: ", "").splitlines()


def test_reports_go_to_an_address_that_mail_is_received_for():
    settings = read(reports="Reports@in.acme.com")
    assert settings.reports == "reports@in.acme.com"
    assert settings.receiving_domains == ("help.acme.com", "in.acme.com")
    assert json.loads(environment(settings)) == {"address": "reports@in.acme.com", "domains": ["acme.com"]}
    assert json.loads(environment(read())) == {"address": "", "domains": ["acme.com"]}


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"reports": "reports"}, "reports: must be an address such as 'support@acme.com'; it is 'reports'"),
        (
            {"reports": "reports+dmarc@acme.com"},
            "reports: must be without a +label: the address receives all its labels",
        ),
        (
            {"reports": "reports@example.com"},
            "reports: reports@example.com is not of acme.com; use an address of a domain here or below it",
        ),
        (
            {"reports": "support@help.acme.com"},
            "reports: support@help.acme.com is a mailbox, whose mail becomes tickets; use another address",
        ),
        (
            {"reports": "reports@in.acme.com", "mailboxes": []},
            "reports: needs `mailboxes`: whoever receives mail for in.acme.com reads postmaster@in.acme.com too (RFC "
            '5321 section 4.5.1); add {"name": "Postmaster", "address": "postmaster@in.acme.com"}',
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_write(given, fault):
    assert faults(**given) == [fault]


def test_a_trial_with_one_address_gets_no_reports():
    given = {"region": "eu-west-1", "address": "me@acme.com", "sender": "me@acme.com", "reports": "reports@acme.com"}
    with pytest.raises(InvalidStage) as refused:
        Settings.read("test", given)
    assert str(refused.value) == (
        "cdk.json, stage test: reports: needs `domain` in place of `address`; remove it for a trial with one address"
    )


def names(settings, purpose):
    return [(record.domain, record.name, record.value) for record in wanted(settings, {}) if record.purpose == purpose]


def test_records_ask_for_reports_where_they_are_wanted():
    settings = read(reports="reports@help.acme.com", dmarc="quarantine")
    assert names(settings, "dmarc") == [
        ("acme.com", "_dmarc.acme.com", '"v=DMARC1; p=quarantine; rua=mailto:reports@help.acme.com"')
    ]
    assert names(settings, "tls_rpt") == [
        ("acme.com", "_smtp._tls.help.acme.com", '"v=TLSRPTv1; rua=mailto:reports@help.acme.com"')
    ]
    assert names(read(), "dmarc") == [("acme.com", "_dmarc.acme.com", '"v=DMARC1; p=none"')]
    assert names(read(), "tls_rpt") == []


def test_a_domain_of_another_organisation_is_told_of_by_a_record_where_its_reports_go():
    further = {"news.acme.com": {}, "shop.example": {}, "shop.test": {}}
    settings = read(reports="reports@help.acme.com", domains=further)
    assert names(settings, "report_authorization") == [
        ("acme.com", "shop.example._report._dmarc.help.acme.com", '"v=DMARC1"'),
        ("acme.com", "shop.test._report._dmarc.help.acme.com", '"v=DMARC1"'),
    ]
    assert names(read(domains=further), "report_authorization") == []
    ids = [record.id for record in wanted(settings, {})]
    assert len(ids) == len(set(ids))
