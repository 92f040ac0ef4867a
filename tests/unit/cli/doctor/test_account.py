import pytest

from cli.doctor.account import account, enforcement, price_plan, quota, rate, sandbox, sending, suppression_list, vdm
from cli.doctor.price import PLANS
from infra.settings_standby import in_standby
from tests.unit.cli.doctor.conftest import recorded

NEW, REVIEWED = recorded("account-new", "GetAccount"), recorded("account-reviewed", "GetAccount")
PRODUCTION = recorded("account-production", "GetAccount")


def told(line):
    return line.check, line.level


def test_an_account_in_production_is_well(case):
    lines = list(account(case(sesv2={"get_account": PRODUCTION})))
    assert [told(line) for line in lines] == [
        ("sandbox", "ok"),
        ("sending", "ok"),
        ("enforcement", "ok"),
        ("quota", "ok"),
        ("rate", "ok"),
        ("price-plan", "ok"),
        ("vdm", "ok"),
        ("suppression-list", "ok"),
    ]
    assert lines[3].said == "50,000 mails in 24 hours, of which 12,034 are sent"


def test_a_new_account_is_told_how_to_leave_the_sandbox(case):
    line = sandbox(case(), NEW)
    assert told(line) == ("sandbox", "warning")
    assert line.mend == "`mailroom --stage shop sandbox request` asks AWS for production access"


@pytest.mark.parametrize(
    ("status", "level", "said"),
    [("PENDING", "warning", "AWS reviews"), ("DENIED", "error", "has denied"), ("FAILED", "error", "could not review")],
)
def test_a_request_under_review_says_how_that_stands(case, status, level, said):
    details = REVIEWED["Details"] | {"ReviewDetails": {"Status": status, "CaseId": "170000000001234"}}
    line = sandbox(case(), REVIEWED | {"Details": details})
    assert told(line) == ("sandbox", level)
    assert said in line.said
    assert "(support case 170000000001234)" in line.said


def test_an_account_that_sends_nothing_is_an_error(case):
    assert sending(case(), PRODUCTION | {"SendingEnabled": False}).mend == (
        "`aws sesv2 put-account-sending-attributes --sending-enabled --region eu-west-1`"
    )
    assert enforcement(case(), PRODUCTION | {"EnforcementStatus": "PROBATION"}).level == "warning"
    assert enforcement(case(), PRODUCTION | {"EnforcementStatus": "SHUTDOWN"}).level == "error"


@pytest.mark.parametrize(
    ("found", "a_day", "level"),
    [
        ({"Max24HourSend": 50_000.0, "SentLast24Hours": 39_999.0}, None, "ok"),
        ({"Max24HourSend": 50_000.0, "SentLast24Hours": 40_000.0}, None, "warning"),
        ({"Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}, 50_000, "ok"),
        ({"Max24HourSend": 50_000.0, "SentLast24Hours": 0.0}, 50_001, "error"),
        ({"Max24HourSend": -1.0, "SentLast24Hours": 90_000.0}, 1_000_000, "ok"),
    ],
)
def test_the_quota_is_held_against_the_volume(case, found, a_day, level):
    stage = {"sending": {"a_day": a_day}} if a_day else {}
    assert quota(case(stage=stage), PRODUCTION | {"SendQuota": found}).level == level


def test_in_the_sandbox_a_small_quota_is_what_it_is(case):
    line = quota(case(stage={"sending": {"a_day": 5000}}), NEW)
    assert told(line) == ("quota", "warning")
    assert "5,000 a day are expected" in line.said


def test_a_stage_that_sends_faster_than_ses_takes_is_told_the_setting(case):
    line = rate(case(stage={"sending": {"per_second": 50}}), PRODUCTION)
    assert told(line) == ("rate", "warning")
    assert line.mend == '`"sending": {"per_second": 14}` in cdk.json, then `make deploy STAGE=shop`'
    assert rate(case(stage={"sending": {"per_second": 14}}), PRODUCTION).level == "ok"


def test_essentials_is_priced_against_no_plan_for_the_volume(case):
    line = price_plan(case(stage={"sending": {"a_day": 50_000}}), NEW)
    assert told(line) == ("price-plan", "warning")
    assert line.said == (
        "Essentials: $0.16 a thousand mails, $240.00 for 1,500,000 a month; "
        "no plan: $0.10 a thousand mails, $150.00 for 1,500,000 a month"
    )
    assert "put-account-pricing-attributes --plan NONE --region eu-west-1" in line.mend


def test_without_a_volume_the_rates_are_told_and_the_setting(case):
    assert price_plan(case(), NEW).said == (
        "Essentials: $0.16 a thousand mails; no plan: $0.10 a thousand mails "
        "(`sending.a_day` in cdk.json lets this line reckon)"
    )
    unknown = {name: value for name, value in NEW.items() if name != "PricingAttributes"}
    assert price_plan(case(), unknown).said == "SES does not say which price plan the account has"


def test_a_plan_that_is_left_already_asks_for_nothing_more(case):
    line = price_plan(case(), REVIEWED)
    assert (told(line), line.mend) == (("price-plan", "ok"), "")
    assert line.said.endswith("no plan: $0.10 a thousand mails; no plan from next month on")


@pytest.mark.parametrize(
    ("plan", "mails", "dollars"),
    [
        ("NONE", 1_000_000, 100),
        ("ESSENTIALS", 10_000_000, 1600),
        ("ESSENTIALS", 110_000_000, 15_300),
        ("PRO", 1_000_000, 325),
        ("ENTERPRISE", 0, 500),
    ],
)
def test_plans_cost_what_their_tiers_say(plan, mails, dollars):
    assert PLANS[plan].costs(mails) == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("state", "setting", "level"),
    [("DISABLED", None, "ok"), ("ENABLED", True, "ok"), ("DISABLED", True, "warning"), ("ENABLED", None, "warning")],
)
def test_vdm_is_held_against_its_setting(case, state, setting, level):
    line = vdm(case(stage={"vdm": setting}), PRODUCTION | {"VdmAttributes": {"VdmEnabled": state}})
    assert (line.check, line.level) == ("vdm", level)


def test_a_list_that_lacks_a_reason_is_told(case):
    line = suppression_list(case(), PRODUCTION | {"SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]}})
    assert told(line) == ("suppression-list", "warning")
    assert "takes no COMPLAINT;" in line.said


def test_in_the_standby_region_what_mends_it_is_said_for_that_region(case):
    twin = case(stage={"standby": {"region": "eu-central-1"}})
    twin.settings = in_standby(twin.settings, twin.settings.standby)
    mend = sandbox(twin, {"ProductionAccessEnabled": False}).mend
    assert mend.startswith("`mailroom --stage shop --standby sandbox request` asks AWS")
