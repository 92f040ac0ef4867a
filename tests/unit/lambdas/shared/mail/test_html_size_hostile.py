"""Pages that seem to close what they open: in comments and in text that is no markup, which no parser does."""

import pytest

from lambdas.shared.mail.html_size import is_safe, stripped


@pytest.mark.parametrize(
    "piece",
    [
        "<div><!--</div>-->",
        "<div><style></div></style>",
        "<div><title></div></title>",
        "<div><style></title></div></style>",
        "<!--><div>-->",
        "<svg><style><div></style>",
        "<div><textarea></div></textarea>",
    ],
)
def test_what_is_closed_where_no_markup_is_stays_open(piece):
    assert not is_safe(piece * 400)


@pytest.mark.parametrize("piece", ["<div><!-- a --></div>", "<!--[if mso]><table><![endif]--><div></div>", "<p>a</p>"])
def test_a_newsletter_with_comments_is_safe(piece):
    assert is_safe(piece * 400)


@pytest.mark.parametrize("piece", ["<!--", "<style>", "<script>"])
def test_what_never_ends_is_read_once(piece):
    assert stripped("shown<div>" + piece * 200_000) == "shown"


def test_a_number_of_no_character_is_none():
    assert stripped("a&#" + "9" * 5000 + ";b&#x" + "f" * 5000 + ";c&#38;") == "a\ufffdb\ufffdc&"
