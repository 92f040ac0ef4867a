"""The table in memory answers as DynamoDB does, as far as moto does."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import FAILED, OVER_QUOTA, REFUSED, Messages, Outgoing
from lambdas.shared.recipients import Recipients, SoftBounces, Suppression
from lambdas.shared.timeline import Happening
from lambdas.shared.timestamps import iso
from tests.unit.lambdas.shared.outbox.fake_table import FakeTable

AT = "2026-11-21T10:00:00.000Z"
MOMENTS = st.integers(0, 1300).map(lambda seconds: datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=seconds))
MESSAGES = st.builds(
    Outgoing,
    id=st.just("m"),
    recipient=st.just("mia@example.org"),
    stream=st.just("transactional"),
    template=st.just("notice"),
    fingerprint=st.sampled_from(["f1", "f1", "f2"]),
)
WRITES = st.one_of(
    st.tuples(st.just("claim"), MESSAGES, st.just("Hi"), MOMENTS, st.just(600)),
    st.tuples(st.just("close"), MESSAGES, st.just(FAILED), st.just("no"), MOMENTS),
    st.tuples(st.just("fail"), MESSAGES, st.just("no"), MOMENTS),
    st.tuples(st.just("schedule"), MESSAGES, MOMENTS, MOMENTS),
    st.just(("cancel", "m")),
    st.just(("told", "m")),
    st.tuples(st.just("sent"), st.just("m"), st.just("ses-1"), MOMENTS),
    st.tuples(
        st.just("unsent"), st.just("m"), st.integers(1, 3), st.sampled_from([OVER_QUOTA, REFUSED]), st.just("no")
    ),
    st.just(("taken", "m", {"ses_id": "ses-2", "sent_at": AT})),
    st.tuples(
        st.just("happened"),
        st.just("m"),
        st.sampled_from([Happening(key=f"Open#{number}", kind="Open", at=AT) for number in (1, 3)]),
        st.just({"ses_id": "ses-1"}),
        st.sampled_from([(), ("Open#2", "Open#4")]),
    ),
    st.just(("is_settled", "m")),
    st.just(("get", "m")),
)
REASONS = st.builds(
    Suppression,
    scope=st.sampled_from(["all", "all", "marketing"]),
    reason=st.just("no"),
    message_id=st.just("m"),
    evidence=st.sampled_from(["e1", "e2"]),
    at=MOMENTS.map(iso),
    by=st.just("feedback"),
)
STOPS = st.one_of(
    st.tuples(st.just("suppress"), st.just("mia@example.org"), REASONS),
    st.tuples(st.just("soft_bounce"), st.just("Mia@example.org"), st.sampled_from(["e1", "e2"]), MOMENTS.map(iso)),
    st.just(("get", "mia@example.org")),
)


def answered(store, write):
    method, *arguments = write
    more = {"from_domain": "acme.test"} if method == "claim" else {}
    if method == "soft_bounce":
        address, evidence, at = arguments
        arguments, more = [address], {"message_id": "m", "evidence": evidence, "at": at}
        more["limit"] = SoftBounces(most=2, days=14)
    try:
        return getattr(store, method)(*arguments, **more)
    except ConditionFailed as failed:
        return failed.item


@pytest.fixture
def dynamodb():
    with mock_aws():
        yield boto3.resource("dynamodb", region_name="us-east-1")


@pytest.mark.parametrize(
    ("made", "key", "writes"),
    [(Messages, {"id": "m"}, WRITES), (Recipients, {"address": "mia@example.org"}, STOPS)],
)
def test_the_table_in_memory_answers_as_dynamodb_does(dynamodb, made, key, writes):
    [name] = key
    table = dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": name, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    @given(st.lists(writes, min_size=3, max_size=12))
    @settings(max_examples=40, deadline=None)
    def compare(writes):
        table.delete_item(Key=key)
        real, ours = made(table), made(FakeTable())
        assert [answered(ours, write) for write in writes] == [answered(real, write) for write in writes]

    compare()
