import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from lambdas.hooks.take import ticket
from lambdas.shared.http import Refused

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=2)
        | some.dictionaries(some.sampled_from(["issue", "detail", "id", "ticket_id"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("kind", "body", "id_"),
    [
        ("jira", b'{"webhookEvent": "comment_created", "issue": {"id": "10007", "key": "SUP-7"}}', "10007"),
        ("jira", b'\xef\xbb\xbf{"issue": {"id": 10007}}', "10007"),
        ("zendesk", b'{"type": "zen:event-type:ticket.comment_added", "detail": {"id": "35436"}}', "35436"),
        ("zendesk", b'{"ticket_id": 35436}', "35436"),
    ],
)
def test_the_ticket_is_where_each_kind_names_it(kind, body, id_):
    assert ticket(kind, body) == id_


@example(kind="jira", body=b'{"issue": {"id": "7\\u0000"}}')
@example(kind="jira", body="{}".encode("utf-16")[:-1])
@given(kind=some.sampled_from(["jira", "zendesk"]), body=some.binary() | values.map(lambda v: json.dumps(v).encode()))
def test_whatever_is_signed_gives_a_ticket_or_is_refused(kind, body):
    try:
        found = ticket(kind, body)
    except Refused:
        return
    assert found.isascii()
    assert found.isdigit()
    assert len(found) <= 20
