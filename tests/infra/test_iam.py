"""What every function may do, word for word: a line more or less here is a decision, not a detail."""

import pytest

from tests.infra.conftest import listed, named, without_hash

SES = "arn:aws:ses:us-east-1:000000000000"


def queued(name):
    """What every queued function may do with its own log, queue and dead letters."""
    return {
        ("logs:CreateLogStream", f"<{name}Log.Arn>"),
        ("logs:PutLogEvents", f"<{name}Log.Arn>"),
        ("sqs:ChangeMessageVisibility", f"<{name}Queue.Arn>"),
        ("sqs:DeleteMessage", f"<{name}Queue.Arn>"),
        ("sqs:GetQueueAttributes", f"<{name}Queue.Arn>"),
        ("sqs:ReceiveMessage", f"<{name}Queue.Arn>"),
        ("sqs:SendMessage", f"<{name}Queue.Arn>"),
        ("sqs:SendMessage", f"<{name}DeadLetters.Arn>"),
    }


# What the outbox needs, in whichever function it is.
SENDING = {
    ("dynamodb:GetItem", "<Messages.Arn>"),
    ("dynamodb:UpdateItem", "<Messages.Arn>"),
    ("dynamodb:GetItem", "<Recipients.Arn>"),
    ("events:PutEvents", "<Bus.Arn>"),
    ("ses:SendEmail", f"{SES}:identity/*"),
    ("ses:SendEmail", f"{SES}:configuration-set/<Transactional>"),
    ("ses:SendEmail", f"{SES}:configuration-set/<Marketing>"),
    ("scheduler:CreateSchedule", "arn:aws:scheduler:us-east-1:000000000000:schedule/<Schedules>/*"),
    ("scheduler:DeleteSchedule", "arn:aws:scheduler:us-east-1:000000000000:schedule/<Schedules>/*"),
    ("iam:PassRole", "<Fires.Arn>"),
    ("s3:GetObject", "<Mail.Arn>/outgoing/*"),
    ("s3:PutObject", "<Mail.Arn>/outgoing/*"),
}
PROVING = {
    ("dynamodb:UpdateItem", "<Tokens.Arn>"),
    ("secretsmanager:GetSecretValue", "<TokenKey>"),
}
ALLOWED = {
    "Tokens": queued("Tokens") | SENDING | PROVING,
    "Api": SENDING
    | PROVING
    | {
        ("logs:CreateLogStream", "<ApiLog.Arn>"),
        ("logs:PutLogEvents", "<ApiLog.Arn>"),
        ("dynamodb:GetItem", "<Counts.Arn>"),
        ("sqs:SendMessage", "<SendQueue.Arn>"),
        ("sqs:SendMessage", "<TokensQueue.Arn>"),
    },
    "Cognito": SENDING
    | {
        ("logs:CreateLogStream", "<CognitoLog.Arn>"),
        ("logs:PutLogEvents", "<CognitoLog.Arn>"),
        ("kms:Decrypt", "<CognitoKey.Arn>"),
        ("sqs:SendMessage", "<SendQueue.Arn>"),
    },
    "Pages": {
        ("logs:CreateLogStream", "<PagesLog.Arn>"),
        ("logs:PutLogEvents", "<PagesLog.Arn>"),
        ("dynamodb:GetItem", "<Tokens.Arn>"),
        ("dynamodb:UpdateItem", "<Tokens.Arn>"),
        ("dynamodb:GetItem", "<Messages.Arn>"),
        ("dynamodb:GetItem", "<Recipients.Arn>"),
        ("dynamodb:UpdateItem", "<Recipients.Arn>"),
        ("secretsmanager:GetSecretValue", "<TokenKey>"),
        ("events:PutEvents", "<Bus.Arn>"),
    },
    "Send": queued("Send")
    | SENDING
    | {("dynamodb:GetItem", "<Counts.Arn>"), ("secretsmanager:GetSecretValue", "<TokenKey>")},
    "Fires": {("sqs:SendMessage", "<SendQueue.Arn>")},
    "Inbound": queued("Inbound")
    | {
        ("s3:ListBucket", "<Mail.Arn>"),
        ("s3:GetObject", "<Mail.Arn>/raw/*"),
        ("s3:PutObject", "<Mail.Arn>/attachments/*"),
        ("dynamodb:GetItem", "<Tickets.Arn>"),
        ("dynamodb:PutItem", "<Tickets.Arn>"),
        ("dynamodb:UpdateItem", "<Tickets.Arn>"),
        ("dynamodb:PutItem", "<Reports.Arn>"),
        ("events:PutEvents", "<Bus.Arn>"),
        ("sqs:SendMessage", "<TicketsQueue.Arn>"),
        ("sqs:SendMessage", "<FeedbackQueue.Arn>"),
    },
    "Tickets": queued("Tickets")
    | {
        ("dynamodb:GetItem", "<Tickets.Arn>"),
        ("dynamodb:PutItem", "<Tickets.Arn>"),
        ("dynamodb:Query", "<Tickets.Arn>"),
        ("dynamodb:Query", "<Tickets.Arn>/index/by_view"),
        ("dynamodb:DeleteItem", "<Tickets.Arn>"),
        ("dynamodb:BatchWriteItem", "<Tickets.Arn>"),
        ("s3:DeleteObject", "<Mail.Arn>/raw/*"),
        ("s3:GetObject", "<Mail.Arn>/attachments/*"),
        ("s3:DeleteObject", "<Mail.Arn>/attachments/*"),
        ("s3:PutObject", "<Mail.Arn>/outgoing/*"),
        ("events:PutEvents", "<Bus.Arn>"),
    },
    "Helpdesk": {
        ("logs:CreateLogStream", "<HelpdeskLog.Arn>"),
        ("logs:PutLogEvents", "<HelpdeskLog.Arn>"),
        ("dynamodb:GetItem", "<Tickets.Arn>"),
        ("dynamodb:Query", "<Tickets.Arn>"),
        ("dynamodb:Query", "<Tickets.Arn>/index/by_view"),
        ("s3:GetObject", "<Mail.Arn>/raw/*"),
        ("s3:GetObject", "<Mail.Arn>/attachments/*"),
        ("s3:PutObject", "<Mail.Arn>/attachments/*"),
        ("sqs:SendMessage", "<TicketsQueue.Arn>"),
    },
    "Connect": queued("Connect")
    | {
        ("dynamodb:GetItem", "<Tickets.Arn>"),
        ("dynamodb:PutItem", "<Tickets.Arn>"),
        ("dynamodb:UpdateItem", "<Tickets.Arn>"),
        ("dynamodb:DeleteItem", "<Tickets.Arn>"),
        ("dynamodb:Query", "<Tickets.Arn>"),
        ("s3:GetObject", "<Mail.Arn>/attachments/*"),
        ("secretsmanager:GetSecretValue", "<Destinationsjira>"),
        ("secretsmanager:GetSecretValue", "<Destinationszendesk>"),
        ("secretsmanager:GetSecretValue", "<Destinationshook>"),
        ("sqs:SendMessage", "<TicketsQueue.Arn>"),
    },
    "Hooks": {
        ("logs:CreateLogStream", "<HooksLog.Arn>"),
        ("logs:PutLogEvents", "<HooksLog.Arn>"),
        ("secretsmanager:GetSecretValue", "<Destinationsjira>"),
        ("secretsmanager:GetSecretValue", "<Destinationszendesk>"),
        ("sqs:SendMessage", "<ConnectQueue.Arn>"),
    },
    "Feedback": queued("Feedback")
    | {
        ("dynamodb:GetItem", "<Messages.Arn>"),
        ("dynamodb:UpdateItem", "<Messages.Arn>"),
        ("dynamodb:GetItem", "<Recipients.Arn>"),
        ("dynamodb:UpdateItem", "<Recipients.Arn>"),
        ("events:PutEvents", "<Bus.Arn>"),
        ("s3:GetObject", "<FilesBucket.Arn>/*"),
        ("s3:ListBucket", "<FilesBucket.Arn>"),
    },
    "FilesWriter": {
        ("s3:GetBucketLocation", "<FilesBucket.Arn>"),
        ("s3:ListBucket", "<FilesBucket.Arn>"),
        ("s3:ListBucketMultipartUploads", "<FilesBucket.Arn>"),
        ("s3:AbortMultipartUpload", "<FilesBucket.Arn>/*"),
        ("s3:GetObject", "<FilesBucket.Arn>/*"),
        ("s3:PutObject", "<FilesBucket.Arn>/*"),
    },
    "Counts": queued("Counts")
    | {
        ("dynamodb:DescribeStream", "<Messages.StreamArn>"),
        ("dynamodb:GetShardIterator", "<Messages.StreamArn>"),
        ("dynamodb:GetRecords", "<Messages.StreamArn>"),
        ("dynamodb:Query", "<Counts.Arn>"),
        ("dynamodb:UpdateItem", "<Counts.Arn>"),
    },
    "Suppression": queued("Suppression")
    | {
        ("dynamodb:GetItem", "<Recipients.Arn>"),
        ("dynamodb:BatchGetItem", "<Recipients.Arn>"),
        ("dynamodb:UpdateItem", "<Recipients.Arn>"),
        ("dynamodb:Query", "<Recipients.Arn>/index/suppressed"),
        ("events:PutEvents", "<Bus.Arn>"),
        ("ses:ListSuppressedDestinations", "*"),
        ("ses:PutSuppressedDestination", "*"),
        ("ses:DeleteSuppressedDestination", "*"),
    },
    "Smtp": {
        ("logs:CreateLogStream", "<SmtpLog.Arn>"),
        ("logs:PutLogEvents", "<SmtpLog.Arn>"),
        ("iam:CreateAccessKey", "<SmtpUser.Arn>"),
        ("iam:DeleteAccessKey", "<SmtpUser.Arn>"),
        ("iam:ListAccessKeys", "<SmtpUser.Arn>"),
        ("secretsmanager:GetSecretValue", "<SmtpSecret>"),
        ("secretsmanager:PutSecretValue", "<SmtpSecret>"),
    },
    "Account": queued("Account")
    | {
        ("ses:GetAccount", "*"),
        ("ses:DescribeActiveReceiptRuleSet", "*"),
        ("ses:GetEmailIdentity", f"{SES}:identity/acme.test"),
        ("ses:GetEmailIdentity", f"{SES}:identity/news.acme.test"),
        ("ses:GetEmailIdentity", f"{SES}:identity/acme-tours.test"),
    },
    "Guard": queued("Guard")
    | {
        ("dynamodb:GetItem", "<Counts.Arn>"),
        ("dynamodb:PutItem", "<Counts.Arn>"),
        ("dynamodb:Query", "<Counts.Arn>"),
        ("dynamodb:UpdateItem", "<Counts.Arn>"),
        ("events:PutEvents", "<Bus.Arn>"),
        ("sns:Publish", "<AlarmsTopic>"),
        ("ses:PutConfigurationSetSendingOptions", f"{SES}:configuration-set/<Transactional>"),
        ("ses:PutConfigurationSetSendingOptions", f"{SES}:configuration-set/<Marketing>"),
    },
    "Activation": {
        ("logs:CreateLogStream", "<ActivationLog.Arn>"),
        ("logs:PutLogEvents", "<ActivationLog.Arn>"),
        ("ses:DescribeActiveReceiptRuleSet", "*"),
        ("ses:SetActiveReceiptRuleSet", "*"),
    },
}


def statements(policies):
    return [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]


def pairs(found):
    return {
        (action, named(resource))
        for statement in found
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


@pytest.fixture
def policies(resources):
    """The role policies of a stage, by the function that they are for."""

    def read(stage):
        found = {}
        for policy in resources(stage, "AWS::IAM::Policy").values():
            if "Users" in policy["Properties"]:
                continue
            (role,) = policy["Properties"]["Roles"]
            found.setdefault(without_hash(role["Ref"]).removesuffix("Role"), []).append(policy)
        return found

    return read


@pytest.mark.parametrize("function", ALLOWED)
def test_a_function_may_do_exactly_this(policies, function):
    found = statements(policies("local")[function])
    assert pairs(found) == ALLOWED[function]
    assert {statement["Effect"] for statement in found} == {"Allow"}


def test_no_other_function_has_a_role(policies, resources):
    assert sorted(policies("local")) == sorted(ALLOWED)
    assert len(resources("local", "AWS::IAM::Role")) == len(ALLOWED) + len(PUBLISHING)


def test_a_role_is_taken_by_its_one_service_and_has_no_managed_policies(resources):
    other = {"Fires": "scheduler", "FilesWriter": "firehose"}
    roles = {without_hash(logical_id): role for logical_id, role in resources("local", "AWS::IAM::Role").items()}
    for name in roles.keys() - PUBLISHING.keys():
        role, service = roles[name], other.get(name, "lambda")
        principal = {"Service": f"{service}.amazonaws.com"}
        assert role["Properties"] == {
            "AssumeRolePolicyDocument": {
                "Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal}],
                "Version": "2012-10-17",
            }
        }


# SES's roles to put events into the stream of Firehose's.
PUBLISHING = {
    f"Files{stream.lower()}FirehoseDeliveryStreamIamRole": f"{SES}:configuration-set/<{stream}>"
    for stream in ("Transactional", "Marketing")
}


@pytest.mark.parametrize("name", PUBLISHING)
def test_ses_puts_events_into_the_stream_for_our_own_sets_only(resources, name):
    roles = {without_hash(logical_id): role for logical_id, role in resources("local", "AWS::IAM::Role").items()}
    [trust] = roles[name]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert (trust["Principal"], trust["Action"]) == ({"Service": "ses.amazonaws.com"}, "sts:AssumeRole")
    [(operator, keys)] = trust["Condition"].items()
    assert operator == "StringEquals"
    assert {key.lower(): named(value) for key, value in keys.items()} == {
        "aws:sourceaccount": "000000000000",
        "aws:sourcearn": PUBLISHING[name],
    }
    [policy] = roles[name]["Properties"]["Policies"]
    found = policy["PolicyDocument"]["Statement"]
    assert pairs(found) == {("firehose:PutRecordBatch", "<FilesStream.Arn>")}


def test_of_s3s_only_this_accounts_may_tell_feedback_of_files(resources):
    queues = resources("local", "AWS::SQS::QueuePolicy").values()
    allowed = [item for item in statements(queues) if item.get("Principal") == {"Service": "s3.amazonaws.com"}]
    [found] = allowed
    assert (found["Action"], named(found["Resource"])) == ("sqs:SendMessage", "<FeedbackQueue.Arn>")
    assert found["Condition"] == {"StringEquals": {"aws:SourceAccount": "000000000000"}}


@pytest.mark.parametrize("stage", ["local", "example", "trial"])
def test_no_action_is_a_wildcard_and_only_what_is_of_the_account_has_no_resource(policies, stage):
    for function, found in policies(stage).items():
        for action, resource in pairs(statements(found)):
            assert "*" not in action
            assert resource != "*" or function in ("Activation", "Account", "Suppression")


@pytest.mark.parametrize("function", ["Send", "Tokens", "Api"])
def test_mail_is_sent_only_from_the_senders_and_the_mailboxes(policies, function):
    found = [item for item in statements(policies("local")[function]) if item["Action"] == "ses:SendEmail"]
    ours = ["hello@acme.test", "support@acme.test", "billing@acme.test", "shop@acme.test", "travel@acme.test"]
    assert [item["Condition"] for item in found] == [
        {"StringEquals": {"ses:FromAddress": [*ours, "office@acme-tours.test"]}},
        {"StringEquals": {"ses:FromAddress": ["news@news.acme.test"]}},
    ]


def test_inbound_lists_nothing_of_the_bucket_but_received_mail(policies):
    (found,) = [item for item in statements(policies("local")["Inbound"]) if item["Action"] == "s3:ListBucket"]
    assert found["Condition"] == {"StringEquals": {"s3:prefix": "raw/"}}


@pytest.mark.parametrize("stage", ["local", "example", "trial"])
def test_no_function_scans_a_table(policies, stage):
    allowed = {action for found in policies(stage).values() for action, _ in pairs(statements(found))}
    assert "dynamodb:Query" in allowed or stage == "trial"
    assert "dynamodb:Scan" not in allowed


def test_a_trial_sends_only_from_its_address(policies):
    (send,) = [item for item in statements(policies("trial")["Send"]) if item["Action"] == "ses:SendEmail"]
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": ["you@example.com"]}}


def test_ses_may_store_received_mail_for_rules_of_this_account_and_region(resources):
    policies = resources("local", "AWS::S3::BucketPolicy").values()
    (policy,) = [item for item in policies if named(item["Properties"]["Bucket"]) == "<Mail>"]
    (ses,) = [item for item in statements([policy]) if item["Effect"] == "Allow"]
    assert named(ses.pop("Resource")) == "<Mail.Arn>/raw/*"
    assert ses == {
        "Action": "s3:PutObject",
        "Effect": "Allow",
        "Principal": {"Service": "ses.amazonaws.com"},
        "Condition": {
            "StringEquals": {"aws:SourceAccount": "000000000000"},
            "ArnLike": {"aws:SourceArn": f"{SES}:receipt-rule-set/*:receipt-rule/*"},
        },
    }


TOPIC_SOURCES = {
    "Received": {f"{SES}:receipt-rule-set/<Rules>:receipt-rule/mailboxes"},
    "Bounces": {f"{SES}:configuration-set/<Transactional>", f"{SES}:configuration-set/<Marketing>"},
    "Complaints": {f"{SES}:configuration-set/<Transactional>", f"{SES}:configuration-set/<Marketing>"},
    "Activity": {f"{SES}:configuration-set/<Transactional>", f"{SES}:configuration-set/<Marketing>"},
}


@pytest.mark.parametrize("topic", TOPIC_SOURCES)
def test_ses_may_publish_from_our_own_rule_and_sets_only(resources, topic):
    (policy,) = [
        policy
        for policy in resources("local", "AWS::SNS::TopicPolicy").values()
        if named(policy["Properties"]["Topics"][0]) == f"<{topic}>"
    ]
    allowed = [item for item in statements([policy]) if item["Effect"] == "Allow"]
    assert {item["Action"] for item in allowed} == {"sns:Publish"}
    assert {item["Principal"]["Service"] for item in allowed} == {"ses.amazonaws.com"}
    conditions = [{key.lower(): value for key, value in item["Condition"]["StringEquals"].items()} for item in allowed]
    assert {condition["aws:sourceaccount"] for condition in conditions} == {"000000000000"}
    sources = {named(condition["aws:sourcearn"]).replace("<AWS::Partition>", "aws") for condition in conditions}
    assert sources == TOPIC_SOURCES[topic]


def test_alarms_may_publish_although_the_topic_has_a_policy_of_its_own(resources):
    (policy,) = [
        policy
        for policy in resources("local", "AWS::SNS::TopicPolicy").values()
        if named(policy["Properties"]["Topics"][0]) == "<AlarmsTopic>"
    ]
    (allowed,) = [item for item in statements([policy]) if item["Effect"] == "Allow"]
    assert (allowed["Principal"], allowed["Action"], allowed["Condition"]) == (
        {"Service": "cloudwatch.amazonaws.com"},
        "sns:Publish",
        {"StringEquals": {"aws:SourceAccount": "000000000000"}},
    )


@pytest.mark.parametrize(("kind", "key"), [("AWS::SNS::Topic", "Topics"), ("AWS::SQS::Queue", "Queues")])
def test_every_topic_and_queue_refuses_what_is_not_encrypted_on_the_way(resources, kind, key):
    refusing = {
        named(place)
        for policy in resources("local", f"{kind}Policy").values()
        for place in policy["Properties"][key]
        for item in statements([policy])
        if item["Effect"] == "Deny" and item["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert refusing == {f"<{without_hash(logical_id)}>" for logical_id in resources("local", kind)}
