import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.html_nesting import well_nested
from tests.unit.lambdas.shared.mail.strict_page import ELEMENTS, Page


@pytest.mark.parametrize(
    ("page", "nested"),
    [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<b>a<i>b</b>c</i>d", "<b>a<i>b</i></b>cd"),
        ("<b><p>a</b>b", "<b><p>a</p></b>b"),
        ("<span><p>a</span>b</p>c", "<span><p>ab</p>c</span>"),
        ("<div><b>a</div>b", "<div><b>a</b></div>b"),
        ("a</div></p></td>b", "ab"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("<dl><dt>a<dd>b<dt>c", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        ("<a href=x>a<a href=y>b", '<a href="x">a</a><a href="y">b</a>'),
        ("<h1>a<h2>b", "<h1>a</h1><h2>b</h2>"),
        ("<table><tr><td>a<td>b<tr><td>c</table>d", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>d"),
        ("<table><td>a</table>", "<table><tr><td>a</td></tr></table>"),
        (
            "<table><thead><tr><th>a<tbody><tr><td>b",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        ("<table>a<tr><td>b</table>", "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"),
        ("<table><tr><b>a</b><td>b</table>", "<table><tr><td><b>a</b></td><td>b</td></tr></table>"),
        (
            "<table><td><table><td>a</table></div>b</table>",
            "<table><tr><td><table><tr><td>a</td></tr></table>b</td></tr></table>",
        ),
        ("<td>a</td>", "a"),
        ("<b><table><td></b>a</table>b", "<b><table><tr><td>a</td></tr></table>b</b>"),
        ("<div>" * 300 + "a", "<div>" * 256 + "a" + "</div>" * 256),
        ('<O:P>a</o:p><P TITLE="x\'y" title=z a=b/>c', 'a<p title="x\'y" a="b/">c</p>'),
        ("<p title='a\"b' x>c", '<p title="a&quot;b" x="">c</p>'),
        ("<body text=red>a</body>", '<div text="red" style="color:red;">a</div>'),
        ("a<br/>b<hr>c</br>", "a<br>b<hr>c"),
        ("a &amp; b < c <3 & d", "a &amp; b &lt; c &lt;3 & d"),
        ("<script>a</SCRIPT >b<svg>c", "bc"),
        ("a<title>b", "a"),
    ],
)
def test_elements_are_closed_in_their_turn(page, nested):
    assert well_nested(page, ELEMENTS) == nested


TAGS = st.sampled_from(sorted(ELEMENTS - {"br", "hr", "img", "wbr"})).flatmap(
    lambda name: st.sampled_from([f"<{name}>", f"</{name}>"])
)


@given(st.lists(TAGS | st.just("x"), max_size=40))
def test_every_element_is_closed_in_its_turn_and_all_text_stays(pieces):
    nested = well_nested("".join(pieces), ELEMENTS)
    assert Page(nested).text == "x" * pieces.count("x")
    assert well_nested(nested, ELEMENTS) == nested


def test_many_references_are_parted():
    nested = well_nested("&amp;" * 25_000, ELEMENTS)
    assert nested == "&amp;" * 10_000 + "<wbr>" + "&amp;" * 10_000 + "<wbr>" + "&amp;" * 5_000
