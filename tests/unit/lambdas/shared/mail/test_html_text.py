import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.html_text import marked, read


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br><br>Three", "One\nTwo\n\nThree"),
        ("  lots \n of\t blanks ", "lots of blanks"),
        ("<b>bold</b>er", "bolder"),
        ("a&nbsp;b &amp; c &lt;d&gt;", "a b & c <d>"),
        ("<ul><li>One<li>Two</ul>", "* One\n* Two"),
        ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d"),
        ("<pre>keep\n  this</pre>", "keep\n  this"),
        ("<blockquote>said</blockquote>answer", "> said\n\nanswer"),
        ('<a href="https://example.org/x">here</a>', "here <https://example.org/x>"),
        ('<a href="https://example.org">example.org</a>', "example.org"),
        ('<a href="mailto:a@example.org">a@example.org</a>', "a@example.org"),
        ('<a href="javascript:x()">here</a>', "here"),
        ('<img src="cid:1" alt="lamp.png">', "[lamp.png]"),
        ('<img src="https://x.example/p.gif" alt="Logo">', "Logo"),
        ("<head><title>no</title><style>no</style></head><script>no</script>yes", "yes"),
        ('<div style="display: none">no</div>yes', "yes"),
        ("<!-- no -->yes", "yes"),
        ("a&#1;b\x02c\x1b[1md&#27;", "abc[1md"),
        ("One<hr>Two", "One\n--------------------\nTwo"),
        ("", ""),
    ],
)
def test_pages_become_text(page, expected):
    assert read(page) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('new<blockquote type="cite">old</blockquote>', "new\n\n> old"),
        ('new<blockquote class="gmail_quote">old</blockquote>', "new\n\n> old"),
        ('new<div class="yahoo_quoted">old</div>', "new\n> old"),
        ('new<div class="moz-cite-prefix">On x:</div>', "new\n> On x:"),
        ('new<div id="divRplyFwdMsg">old</div>older', "new\n> old\n> older"),
        ('new<div id="x_appendonsend"></div><div>old</div>', "new\n> old"),
        ('new<div class="protonmail_quote">old</div>', "new\n> old"),
        ("new<blockquote>indented</blockquote>", "new\n\n\x01indented"),
        ('new<div class="gmail_signature">Mia</div>', "new\n\x02\nMia"),
        (
            'new<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">From: x</div>old',
            "new\n> From: x\n> old",
        ),
    ],
)
def test_what_programs_mark_is_marked(page, expected):
    assert marked(page) == expected


@pytest.mark.parametrize(
    "page", ["<div>" * 50_000 + "deep", "<font><p>deep" * 20_000, "<b>x" * 50_000, "<table><td>" * 20_000]
)
def test_pages_that_would_explode_are_stripped_instead(page):
    assert "<" not in read(page)


@given(st.text(alphabet="<>/abdivpre&#;x='\" \n-!", max_size=300))
def test_any_page_becomes_text(page):
    assert isinstance(read(page), str)
    assert isinstance(marked(page), str)
