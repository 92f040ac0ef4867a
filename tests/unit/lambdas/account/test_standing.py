import json
from datetime import UTC, datetime

import pytest

from lambdas.account.standing import Standing
from lambdas.shared.metrics import embedded

ACCOUNT = {
    "EnforcementStatus": "HEALTHY",
    "SendingEnabled": True,
    "SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 41_000.0},
}
IDENTITY = {
    "VerificationStatus": "SUCCESS",
    "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS"},
    "MailFromAttributes": {
        "MailFromDomain": "bounce.acme.test",
        "MailFromDomainStatus": "SUCCESS",
        "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
    },
}
ADDRESS = {"VerificationStatus": "SUCCESS", "DkimAttributes": {"SigningEnabled": False, "Status": "NOT_STARTED"}}


def standing(account=ACCOUNT, identity=IDENTITY, *, name="acme.test", active="ours"):
    return Standing.read(account, {name: identity}, active=active, ours="ours")


def test_of_a_healthy_account_only_the_quota_is_told():
    assert standing().figures == {"QuotaUsed": (82.0, "Percent")}


@pytest.mark.parametrize(
    ("found", "figure"),
    [
        (standing(ACCOUNT | {"EnforcementStatus": "PROBATION"}), "SendingRestricted"),
        (standing(ACCOUNT | {"EnforcementStatus": "SHUTDOWN"}), "SendingRestricted"),
        (standing(ACCOUNT | {"SendingEnabled": False}), "SendingRestricted"),
        (standing(active="somebody-elses"), "RuleSetLost"),
        (standing(active=""), "RuleSetLost"),
        (standing(identity=IDENTITY | {"DkimAttributes": {"SigningEnabled": True, "Status": "FAILED"}}), "DkimLost"),
        (standing(identity=IDENTITY | {"DkimAttributes": {"SigningEnabled": False, "Status": "SUCCESS"}}), "DkimLost"),
        (standing(identity=IDENTITY | {"MailFromAttributes": {"MailFromDomain": ""}}), "MailFromLost"),
        (
            standing(
                identity=IDENTITY
                | {
                    "MailFromAttributes": {
                        "MailFromDomain": "bounce.acme.test",
                        "MailFromDomainStatus": "TEMPORARY_FAILURE",
                    }
                }
            ),
            "MailFromLost",
        ),
        (standing(identity={"VerificationStatus": "FAILED"}, name="you@acme.test"), "DkimLost"),
    ],
)
def test_what_is_wrong_is_a_figure_of_its_own(found, figure):
    assert found.figures == {"QuotaUsed": (82.0, "Percent"), figure: (1, "Count")}


def test_an_identity_that_is_gone_has_lost_both():
    assert sorted(standing(identity=None).figures) == ["DkimLost", "MailFromLost", "QuotaUsed"]


def test_of_several_domains_one_that_has_lost_its_records_is_enough():
    lost = IDENTITY | {"DkimAttributes": {"SigningEnabled": True, "Status": "TEMPORARY_FAILURE"}}
    found = Standing.read(ACCOUNT, {"acme.test": IDENTITY, "news.acme.test": lost}, active="", ours="")
    assert sorted(found.figures) == ["DkimLost", "QuotaUsed"]
    assert (found.facts["dkim"], found.facts["mail_from"]) == (
        "acme.test SUCCESS, news.acme.test TEMPORARY_FAILURE",
        "acme.test SUCCESS, news.acme.test SUCCESS",
    )


def test_records_that_are_not_found_yet_are_not_lost():
    pending = {"MailFromDomain": "bounce.acme.test", "MailFromDomainStatus": "PENDING"}
    new = {"DkimAttributes": {"SigningEnabled": True, "Status": "PENDING"}, "MailFromAttributes": pending}
    assert sorted(standing(identity=new).figures) == ["QuotaUsed"]


def test_an_address_has_neither_dkim_nor_mail_from_of_its_own():
    assert sorted(standing(identity=ADDRESS, name="you@acme.test").figures) == ["QuotaUsed"]


def test_without_a_limit_none_of_it_is_used():
    account = ACCOUNT | {"SendQuota": {"Max24HourSend": -1.0, "MaxSendRate": 14.0, "SentLast24Hours": 9e6}}
    assert standing(account).figures == {"QuotaUsed": (0, "Percent")}


def test_figures_are_a_line_in_the_embedded_metric_format():
    at = datetime(2026, 11, 21, 10, 0, 0, tzinfo=UTC)
    line = embedded(
        {"QuotaUsed": (82.0, "Percent"), "DkimLost": (1, "Count")}, {"Stage": "local"}, at, {"dkim": "GONE"}
    )
    assert json.loads(line) == {
        "_aws": {
            "Timestamp": 1795255200000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "Mailroom",
                    "Dimensions": [["Stage"]],
                    "Metrics": [{"Name": "QuotaUsed", "Unit": "Percent"}, {"Name": "DkimLost", "Unit": "Count"}],
                }
            ],
        },
        "dkim": "GONE",
        "Stage": "local",
        "QuotaUsed": 82.0,
        "DkimLost": 1,
    }
