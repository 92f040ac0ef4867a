import pytest

from local.ses import errors
from local.ses import receipt_rules as rules
from tests.unit.local.ses.conftest import call

S3 = {"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "raw/", "TopicArn": "topic"}}


@pytest.fixture(autouse=True)
def rule_set(ses):
    rules.create_rule_set(ses, call(RuleSetName="set"))


def create(ses, name, after=None, **rule):
    named = {"RuleSetName": "set", "Rule": {"Name": name, **rule}}
    rules.create_rule(ses, call(**named, **({"After": after} if after else {})))


def names(ses):
    return [rule["Name"] for rule in rules.describe_rule_set(ses, call(RuleSetName="set"))["Rules"]]


def test_a_new_rule_is_first_unless_it_says_after_which(ses):
    create(ses, "a")
    create(ses, "b")
    create(ses, "c", after="b")
    assert names(ses) == ["b", "c", "a"]


def test_what_is_left_out_has_the_apis_defaults(ses):
    create(ses, "a")
    assert rules.describe_rule(ses, call(RuleSetName="set", RuleName="a"))["Rule"] == {
        "Name": "a",
        "Enabled": False,
        "TlsPolicy": "Optional",
        "ScanEnabled": False,
        "Recipients": [],
        "Actions": [],
    }


def test_an_update_replaces_the_rule_in_its_place(ses):
    for name in ("a", "b"):
        create(ses, name)
    rules.update_rule(ses, call(RuleSetName="set", Rule={"Name": "a", "Enabled": True}))
    assert names(ses) == ["b", "a"]
    assert rules.describe_rule(ses, call(RuleSetName="set", RuleName="a"))["Rule"]["Enabled"] is True


def test_deleting_is_no_error_where_there_is_nothing(ses):
    create(ses, "a")
    for _ in range(2):
        rules.delete_rule(ses, call(RuleSetName="set", RuleName="a"))
    for _ in range(2):
        rules.delete_rule_set(ses, call(RuleSetName="set"))
    assert rules.list_rule_sets(ses, call())["RuleSets"] == []


def test_one_set_is_active_until_another_is_or_none(ses):
    assert rules.describe_active_rule_set(ses, call()) == {}
    rules.set_active_rule_set(ses, call(RuleSetName="set"))
    assert rules.describe_active_rule_set(ses, call())["Metadata"]["Name"] == "set"
    with pytest.raises(errors.CannotDelete):
        rules.delete_rule_set(ses, call(RuleSetName="set"))
    rules.set_active_rule_set(ses, call())
    assert rules.describe_active_rule_set(ses, call()) == {}


def test_an_s3_action_writes_and_notifies_at_once(ses, aws):
    create(ses, "a", Actions=[S3])
    assert list(aws.objects) == [("mail", "raw/AMAZON_SES_SETUP_NOTIFICATION")]
    ((_, subject, message, source),) = aws.published
    assert subject == "Amazon SES Email Receipt Notification"
    assert '"messageId": "AMAZON_SES_SETUP_NOTIFICATION"' in message
    assert source == "arn:aws:ses:us-east-1:000000000000:receipt-rule-set/set:receipt-rule/a"


@pytest.mark.parametrize(
    ("closed", "error"), [("mail", errors.InvalidS3Configuration), ("topic", errors.InvalidSnsTopic)]
)
def test_a_rule_whose_bucket_or_topic_refuses_is_not_made(ses, aws, closed, error):
    aws.closed.add(closed)
    with pytest.raises(error):
        create(ses, "a", Actions=[S3])
    assert names(ses) == []
    assert aws.published == []


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda ses: rules.create_rule_set(ses, call(RuleSetName="set")), errors.NameTaken),
        (lambda ses: rules.describe_rule_set(ses, call(RuleSetName="x")), errors.RuleSetDoesNotExist),
        (lambda ses: rules.set_active_rule_set(ses, call(RuleSetName="x")), errors.RuleSetDoesNotExist),
        (lambda ses: rules.describe_rule(ses, call(RuleSetName="set", RuleName="x")), errors.RuleDoesNotExist),
        (lambda ses: rules.update_rule(ses, call(RuleSetName="set", Rule={"Name": "x"})), errors.RuleDoesNotExist),
        (lambda ses: create(ses, "a", after="x"), errors.RuleDoesNotExist),
        (lambda ses: [create(ses, "a"), create(ses, "a")], errors.NameTaken),
        (lambda ses: create(ses, "a", Actions=[{"StopAction": {"Scope": "RuleSet"}}] * 11), errors.LimitExceeded),
        (lambda ses: create(ses, "a", Recipients=["a@acme.test"] * 501), errors.LimitExceeded),
        (lambda ses: create(ses, "a", Actions=[{"LambdaAction": {"FunctionArn": "f"}}]), errors.NotEmulated),
        (lambda ses: create(ses, "a", Actions=[{}]), errors.InvalidParameterValue),
        (lambda ses: [rules.create_rule_set(ses, call(RuleSetName=str(n))) for n in range(40)], errors.LimitExceeded),
    ],
)
def test_what_ses_refuses(ses, make, error):
    with pytest.raises(error):
        make(ses)
