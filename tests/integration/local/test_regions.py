"""Two regions of the embedded AWS: what each has for itself, what goes from one to the other, and one that is down."""

import json
import smtplib
from contextlib import closing

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.integration.local.conftest import QUEUES, TEMPLATE, Aws

ELSEWHERE = "eu-central-1"
FROM_HOME = {"DomainSigningAttributesOrigin": "AWS_SES_US_EAST_1"}
TEXT = {"Simple": {"Subject": {"Data": "Hi"}, "Body": {"Text": {"Data": "Hello"}}}}
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture(scope="session")
def elsewhere(deployed):
    """The other region, with a stack of the same name as the first's and an identity that is a replica."""
    with closing(Aws(deployed.up, region_name=ELSEWHERE, config=ONCE)) as clients:
        template = json.loads(TEMPLATE.read_text())
        del template["Resources"]["Identity"], template["Outputs"]["Dkim"]
        clients.sesv2.create_email_identity(EmailIdentity="acme.test", DkimSigningAttributes=FROM_HOME)
        clients.outputs = clients.deploy("Mail", json.dumps(template))
        clients.ses.set_active_receipt_rule_set(RuleSetName=clients.outputs["RuleSet"])
        for name in QUEUES:
            clients.taken(clients.outputs[name], 1)
        yield clients


@pytest.fixture
def at_home_down(mail, elsewhere):
    mail.knob("region", down=True)
    yield
    mail.knob("region", down=False)


def test_stacks_of_one_name_have_resources_of_their_own(mail, elsewhere):
    assert mail.outputs["RuleSet"] != elsewhere.outputs["RuleSet"]
    assert mail.outputs["Bucket"] != elsewhere.outputs["Bucket"]


def test_a_mail_is_sent_and_reported_in_the_region_that_was_asked(mail, elsewhere):
    asked = {"FromEmailAddress": "hello@acme.test", "Destination": {"ToAddresses": ["success@simulator.amazonses.com"]}}
    sent = elsewhere.sesv2.send_email(**asked, Content=TEXT, ConfigurationSetName=elsewhere.outputs["Set"])
    events = [json.loads(event["Message"]) for event in elsewhere.taken(elsewhere.outputs["EventsQueue"], 2)]
    assert [(event["eventType"], event["mail"]["messageId"]) for event in events] == [
        ("Send", sent["MessageId"]),
        ("Delivery", sent["MessageId"]),
    ]
    assert "eu-central-1" in events[0]["mail"]["sourceArn"]


def test_a_table_has_a_replica_and_each_hears_of_the_others_writes(mail, elsewhere):
    key = {"AttributeName": "id", "KeyType": "HASH"}
    mail.dynamodb.create_table(
        TableName="shared",
        KeySchema=[key],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    mail.dynamodb.update_table(TableName="shared", ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}])
    [replica] = mail.dynamodb.describe_table(TableName="shared")["Table"]["Replicas"]
    assert (replica["RegionName"], replica["ReplicaStatus"]) == (ELSEWHERE, "ACTIVE")
    mail.dynamodb.put_item(TableName="shared", Item={"id": {"S": "here"}})
    elsewhere.dynamodb.put_item(TableName="shared", Item={"id": {"S": "there"}})
    for clients in (mail, elsewhere):
        found = clients.dynamodb.scan(TableName="shared")["Items"]
        assert sorted(item["id"]["S"] for item in found) == ["here", "there"]


def test_a_region_that_is_down_answers_nobody_and_mail_comes_in_elsewhere(mail, elsewhere, at_home_down):
    with closing(Aws(mail.up, config=ONCE)) as clients, pytest.raises(ClientError, match="503"):
        clients.sqs.list_queues()
    with smtplib.SMTP("127.0.0.1", mail.up.smtp_port) as server:
        server.sendmail("mia@example.org", ["support@acme.test"], "Subject: Help\r\n\r\nPlease.\r\n")
    [told] = elsewhere.taken(elsewhere.outputs["ReceivedQueue"], 1)
    assert json.loads(told["Message"])["receipt"]["action"]["bucketName"] == elsewhere.outputs["Bucket"]
