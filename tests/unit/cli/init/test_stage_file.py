import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.init.stage_file import NoStages, stages, with_stage, write

OURS = Path("cdk.json").read_text()
NEW = {"region": "eu-west-1", "domain": "acme.com", "mailboxes": [{"name": "Zoë", "address": "a@acme.com"}]}
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def test_a_stage_comes_last_and_no_other_character_changes():
    stages_end = '\n    },\n    "@aws-cdk-containers/'
    before, _, after = OURS.partition(stages_end)
    written = """,
      "shop": {
        "region": "eu-west-1",
        "domain": "acme.com",
        "mailboxes": [
          {
            "name": "Zoë",
            "address": "a@acme.com"
          }
        ]
      }"""
    assert with_stage(OURS, "shop", NEW) == before + written + stages_end + after


def test_a_stage_takes_the_place_of_its_namesake():
    changed = with_stage(OURS, "trial", {"region": "eu-west-2"})
    assert list(stages(changed)) == list(stages(OURS))
    before, after = OURS.partition('"trial": {'), changed.partition('"trial": {')
    assert before[0] == after[0]
    assert after[2].startswith('\n        "region": "eu-west-2"\n      },\n      "example": {')
    assert OURS.endswith(after[2].partition('"example": {')[2])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"context": {"stages": {}}}', '{"context": {"stages": {\n  "a": {\n    "b": 1\n  }\n}}}'),
        (
            '{\r\n  "context": {\r\n    "stages": { }\r\n  }\r\n}\r\n',
            '{\r\n  "context": {\r\n    "stages": {\r\n      "a": {\r\n        "b": 1\r\n      }\r\n    }'
            "\r\n  }\r\n}\r\n",
        ),
        (
            '{\n\t"context": {\n\t\t"stages": {\n\t\t\t"x": {}\n\t\t}\n\t}\n}',
            '{\n\t"context": {\n\t\t"stages": {\n\t\t\t"x": {},\n\t\t\t"a": {\n\t\t\t\t"b": 1\n\t\t\t}\n\t\t}\n\t}\n}',
        ),
    ],
    ids=["on one line", "line ends of Windows", "tabs"],
)
def test_it_is_written_as_the_rest_is(text, expected):
    assert with_stage(text, "a", {"b": 1}) == expected


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("{", "is not JSON: "),
        ("\ufeff{}", "is not JSON: "),
        ("[]", "has no object "),
        ("{}", "has no object "),
        ('{"context": {}}', "has no object "),
        ('{"context": {"stages": []}}', 'has no object "stages" within "context"'),
    ],
)
def test_a_file_without_stages_is_told_as_such(text, lacks):
    with pytest.raises(NoStages) as told:
        with_stage(text, "a", {})
    assert str(told.value).startswith(lacks)


@given(
    before=st.dictionaries(TEXTS, JSON, max_size=3),
    others=st.dictionaries(TEXTS, JSON, max_size=3),
    name=TEXTS,
    new=st.dictionaries(TEXTS, JSON, max_size=3),
    indent=st.sampled_from([None, 1, 2, "\t"]),
)
def test_any_file_says_the_same_but_for_the_stage(before, others, name, new, indent):
    whole = {**before, "context": {**before, "stages": others, "x": 1}, "y": [1]}
    text = json.dumps(whole, indent=indent, ensure_ascii=False)
    found = json.loads(with_stage(text, name, new))
    assert found["context"]["stages"] == others | {name: new}
    assert list(found["context"]["stages"]) == list(others | {name: new})
    found["context"]["stages"] = others
    assert (found, list(found)) == (whole, list(whole))


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "cdk.json"
    path.write_text("old")
    path.chmod(0o640)
    with monkeypatch.context() as full:
        full.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("no space")))
        with pytest.raises(OSError, match="no space"):
            write(path, "new")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("old", [path])
    write(path, "new\r\n")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (b"new\r\n", 0o640, [path])
