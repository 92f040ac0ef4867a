import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.connect.adf_text import plain


def doc(*nodes):
    return {"type": "doc", "version": 1, "content": list(nodes)}


def text(said, *marks):
    return {"type": "text", "text": said, **({"marks": list(marks)} if marks else {})}


def paragraph(*nodes):
    return {"type": "paragraph", "content": list(nodes)}


def node(type, *content, **attrs):
    return {"type": type, "attrs": attrs, "content": list(content)}


LINK = {"type": "link", "attrs": {"href": "https://acme.test"}}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.fixed_dictionaries(
            {
                "type": st.sampled_from(
                    ["doc", "text", "paragraph", "bulletList", "orderedList", "codeBlock", "date", "table"]
                )
            },
            optional={"content": inner | st.lists(inner, max_size=3), "attrs": inner, "text": inner, "marks": inner},
        )
        | st.dictionaries(
            st.sampled_from(["type", "content", "attrs", "href", "order", "timestamp"]), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (paragraph(text("a"), {"type": "hardBreak"}, text("b")), "a\nb"),
        (paragraph(text("here", LINK)), "here (https://acme.test)"),
        (paragraph(text("https://acme.test", LINK)), "https://acme.test"),
        (paragraph(text("bold", {"type": "strong"})), "bold"),
        (paragraph(node("mention", text="@Ann", id="1"), text(" hello")), "@Ann hello"),
        (paragraph(node("emoji", shortName=":fire:", text="🔥")), "🔥"),
        (paragraph(node("inlineCard", url="https://acme.test/x")), "https://acme.test/x"),
        (paragraph(node("date", timestamp="1790985600000")), "2026-10-03"),
        (paragraph(node("status", text="DONE")), "DONE"),
        (node("heading", text("Title"), level=2), "Title"),
        (node("rule"), "---"),
        (node("codeBlock", text("a\n```"), language="sh"), "````sh\na\n```\n````"),
        (node("blockquote", paragraph(text("a")), paragraph(text("b"))), "> a\n>\n> b"),
        (node("orderedList", node("listItem", paragraph(text("x"))), order=3), "3. x"),
        (
            node(
                "bulletList",
                node("listItem", paragraph(text("x")), node("bulletList", node("listItem", paragraph(text("y"))))),
            ),
            "- x\n  - y",
        ),
        (
            node("taskList", node("taskItem", text("x"), state="DONE"), node("taskItem", text("y"), state="TODO")),
            "[x] x\n[ ] y",
        ),
        (node("panel", paragraph(text("careful")), panelType="warning"), "careful"),
        (node("expand", paragraph(text("inside")), title="More"), "More\n\ninside"),
        (
            node(
                "table",
                node("tableRow", node("tableHeader", paragraph(text("a"))), node("tableCell", paragraph(text("b")))),
            ),
            "a | b",
        ),
        (node("mediaSingle", node("media", id="1", alt="plan.png")), "plan.png"),
        (node("somethingNew", paragraph(text("kept"))), "kept"),
    ],
)
def test_a_node_is_told_in_plain_text(given, said):
    assert plain(doc(given)) == said


def test_blocks_have_an_empty_line_between():
    assert plain(doc(paragraph(text("a")), paragraph(), paragraph(text("b")))) == "a\n\nb"


def test_a_string_is_itself():
    assert plain("as version 2 gives it") == "as version 2 gives it"


def test_nothing_is_no_text():
    assert plain(None) == ""


@given(JSON)
def test_any_json_gives_a_text(given):
    assert isinstance(plain(given), str)


def test_a_document_that_is_too_deep_ends():
    deep = text("x")
    for _ in range(900):
        deep = node("blockquote", deep)
    assert "x" not in plain(doc(deep))
