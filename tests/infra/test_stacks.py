import json

import aws_cdk as cdk
import pytest

from app import mailroom
from infra.bundle import bundle
from infra.settings import Settings
from tests.infra.conftest import CONTEXT, named, told

STACKS = {
    "local": ["Feedback", "Identity", "Inbound", "Monitoring", "Outbound", "Storage"],
    "example": ["Feedback", "Identity", "Inbound", "Monitoring", "Outbound", "Storage"],
    "trial": ["Feedback", "Identity", "Monitoring", "Outbound", "Storage"],
}
NAMES = {"Name", "FunctionName", "TableName", "BucketName", "QueueName", "TopicName", "RoleName", "LogGroupName"}
NAMES |= {"AlarmName", "RuleSetName", "ConfigurationSetName", "ReceiptRuleSetName"}
# CloudFormation wants these two named: a bus is named after its stack, an API's name need not be its own.
NAMED_BY_NEED = {"AWS::Events::EventBus", "AWS::ApiGatewayV2::Api"}
REFERS = {"AWS::SES::ReceiptRule", "AWS::SES::ConfigurationSetEventDestination", "AWS::Lambda::EventSourceMapping"}
REFERS |= {"AWS::Lambda::Permission", "AWS::Logs::MetricFilter", "Custom::ActiveReceiptRuleSet"}


@pytest.mark.parametrize("stage", STACKS)
def test_a_stage_has_its_stacks(templates, stage):
    assert sorted(templates(stage)) == STACKS[stage]


@pytest.mark.parametrize("stage", STACKS)
def test_nothing_has_a_physical_name(resources, stage):
    for logical_id, resource in resources(stage).items():
        given = NAMES & resource.get("Properties", {}).keys()
        for name in given if resource["Type"] not in NAMED_BY_NEED else ():
            value = resource["Properties"][name]
            assert resource["Type"] in REFERS | {"AWS::Route53::RecordSet"}, f"{logical_id} has a {name}"
            assert isinstance(value, dict) or resource["Type"] == "AWS::Route53::RecordSet"


OUTPUTS = {
    "Inbound": [
        *("ActivationFunction", "ConnectDeadLetters", "ConnectFunction", "ConnectQueue", "HelpdeskFunction"),
        *("HooksFunction", "InboundDeadLetters", "InboundFunction", "InboundQueue"),
        *("TicketsDeadLetters", "TicketsFunction", "TicketsQueue"),
    ],
    "Outbound": [
        *(
            "ApiFunction",
            "CognitoFunction",
            "CognitoFunctionArn",
            "CognitoKeyArn",
            "PagesFunction",
            "PagesUrl",
            "SendDeadLetters",
            "SendFunction",
            "SendQueue",
        ),
        *("SmtpFunction", "SmtpSecret", "SmtpUser", "TokensDeadLetters", "TokensFunction", "TokensQueue"),
    ],
    "Feedback": [
        *("CountsDeadLetters", "CountsFunction", "CountsQueue"),
        *("FeedbackDeadLetters", "FeedbackFunction", "FeedbackQueue"),
        *("SuppressionDeadLetters", "SuppressionFunction", "SuppressionQueue"),
    ],
    "Monitoring": [
        *("AccountDeadLetters", "AccountFunction", "AccountQueue", "DashboardUrl"),
        *("GuardDeadLetters", "GuardFunction", "GuardQueue"),
    ],
}


@pytest.mark.parametrize("stack", OUTPUTS)
def test_outputs_name_what_the_command_reads(templates, stack):
    assert sorted(told(templates("local")[stack])) == OUTPUTS[stack]


def test_a_resource_that_another_stack_uses_cannot_be_replaced_beneath_it(templates):
    """References between stacks are exports, which CloudFormation protects, and not CDK's newer weak references."""
    text = json.dumps(templates("local"))
    assert "Fn::ImportValue" in text
    assert "Fn::GetStackOutput" not in text


def without_default_set(identity):
    """The identity's other properties: mail that names no configuration set is transactional."""
    properties = dict(identity["Properties"])
    assert named(properties.pop("ConfigurationSetAttributes")["ConfigurationSetName"]) == "<Transactional>"
    return properties


def test_a_domain_signs_with_dkim_and_takes_bounces_on_a_subdomain(resources):
    identity = resources("local", "AWS::SES::EmailIdentity")["Domain66AC69E0"]
    assert without_default_set(identity) == {
        "EmailIdentity": "acme.test",
        "DkimSigningAttributes": {"NextSigningKeyLength": "RSA_2048_BIT"},
        "FeedbackAttributes": {"EmailForwardingEnabled": False},
        "MailFromAttributes": {"MailFromDomain": "bounce.acme.test", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
    }


def test_a_trial_is_one_address_with_no_records(templates):
    identity = templates("trial")["Identity"]
    (address,) = [item for item in identity["Resources"].values() if item["Type"] == "AWS::SES::EmailIdentity"]
    assert without_default_set(address) == {
        "EmailIdentity": "you@example.com",
        "FeedbackAttributes": {"EmailForwardingEnabled": False},
    }
    assert "Record" not in json.dumps(identity)


def test_without_a_hosted_zone_every_record_is_an_output(templates, resources):
    """Those of the first domain here, those of the others in test_domains.py."""
    outputs = templates("local")["Identity"]["Outputs"]
    records = {name: named(value["Value"]) for name, value in outputs.items() if name.endswith("Record")}
    assert {name: value for name, value in records.items() if "Dottest" not in name} == {
        "Dkim1Record": "<Domain.DkimDNSTokenName1> CNAME <Domain.DkimDNSTokenValue1>",
        "Dkim2Record": "<Domain.DkimDNSTokenName2> CNAME <Domain.DkimDNSTokenValue2>",
        "Dkim3Record": "<Domain.DkimDNSTokenName3> CNAME <Domain.DkimDNSTokenValue3>",
        "MailFromMxRecord": "bounce.acme.test MX 10 feedback-smtp.us-east-1.amazonses.com",
        "MailFromSpfRecord": 'bounce.acme.test TXT "v=spf1 include:amazonses.com ~all"',
        "DmarcRecord": '_dmarc.acme.test TXT "v=DMARC1; p=none; rua=mailto:reports@acme.test"',
        "InboundMx1Record": "acme.test MX 10 inbound-smtp.us-east-1.amazonaws.com",
        "TlsReports1Record": '_smtp._tls.acme.test TXT "v=TLSRPTv1; rua=mailto:reports@acme.test"',
    }
    assert resources("local", "AWS::Route53::RecordSet") == {}


def test_with_a_hosted_zone_every_record_is_made(templates, resources):
    records = [item["Properties"] for item in resources("example", "AWS::Route53::RecordSet").values()]
    assert {record["HostedZoneId"] for record in records} == {"Z0123456789EXAMPLE"}
    assert sorted((named(r["Name"]), r["Type"], *map(named, r["ResourceRecords"])) for r in records) == [
        ("<Domain.DkimDNSTokenName1>.", "CNAME", "<Domain.DkimDNSTokenValue1>"),
        ("<Domain.DkimDNSTokenName2>.", "CNAME", "<Domain.DkimDNSTokenValue2>"),
        ("<Domain.DkimDNSTokenName3>.", "CNAME", "<Domain.DkimDNSTokenValue3>"),
        ("_dmarc.example.com.", "TXT", '"v=DMARC1; p=none; rua=mailto:reports@help.example.com"'),
        ("_smtp._tls.help.example.com.", "TXT", '"v=TLSRPTv1; rua=mailto:reports@help.example.com"'),
        ("bounce.example.com.", "MX", "10 feedback-smtp.eu-west-1.amazonses.com"),
        ("bounce.example.com.", "TXT", '"v=spf1 include:amazonses.com ~all"'),
        ("click.example.com.", "CNAME", "d111111abcdef8.cloudfront.net"),
        ("help.example.com.", "MX", "10 inbound-smtp.eu-west-1.amazonaws.com"),
    ]
    outputs = templates("example")["Identity"]["Outputs"]
    assert not [name for name in outputs if name.endswith("Record")]


def test_a_complaint_about_marketing_stops_marketing_only(resources):
    sets = resources("local", "AWS::SES::ConfigurationSet")
    suppressing = {logical_id[:-8]: item["Properties"]["SuppressionOptions"] for logical_id, item in sets.items()}
    assert suppressing == {
        "Transactional": {"SuppressedReasons": ["BOUNCE"]},
        "Marketing": {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]},
    }


def test_links_of_marketing_lead_over_the_stages_own_name(resources):
    def tracking(stage):
        sets = resources(stage, "AWS::SES::ConfigurationSet")
        return {logical_id[:-8]: item["Properties"].get("TrackingOptions") for logical_id, item in sets.items()}

    own = {"CustomRedirectDomain": "click.example.com", "HttpsPolicy": "REQUIRE"}
    assert tracking("example") == {"Transactional": None, "Marketing": own}
    assert tracking("local") == {"Transactional": None, "Marketing": None}


def test_every_event_of_both_streams_is_published_once_at_once_or_in_a_file(resources):
    found = resources("local", "AWS::SES::ConfigurationSetEventDestination").values()
    destinations = [(named(item["Properties"]["ConfigurationSetName"]), item) for item in found]
    published = {}
    for stream, item in destinations:
        to = item["Properties"]["EventDestination"]
        place = to["SnsDestination"]["TopicARN"] if "SnsDestination" in to else to["KinesisFirehoseDestination"]
        where = named(place["DeliveryStreamARN"]) if "DeliveryStreamARN" in place else named(place)
        published[stream, where] = to["MatchingEventTypes"]
        assert to["Enabled"] is True
    filed = ["send", "delivery", "deliveryDelay"]
    kinds = {
        "<Bounces>": ["bounce"],
        "<Complaints>": ["complaint"],
        "<Activity>": ["reject", "renderingFailure", "subscription"],
        "<FilesStream.Arn>": filed,
    }
    assert published == {
        (stream, place): kinds[place] for stream in ("<Transactional>", "<Marketing>") for place in kinds
    } | {("<Marketing>", "<FilesStream.Arn>"): [*filed, "open", "click"]}


def test_what_topics_tell_no_more_is_told_in_files_before(templates):
    feedback = templates("local")["Feedback"]["Resources"]
    destinations = {
        logical_id: item
        for logical_id, item in feedback.items()
        if item["Type"] == "AWS::SES::ConfigurationSetEventDestination"
    }
    filed = {logical_id for logical_id in destinations if logical_id.startswith("Files")}
    assert len(filed) == 2
    assert all(filed <= {*destinations[topic]["DependsOn"]} for topic in destinations.keys() - filed)


def test_files_of_events_are_private_encrypted_small_and_gone_after_dead_letters_are(templates):
    feedback = templates("local")["Feedback"]["Resources"]
    [bucket] = [item for item in feedback.values() if item["Type"] == "AWS::S3::Bucket"]
    made = bucket["Properties"]
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert made["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]
    assert made["LifecycleConfiguration"]["Rules"] == [{"ExpirationInDays": 21, "Status": "Enabled"}]
    [told] = made["NotificationConfiguration"]["QueueConfigurations"]
    assert (told["Event"], named(told["Queue"])) == ("s3:ObjectCreated:*", "<FeedbackQueue.Arn>")
    assert any(logical_id.startswith("FeedbackQueuePolicy") for logical_id in bucket["DependsOn"])
    [stream] = [item for item in feedback.values() if item["Type"] == "AWS::KinesisFirehose::DeliveryStream"]
    to = stream["Properties"]["ExtendedS3DestinationConfiguration"]
    assert to["BufferingHints"] == {"IntervalInSeconds": 60, "SizeInMBs": 1}
    assert stream["Properties"]["DeliveryStreamEncryptionConfigurationInput"] == {"KeyType": "AWS_OWNED_CMK"}
    assert any(logical_id.startswith("FilesWriterDefaultPolicy") for logical_id in stream["DependsOn"])


def test_received_mail_is_scanned_stored_and_told(resources):
    (rule,) = [item["Properties"]["Rule"] for item in resources("local", "AWS::SES::ReceiptRule").values()]
    (action,) = rule.pop("Actions")
    assert {key: named(value) for key, value in action["S3Action"].items()} == {
        "BucketName": "<Mail>",
        "ObjectKeyPrefix": "raw/",
        "TopicArn": "<Received>",
    }
    assert rule == {
        "Name": "mailboxes",
        "Enabled": True,
        "Recipients": [
            *("support@acme.test", "billing@acme.test", "shop@acme.test", "travel@acme.test"),
            *("office@acme-tours.test", "reports@acme.test"),
        ],
        "ScanEnabled": True,
        "TlsPolicy": "Optional",
    }


def test_the_rule_waits_for_the_topic_policy_and_the_activation_for_the_rule(templates):
    inbound = templates("local")["Inbound"]["Resources"]
    (rule,) = [item for item in inbound.values() if item["Type"] == "AWS::SES::ReceiptRule"]
    (active,) = [item for item in inbound.values() if item["Type"] == "Custom::ActiveReceiptRuleSet"]
    assert any(logical_id.startswith("ReceivedPolicy") for logical_id in rule["DependsOn"])
    assert active["DependsOn"] == ["Rule"]
    assert active["Properties"]["RuleSetName"] == {"Ref": "Rules"}
    assert active["Properties"]["ServiceTimeout"] == "120"


def test_the_pages_are_throttled_and_their_log_holds_no_token_or_visitor(resources):
    (stage,) = [item["Properties"] for item in resources("local", "AWS::ApiGatewayV2::Stage").values()]
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 100}
    assert json.loads(stage["AccessLogSettings"]["Format"]) == {
        "time": "$context.requestTime",
        "request": "$context.requestId",
        "route": "$context.routeKey",
        "status": "$context.status",
        "milliseconds": "$context.responseLatency",
        "error": "$context.error.message",
    }


def test_pages_are_open_to_people_and_every_call_is_signed_and_webhooks_in_their_own_way(resources):
    routes = [item["Properties"] for item in resources("local", "AWS::ApiGatewayV2::Route").values()]
    assert {route["RouteKey"]: route["AuthorizationType"] for route in routes} == {
        "GET /verify/{token}": "NONE",
        "POST /verify/{token}": "NONE",
        "GET /unsubscribe/{token}": "NONE",
        "POST /unsubscribe/{token}": "NONE",
        "POST /messages": "AWS_IAM",
        "GET /messages/{id}": "AWS_IAM",
        "DELETE /messages/{id}": "AWS_IAM",
        "POST /codes": "AWS_IAM",
        "POST /codes/check": "AWS_IAM",
        "POST /tokens/check": "AWS_IAM",
        "GET /tickets": "AWS_IAM",
        "GET /tickets/{number}": "AWS_IAM",
        "GET /tickets/{number}/messages/{id}/html": "AWS_IAM",
        "POST /tickets/{number}/replies": "AWS_IAM",
        "POST /tickets/{number}/notes": "AWS_IAM",
        "PATCH /tickets/{number}": "AWS_IAM",
        "POST /hooks/{destination}": "NONE",
    }


def test_the_calls_about_tickets_come_and_go_with_the_mailboxes(templates):
    """On the one API, but in the stack of the function that answers them."""
    found = {
        name: [
            item["Properties"] for item in template["Resources"].values() if item["Type"] == "AWS::ApiGatewayV2::Route"
        ]
        for name, template in templates("local").items()
    }
    assert {named(route["ApiId"]) for route in found["Inbound"]} == {"<HttpApi>"}
    assert {route["RouteKey"].split("/")[1] for route in found["Inbound"]} == {"tickets", "hooks"}
    assert not {route["RouteKey"].split("/")[1] for route in found["Outbound"]} & {"tickets", "hooks"}
    assert "AWS::ApiGatewayV2::Route" in json.dumps(templates("trial"))
    assert not [word for word in ("/tickets", "/hooks") if word in json.dumps(templates("trial"))]


@pytest.mark.parametrize(
    ("destinations", "made"), [({}, set()), ({"hook": {"kind": "webhook", "url": "https://h.test"}}, {"Connect"})]
)
def test_what_brings_tickets_elsewhere_is_there_for_a_destination_and_what_hears_of_it_for_a_system(destinations, made):
    mailboxes = [{"name": "Shop", "address": "shop@acme.test", "destinations": list(destinations)}]
    given = CONTEXT["stages"]["local"] | {"mailboxes": mailboxes, "destinations": destinations}
    app = cdk.App(context=CONTEXT)
    mailroom(app, Settings.read("local", given), bundle("lambda"))
    inbound, monitoring = (app.node.find_child(f"Mailroom-local-{name}").node for name in ("Inbound", "Monitoring"))
    assert {child.node.id for child in inbound.children} & {"Connect", "Hooks"} == made
    assert (monitoring.try_find_child("Paused") is not None) == bool(made)


def test_functions_are_told_what_they_need_beside_their_queue(resources):
    told = {
        logical_id[:-8].removesuffix("Function"): {
            name: named(value) for name, value in item["Properties"].get("Environment", {}).get("Variables", {}).items()
        }
        for logical_id, item in resources("local", "AWS::Lambda::Function").items()
    }
    for variables in told.values():
        for name in ("QUEUE_URL", "DEAD_LETTERS_URL", "MAX_RECEIVES"):
            variables.pop(name, None)
    sending = {
        "MESSAGES_TABLE": "<Messages>",
        "RECIPIENTS_TABLE": "<Recipients>",
        "MAIL_BUCKET": "<Mail>",
        "BUS_NAME": "<Bus>",
        "SENDERS": '{"transactional": "Acme <hello@acme.test>", "marketing": "Acme News <news@news.acme.test>"}',
        "DOMAINS": '{"acme.test": [], "news.acme.test": ["marketing"], "acme-tours.test": []}',
        "BRAND": '{"product": "Acme", "logo_url": null, "color": "#1f5fd0", '
        '"footer": "Acme, 1 Example Street, Springfield"}',
        "CONFIGURATION_SETS": '{"transactional": "<Transactional>", "marketing": "<Marketing>"}',
        "ATTACHMENT_BUCKETS": "[]",
        "SCHEDULE_GROUP": "<Schedules>",
        "SCHEDULE_ROLE_ARN": "<Fires.Arn>",
        "SEND_QUEUE_ARN": "<SendQueue.Arn>",
        "CLAIM_SECONDS": "600",
    }
    proving = {
        "TOKENS_TABLE": "<Tokens>",
        "TOKEN_KEY_ARN": "<TokenKey>",
        "TOKEN_POLICY": '{"return_urls": ["https://shop.acme.test/"], "code_digits": 6, "code_minutes": 10, '
        '"again_seconds": 0, "an_hour": 100, "source_an_hour": 20}',
        "PAGES_URL": "<HttpApi.ApiEndpoint>",
    }
    mailboxes = (
        '[{"name": "Acme Support", "address": "support@acme.test", "team": []}, {"name": "Acme Billing", "address": '
        '"billing@acme.test", "acknowledgement": null, "team": ["ada@team.example", "bob@team.example"], '
        '"spam": "ticket", "signature": "Acme Billing\\nhttps://billing.acme.test"}, {"name": "Acme Shop", "address": '
        '"shop@acme.test", "acknowledgement": null, "team": []}, {"name": "Acme Travel", "address": '
        '"travel@acme.test", "acknowledgement": null, "team": []}, {"name": "Acme Tours", "address": '
        '"office@acme-tours.test", "team": []}]'
    )
    jira = (
        '{"name": "jira", "kind": "jira", "secret_arn": "<Destinationsjira>", "mailboxes": ["shop@acme.test"], '
        '"issue_type": "Task", "project": "SUP", "site": "acme"}'
    )
    zendesk = (
        '{"name": "zendesk", "kind": "zendesk", "secret_arn": "<Destinationszendesk>", "mailboxes": '
        '["travel@acme.test"], "subdomain": "acme"}'
    )
    hook = (
        '{"name": "hook", "kind": "webhook", "secret_arn": "<Destinationshook>", "mailboxes": ["shop@acme.test"], '
        '"url": "https://hooks.acme.test/mailroom"}'
    )
    assert told == {
        "Tokens": sending | proving,
        "Api": sending
        | proving
        | {"SEND_QUEUE_URL": "<SendQueue>", "TOKENS_QUEUE_URL": "<TokensQueue>", "COUNTS_TABLE": "<Counts>"},
        "Pages": {
            "TOKENS_TABLE": "<Tokens>",
            "TOKEN_KEY_ARN": "<TokenKey>",
            "MESSAGES_TABLE": "<Messages>",
            "RECIPIENTS_TABLE": "<Recipients>",
            "BUS_NAME": "<Bus>",
            "PRODUCT": "Acme",
        },
        "Cognito": sending | {"SEND_QUEUE_URL": "<SendQueue>", "COGNITO_KEY_ARN": "<CognitoKey.Arn>"},
        "Send": sending
        | {
            "TOKEN_KEY_ARN": "<TokenKey>",
            "PAGES_URL": "<HttpApi.ApiEndpoint>",
            "SENDS_PER_SECOND": "10.0",
            "SLOWED_BY": "10",
            "COUNTS_TABLE": "<Counts>",
        },
        "Smtp": {},
        "Inbound": {
            "MAIL_BUCKET": "<Mail>",
            "TICKETS_TABLE": "<Tickets>",
            "BUS_NAME": "<Bus>",
            "SENDER_ADDRESSES": '["hello@acme.test", "news@news.acme.test"]',
            "TICKETS_QUEUE_URL": "<TicketsQueue>",
            "FEEDBACK_QUEUE_URL": "<FeedbackQueue>",
            "MAILBOXES": mailboxes,
            "REPORTS": '{"address": "reports@acme.test", "domains": '
            '["acme.test", "news.acme.test", "acme-tours.test"]}',
            "REPORTS_TABLE": "<Reports>",
        },
        "Tickets": {
            "MAIL_BUCKET": "<Mail>",
            "TICKETS_TABLE": "<Tickets>",
            "BUS_NAME": "<Bus>",
            "MAILBOXES": mailboxes,
            "CLOSE_AFTER_DAYS": "14",
            "TICKET_DAYS": "730",
        },
        "Helpdesk": {
            "MAIL_BUCKET": "<Mail>",
            "TICKETS_TABLE": "<Tickets>",
            "TICKETS_QUEUE_URL": "<TicketsQueue>",
        },
        "Connect": {
            "DESTINATIONS": f"[{jira}, {zendesk}, {hook}]",
            "MAIL_BUCKET": "<Mail>",
            "TICKETS_TABLE": "<Tickets>",
            "TICKETS_QUEUE_URL": "<TicketsQueue>",
        },
        "Hooks": {"DESTINATIONS": f"[{jira}, {zendesk}]", "CONNECT_QUEUE_URL": "<ConnectQueue>"},
        "Feedback": {
            "MESSAGES_TABLE": "<Messages>",
            "RECIPIENTS_TABLE": "<Recipients>",
            "BUS_NAME": "<Bus>",
            "ANNOUNCE": '["MailSent", "MailDelivered"]',
            "SOFT_BOUNCES": '{"most": 5, "days": 14}',
            "EVENTS_BUCKET": "<FilesBucket>",
        },
        "Counts": {"MESSAGES_STREAM_ARN": "<Messages.StreamArn>", "COUNTS_TABLE": "<Counts>"},
        "Suppression": {"RECIPIENTS_TABLE": "<Recipients>", "BUS_NAME": "<Bus>"},
        "Activation": {},
        "Guard": {
            "STAGE": "local",
            "COUNTS_TABLE": "<Counts>",
            "BUS_NAME": "<Bus>",
            "ALARMS_TOPIC": "<AlarmsTopic>",
            "CONFIGURATION_SETS": '{"transactional": "<Transactional>", "marketing": "<Marketing>"}',
            "GUARD": '{"warn": {"bounces": 2, "complaints": 0.05}, "slow": {"bounces": 3, "complaints": 0.07}, '
            '"pause": {"bounces": 4, "complaints": 0.08}, "least": {"bounces": 40, "complaints": 2000}, '
            '"slowed_by": 10, "pause_transactional": false}',
        },
        "Account": {
            "STAGE": "local",
            "IDENTITIES": '["acme.test", "news.acme.test", "acme-tours.test"]',
            "RULE_SET": "<Rules>",
        },
    }
