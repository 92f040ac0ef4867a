from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lambdas.connect.adf import document
from lambdas.connect.adf_text import plain
from local.standins.adf_grammar import faults

WORDS = st.text("abcxyz äß図.,:;!?()'\"&<>|*_`~#+=-", min_size=1, max_size=30).map(str.strip)
# Lines that are nothing but text: none begins a list, a quote or code, and none holds an address.
LINE = WORDS.filter(lambda line: line and line[0] in "abcxyzäß図")
PARAGRAPH = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
BULLETS = st.lists(LINE, min_size=1, max_size=3).map(lambda lines: "\n".join(f"- {line}" for line in lines))
NUMBERS = st.lists(LINE, min_size=1, max_size=3).map(
    lambda lines: "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
)
CODE = (
    st.lists(st.text("abc {}();=\"'", max_size=20), min_size=1, max_size=3)
    .filter(any)
    .map(lambda lines: "```\n" + "\n".join(lines) + "\n```")
)
QUOTE = PARAGRAPH.map(lambda text: "\n".join(f"> {line}" for line in text.split("\n")))
LINKED = LINE.map(lambda line: f"{line} https://acme.test/a?b=c&d=(e)#f")
BLOCK = st.one_of(PARAGRAPH, BULLETS, NUMBERS, QUOTE, LINKED, CODE)


def follows(blocks):
    """Whether each is a block of its own: two lists, or two quotes, with an empty line between are one list for us."""
    return all(before[:1] != after[:1] for before, after in pairwise(blocks))


def types(text):
    return [node["type"] for node in document(text)["content"]]


def words(node):
    return node.get("text", "") + " ".join(words(child) for child in node.get("content", []))


def test_paragraphs_are_parted_by_empty_lines_and_keep_their_lines():
    assert document("Hello,\nit burns.\n\n\nMia") == {
        "type": "doc",
        "version": 1,
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "Hello,"},
                    {"type": "hardBreak"},
                    {"type": "text", "text": "it burns."},
                ],
            },
            {"type": "paragraph", "content": [{"type": "text", "text": "Mia"}]},
        ],
    }


def test_a_list_may_follow_its_heading_at_once():
    assert types("Needed:\n- paper\n* toner\n• ink") == ["paragraph", "bulletList"]
    assert len(document("- paper\n* toner\n• ink")["content"][0]["content"]) == 3


def test_a_numbered_list_keeps_its_first_number():
    (node,) = document("3. three\n4) four")["content"]
    assert (node["type"], node["attrs"], len(node["content"])) == ("orderedList", {"order": 3}, 2)


def test_a_number_at_the_start_of_a_line_within_a_sentence_is_no_list():
    assert types("It was in\n2019. Then it broke.") == ["paragraph"]


def test_a_list_holds_a_list_and_the_rest_of_its_lines():
    (outer,) = document("- paper\n  from the cellar\n  - white\n  - grey\n- toner")["content"]
    assert [node["type"] for node in outer["content"][0]["content"]] == ["paragraph", "bulletList"]
    assert len(outer["content"]) == 2


def test_a_quote_within_a_quote_keeps_its_sign():
    (node,) = document("> Ann wrote:\n> > it burns\n> \n> - a")["content"]
    assert node["type"] == "blockquote"
    assert [inner["type"] for inner in node["content"]] == ["paragraph", "bulletList"]
    assert node["content"][0]["content"][2] == {"type": "text", "text": "> it burns"}


def test_fenced_and_indented_lines_are_code():
    assert document("```python\nif a:\n    b()\n```")["content"] == [
        {"type": "codeBlock", "attrs": {"language": "python"}, "content": [{"type": "text", "text": "if a:\n    b()"}]}
    ]
    assert document("    a\n\n      b")["content"] == [
        {"type": "codeBlock", "content": [{"type": "text", "text": "a\n\n  b"}]}
    ]


def test_a_fence_that_nobody_closes_goes_to_the_end():
    assert document("```\na\n\nb")["content"] == [
        {"type": "codeBlock", "content": [{"type": "text", "text": "a\n\nb"}]}
    ]


def test_an_address_is_a_link_without_the_punctuation_around_it():
    (paragraph,) = document("See (https://acme.test/a_(b)), or https://acme.test/c.")["content"]
    links = [node["text"] for node in paragraph["content"] if "marks" in node]
    assert links == ["https://acme.test/a_(b)", "https://acme.test/c"]
    assert words(paragraph) == "See ( https://acme.test/a_(b) ), or  https://acme.test/c ."


def test_only_web_addresses_are_links():
    (paragraph,) = document("javascript:alert(1) file:///etc/passwd data:text/html,x https:// http://. https://)")[
        "content"
    ]
    assert all("marks" not in node for node in paragraph["content"])


def test_blanks_alone_have_no_content():
    assert document(" \n\t\n")["content"] == []


@given(st.lists(BLOCK, min_size=1, max_size=4).filter(follows))
def test_what_is_written_with_care_comes_back_as_it_was(blocks):
    text = "\n\n".join(blocks)
    assert faults(document(text)) == []
    assert plain(document(text)) == text


HOSTILE = st.text(
    st.sampled_from("ab \n\t\r\x00\x0b\x1c\x85\u2028\ud800\ufffe>-*•`123.)(]:/htps<\"'\\{}図"), max_size=120
)


@given(st.one_of(HOSTILE, st.text(max_size=200)))
def test_any_text_becomes_a_document_that_is_allowed(text):
    made = document(text)
    assert faults(made) == []
    assert isinstance(plain(made), str)


@given(
    st.lists(
        st.sampled_from(["alpha", "beta", "gamma", "> ", "- ", "1. ", "\n", "\n\n", "    ", "```\n", " "]), max_size=40
    )
)
def test_no_word_is_lost_or_changes_its_place(parts):
    text = "".join(parts)
    kept = "".join(each for each in words(document(text)) if each in "abeghlmpt")
    assert kept == "".join(each for each in text if each in "abeghlmpt")


def test_ten_thousand_quotes_and_lists_are_read():
    assert faults(document("> " * 10_000 + "a")) == []
    assert faults(document("- " * 10_000 + "a")) == []
    assert faults(document("https://" + "(" * 2_000 + ")" * 2_000 + "." * 2_000)) == []
