"""The table in memory answers as DynamoDB does, as far as moto does."""

from datetime import UTC, datetime, timedelta

import boto3
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from lambdas.shared.dynamodb import ConditionFailed
from lambdas.shared.messages import FAILED, OVER_QUOTA, REFUSED, Happening, Messages, Outgoing
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
    st.just(("taken", "m", "ses-2", AT)),
    st.just(("happened", "m", Happening(key="Send#1", kind="Send", at=AT))),
    st.just(("get", "m")),
)


def answered(messages, write):
    method, *arguments = write
    try:
        return getattr(messages, method)(*arguments)
    except ConditionFailed as failed:
        return failed.item


@given(st.lists(WRITES, min_size=3, max_size=12))
@settings(max_examples=40, deadline=None)
def test_the_table_in_memory_answers_as_dynamodb_does(writes):
    with mock_aws():
        table = boto3.resource("dynamodb", region_name="us-east-1").create_table(
            TableName="messages",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        real, ours = Messages(table), Messages(FakeTable())
        assert [answered(ours, write) for write in writes] == [answered(real, write) for write in writes]
