import pytest

from local.ses.account import Firehose
from local.ses.cloudformation import REPLACING, handlers


@pytest.fixture
def types(ses):
    return handlers(lambda: ses)


def test_an_identity_gives_its_dkim_records_and_keeps_them(ses, types):
    identity = types["AWS::SES::EmailIdentity"]
    mail_from = {"MailFromDomain": "bounce.other.test", "BehaviorOnMxFailure": "REJECT_MESSAGE"}
    name, attributes = identity["create"](
        "Identity", {"EmailIdentity": "Other.test", "MailFromAttributes": mail_from}, "S"
    )
    assert name == "other.test"
    assert sorted(attributes) == [f"DkimDNSToken{kind}{number}" for kind in ("Name", "Value") for number in (1, 2, 3)]
    token = attributes["DkimDNSTokenName1"].removesuffix("._domainkey.other.test")
    assert attributes["DkimDNSTokenValue1"] == f"{token}.dkim.amazonses.com"
    assert (len(token), ses.account.identities[name].mail_from) == (32, "bounce.other.test")
    again = identity["update"](
        name, {}, {"EmailIdentity": "other.test", "FeedbackAttributes": {"EmailForwardingEnabled": "false"}}, "S"
    )
    assert again == (name, attributes)
    assert (ses.account.identities[name].feedback_forwarding, ses.account.identities[name].mail_from) == (False, "")
    identity["delete"](name, {})
    assert name not in ses.account.identities


def test_an_identity_that_is_there_is_not_taken_over(types):
    with pytest.raises(ValueError, match=r"Email identity acme\.test already exists"):
        types["AWS::SES::EmailIdentity"]["create"]("Identity", {"EmailIdentity": "acme.test"}, "S")


def test_a_set_without_a_name_is_named_anew_each_time(ses, types):
    made = types["AWS::SES::ConfigurationSet"]
    first, _ = made["create"](
        "Transactional", {"SendingOptions": {"SendingEnabled": "false"}}, "Mailroom-local-Identity"
    )
    second, _ = made["create"]("Transactional", {}, "Mailroom-local-Identity")
    assert first != second
    assert ses.account.configuration_sets[first].sending_enabled is False
    tracking = {"CustomRedirectDomain": "click.acme.test", "HttpsPolicy": "REQUIRE"}
    assert made["update"](first, {}, {"TrackingOptions": tracking}, "S") == (first, {})
    assert ses.account.configuration_sets[first].options == {"TrackingOptions": tracking}
    assert ses.account.configuration_sets[first].sending_enabled is True
    made["delete"](first, {})
    assert first not in ses.account.configuration_sets


def test_an_event_destination_of_either_spelling(ses, aws, types):
    made = types["AWS::SES::ConfigurationSetEventDestination"]
    given = {
        "Enabled": True,
        "MatchingEventTypes": ["renderingFailure", "bounce", "DELIVERY_DELAY"],
        "SnsDestination": {"TopicARN": "topic"},
    }
    physical, attributes = made["create"]("All", {"ConfigurationSetName": "main", "EventDestination": given}, "S")
    name = attributes["Id"]
    destination = ses.account.configuration_sets["main"].destinations[name]
    assert destination.event_types == {"RENDERING_FAILURE", "BOUNCE", "DELIVERY_DELAY"}
    assert aws.published[-1][2] == "Successfully validated SNS topic for Amazon SES event publishing."
    fewer = {"ConfigurationSetName": "main", "EventDestination": given | {"MatchingEventTypes": ["send"]}}
    assert made["update"](physical, {}, fewer, "S")[0] == physical
    assert ses.account.configuration_sets["main"].destinations[name].event_types == {"SEND"}
    made["delete"](physical, {})
    assert list(ses.account.configuration_sets["main"].destinations) == ["all"]


def test_a_destination_needs_a_topic_that_takes_its_events(aws, types):
    aws.closed.add("topic")
    given = {"MatchingEventTypes": ["send"], "SnsDestination": {"TopicARN": "topic"}}
    made = types["AWS::SES::ConfigurationSetEventDestination"]
    with pytest.raises(ValueError, match="Could not publish to SNS topic <topic>"):
        made["create"]("All", {"ConfigurationSetName": "main", "EventDestination": given}, "S")


def test_a_destination_that_is_a_stream_is_tried_with_its_role(ses, aws, types):
    stream = {"DeliveryStreamARN": "stream", "IAMRoleARN": "role"}
    given = {"MatchingEventTypes": ["send"], "KinesisFirehoseDestination": stream}
    made = types["AWS::SES::ConfigurationSetEventDestination"]
    aws.closed.add("stream")
    with pytest.raises(ValueError, match="Could not publish to Firehose stream <stream>"):
        made["create"]("All", {"ConfigurationSetName": "main", "EventDestination": given}, "S")
    aws.closed.clear()
    name = made["create"]("All", {"ConfigurationSetName": "main", "EventDestination": given}, "S")[1]["Id"]
    assert ses.account.configuration_sets["main"].destinations[name].to == Firehose(
        stream_arn="stream", role_arn="role"
    )
    assert aws.records == []  # of no event


def test_rules_in_a_set(ses, types):
    sets, made = types["AWS::SES::ReceiptRuleSet"], types["AWS::SES::ReceiptRule"]
    name, _ = sets["create"]("Rules", {}, "S")
    first, _ = made["create"]("First", {"RuleSetName": name, "Rule": {"Enabled": "true", "Name": "first"}}, "S")
    second, attributes = made["create"]("Second", {"RuleSetName": name, "Rule": {}, "After": first}, "S")
    assert attributes == {"RuleName": second}
    assert [rule["Name"] for rule in ses.account.rule_sets[name]] == [first, second]
    assert ses.account.rule_sets[name][0]["Enabled"] is True
    made["update"](second, {}, {"RuleSetName": name, "Rule": {"Recipients": ["a@acme.test"]}}, "S")
    assert ses.account.rule_sets[name][1]["Recipients"] == ["a@acme.test"]
    made["delete"](second, {"RuleSetName": name})
    sets["delete"](name, {})
    made["delete"](first, {"RuleSetName": name})
    assert ses.account.rule_sets == {}


def test_a_rule_that_changes_its_name_is_another_rule(ses, types):
    name, _ = types["AWS::SES::ReceiptRuleSet"]["create"]("Rules", {}, "S")
    made = types["AWS::SES::ReceiptRule"]
    old = {"RuleSetName": name, "Rule": {"Name": "old"}}
    made["create"]("Rule", old, "S")
    assert made["update"]("old", old, {"RuleSetName": name, "Rule": {"Name": "new"}}, "S") == (
        "new",
        {"RuleName": "new"},
    )


def test_what_replaces_a_resource_is_known_for_every_type(types):
    assert set(REPLACING) == set(types)
