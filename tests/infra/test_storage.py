import pytest

from tests.infra.conftest import told

# A changed id is another resource: CloudFormation would make an empty table beside the full one.
PINNED = {
    "Messages804FA4EB": "AWS::DynamoDB::Table",
    "Recipients7F8D752A": "AWS::DynamoDB::Table",
    "Tokens1180AAEA": "AWS::DynamoDB::Table",
    "Tickets83B11BB2": "AWS::DynamoDB::Table",
    "Counts7F28E4F7": "AWS::DynamoDB::Table",
    "Reports65402A0A": "AWS::DynamoDB::Table",
    "Mail6A3D1F64": "AWS::S3::Bucket",
    "MailPolicyBB7619B4": "AWS::S3::BucketPolicy",
    "BusEA82B648": "AWS::Events::EventBus",
    "TokenKeyD1D1A236": "AWS::SecretsManager::Secret",
}


@pytest.fixture
def storage(templates):
    return templates("local")["Storage"]["Resources"]


@pytest.mark.parametrize("stage", ["local", "example", "trial"])
def test_the_logical_ids_of_what_must_survive_never_change(templates, stage):
    found = templates(stage)["Storage"]["Resources"]
    assert {logical_id: resource["Type"] for logical_id, resource in found.items()} == PINNED


@pytest.mark.parametrize("logical_id", [logical_id for logical_id in PINNED if "Policy" not in logical_id])
def test_everything_is_retained_when_the_stack_or_the_resource_goes(storage, logical_id):
    resource = storage[logical_id]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


KEYS = {
    "Messages804FA4EB": ["id"],
    "Recipients7F8D752A": ["address"],
    "Tokens1180AAEA": ["id"],
    "Tickets83B11BB2": ["pk", "sk"],
    "Counts7F28E4F7": ["pk", "sk"],
    "Reports65402A0A": ["pk", "sk"],
}


@pytest.mark.parametrize("logical_id", KEYS)
def test_a_table_has_its_keys_and_is_protected_and_recoverable_to_any_second(storage, logical_id):
    table = storage[logical_id]["Properties"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == KEYS[logical_id]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def indexes(table):
    return [
        (index["IndexName"], [key["AttributeName"] for key in index["KeySchema"]], index["Projection"])
        for index in table["Properties"].get("GlobalSecondaryIndexes", [])
    ]


def test_messages_are_found_by_day_and_tickets_by_view(storage):
    assert indexes(storage["Messages804FA4EB"]) == [("by_day", ["day", "created_at"], {"ProjectionType": "KEYS_ONLY"})]
    assert indexes(storage["Tickets83B11BB2"]) == [("by_view", ["view", "at"], {"ProjectionType": "ALL"})]
    assert indexes(storage["Tokens1180AAEA"]) == []


def test_who_is_suppressed_is_found_by_when_that_was(storage):
    [(name, keys, projection)] = indexes(storage["Recipients7F8D752A"])
    assert (name, keys, projection["ProjectionType"]) == ("suppressed", ["listed", "listed_at"], "INCLUDE")
    assert sorted(projection["NonKeyAttributes"]) == [
        "on_ses",
        "suppressed#all",
        "suppressed#marketing",
        "suppressed#transactional",
    ]


def test_every_change_of_a_message_is_told_with_what_it_was_and_became(storage):
    streams = {logical_id: storage[logical_id]["Properties"].get("StreamSpecification") for logical_id in KEYS}
    assert {logical_id: stream for logical_id, stream in streams.items() if stream} == {
        "Messages804FA4EB": {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    }


def test_tokens_some_counts_and_reports_go_by_themselves_and_nothing_else_does(storage):
    expiring = {logical_id: storage[logical_id]["Properties"].get("TimeToLiveSpecification") for logical_id in KEYS}
    assert {key: value for key, value in expiring.items() if value} == {
        "Tokens1180AAEA": {"AttributeName": "expires_ttl", "Enabled": True},
        "Counts7F28E4F7": {"AttributeName": "expires_ttl", "Enabled": True},
        "Reports65402A0A": {"AttributeName": "expires_ttl", "Enabled": True},
    }


def test_the_bucket_is_private_encrypted_and_forgets_raw_mail_but_no_attachments(storage):
    bucket = storage["Mail6A3D1F64"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["LifecycleConfiguration"]["Rules"] == [
        {"ExpirationInDays": 365, "Prefix": "raw/", "Status": "Enabled"},
        {"ExpirationInDays": 400, "Prefix": "outgoing/", "Status": "Enabled"},
    ]


def test_the_key_of_tokens_is_made_by_secrets_manager(storage):
    assert storage["TokenKeyD1D1A236"]["Properties"] == {
        "GenerateSecretString": {"ExcludePunctuation": True, "PasswordLength": 64}
    }


def test_outputs_name_what_the_command_reads(templates):
    assert {name: value["Value"]["Ref"] for name, value in told(templates("local")["Storage"]).items()} == {
        "MessagesTable": "Messages804FA4EB",
        "RecipientsTable": "Recipients7F8D752A",
        "TokensTable": "Tokens1180AAEA",
        "TicketsTable": "Tickets83B11BB2",
        "CountsTable": "Counts7F28E4F7",
        "ReportsTable": "Reports65402A0A",
        "MailBucket": "Mail6A3D1F64",
        "BusName": "BusEA82B648",
    }
