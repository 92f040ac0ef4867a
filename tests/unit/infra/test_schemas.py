import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.schemas import compile_schemas, compiled
from lambdas.shared.queue import Rejected
from lambdas.shared.schemas import Schemas

ROOT = Path(__file__).parents[3]
EVENTS = ROOT / "docs" / "events"
MAIL = {"to": "mia@example.org", "template": "notice", "idempotency_key": "k"}
FILE = {"filename": "a.txt", "content_type": "text/plain", "content": "QQ=="}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    target = tmp_path_factory.mktemp("bundle") / "schemas"
    compile_schemas(EVENTS.glob("*.json"), target)
    return target


def verdict(schemas, detail_type, detail):
    try:
        return schemas.check(detail_type, detail)
    except Rejected as rejected:
        return str(rejected)


def test_each_schema_becomes_a_module(folder):
    assert {path.stem for path in folder.iterdir()} == {path.stem for path in EVENTS.glob("*.json")}


@pytest.mark.parametrize(
    "detail",
    [
        MAIL,
        [],
        None,
        {"to": "mia@example.org"},
        MAIL | {"to": []},
        MAIL | {"to": ["mia@example.org", "nobody"]},
        MAIL | {"template": "../secret\n"},
        MAIL | {"more": 1},
        MAIL | {"stream": "spam"},
        MAIL | {"headers": {"X-Order": "1", "X-SES-A": "2"}},
        MAIL | {"attachments": [FILE]},
        MAIL | {"attachments": [FILE | {"s3": {"bucket": "abc", "key": "k"}}]},
        MAIL | {"attachments": [FILE | {"filename": "a/b"}]},
        MAIL | {"attachments": [FILE] * 21},
    ],
)
def test_compiled_it_says_what_it_says_in_json(folder, detail):
    assert verdict(Schemas(folder), "SendMail", detail) == verdict(Schemas(EVENTS), "SendMail", detail)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*MAIL, "data", "x"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@given(detail=json_values)
def test_whatever_comes_both_say_the_same(folder, detail):
    assert verdict(Schemas(folder), "UserSignedUp", detail) == verdict(Schemas(EVENTS), "UserSignedUp", detail)


def test_the_modules_need_no_compiler(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "fastjsonschema", None)
    with pytest.raises(Rejected, match=r"UserSignedUp: detail must contain \['email'\] properties"):
        Schemas(folder).check("UserSignedUp", {})


def test_the_modules_hold_nothing_of_the_schemas_words():
    schema = {"type": "object", "required": ["email"], "description": "Sentences and sentences."}
    assert "Sentences" not in compiled(json.dumps(schema))
