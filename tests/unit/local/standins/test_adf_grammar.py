import pytest

from local.standins.adf_grammar import faults

TEXT = {"type": "text", "text": "x"}
PARAGRAPH = {"type": "paragraph", "content": [TEXT]}


def doc(*nodes):
    return {"type": "doc", "version": 1, "content": list(nodes)}


def test_a_document_of_all_kinds_has_no_fault():
    item = {"type": "listItem", "content": [PARAGRAPH]}
    link = {**TEXT, "marks": [{"type": "link", "attrs": {"href": "https://acme.test"}}]}
    nodes = [
        PARAGRAPH,
        {"type": "paragraph", "content": [link, {"type": "hardBreak"}]},
        {"type": "orderedList", "attrs": {"order": 3}, "content": [item]},
        {"type": "blockquote", "content": [PARAGRAPH, {"type": "bulletList", "content": [item]}]},
        {"type": "codeBlock", "attrs": {"language": "sh"}, "content": [TEXT]},
    ]
    assert faults(doc(*nodes)) == []


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("text", "no document of version 1"),
        ({"type": "doc", "content": []}, "no document of version 1"),
        (doc(TEXT), "doc/0:text: not within doc"),
        (doc({"type": "paragraph", "content": [{**TEXT, "text": "x" * 32_768}]}), "longer than 32767 characters"),
        (doc({"type": "paragraph", "content": [{"type": "text", "text": ""}]}), "doc/0:paragraph/0:text: empty text"),
        (doc({"type": "bulletList", "content": []}), "doc/0:bulletList: no content"),
        (doc({"type": "bulletList", "content": [PARAGRAPH]}), "doc/0:bulletList/0:paragraph: not within bulletList"),
        (
            doc({"type": "blockquote", "content": [{"type": "blockquote", "content": [PARAGRAPH]}]}),
            "doc/0:blockquote/0:blockquote: not within blockquote",
        ),
        (
            doc({"type": "codeBlock", "content": [{**TEXT, "marks": []}]}),
            "doc/0:codeBlock/0:text: marks in code",
        ),
        (doc({**PARAGRAPH, "html": "<b>"}), "doc/0:paragraph: html"),
    ],
)
def test_what_jira_would_refuse_is_a_fault(document, fault):
    assert faults(document) == [fault]
