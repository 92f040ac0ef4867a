import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.mail.safe_html import safe_html
from tests.unit.lambdas.shared.mail.strict_page import Page, check

IMAGES = {"lamp@example.org": "https://bucket.example/lamp?a=1&b=2"}
REMOTE = ("http://", "https://")


def shown(html, *, remote=False):
    """(elements inside the wrapping <div>, text, blocked)"""
    safe = safe_html(html, IMAGES, remote=remote)
    check(safe.html, remote=REMOTE if remote else (), images=IMAGES.values())
    page = Page(safe.html)
    return page.elements[1:], page.text, safe.blocked


def only(html, *, remote=False):
    """The attributes of the only element, without those that every such element has."""
    [(_, attributes)], _, blocked = shown(html, remote=remote)
    return {k: v for k, v in attributes.items() if k not in ("rel", "target", "referrerpolicy")}, blocked


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<script>alert(1)</script>a", "a"),
        ("<style>p { color: red }</style>a", "a"),
        ("<p onclick=alert(1) id=x class=y name=z>a</p>", "a"),
        ('<form action="https://x.example"><input value=1><button>a</button></form>', "a"),
        ('<iframe src="https://x.example">no</iframe>a', "a"),
        ('<object data="x.swf"><embed src="x.swf">a</object>', "a"),
        (
            '<meta http-equiv=refresh content="0;url=https://x.example"><base href="https://x.example"><link rel=x>a',
            "a",
        ),
        ("<svg onload=alert(1)><title>no</title></svg>a", "a"),
        (
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>a",
            "a",
        ),
        ("<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'></style></svg>a", "a"),
        ('<noscript><p title="</noscript><img src=x onerror=alert(1)>">a</p></noscript>', '">a'),
        ("<template><script>alert(1)</script></template>a", "a"),
        ("<textarea><img src=x onerror=alert(1)></textarea>a", "a"),
        ("<!--[if mso]><p>no</p><![endif]-->a<!-- > --><![if !mso]>b<![endif]><?php x ?>", "ab"),
        ("<scr<script>ipt>a", "ipt>a"),
        ("<scr\0ipt>alert(1)</scr\0ipt>a", "a"),
        ("<<p>a", "<a"),
        ("1 < 2 & 3 &lt;b&gt; &#60;i&#62; <3", "1 < 2 & 3 <b> <i> <3"),
        ("</div></div></main></body></html>a", "a"),
        ("a<!-- never ends <p>b", "a"),
        ("a<p title='never ends>b", "a"),
        ("\ud800a", "?a"),
        ("", ""),
    ],
)
def test_nothing_runs_and_the_text_stays(html, text):
    assert shown(html)[1] == text


@pytest.mark.parametrize(
    ("html", "href"),
    [
        ('<a href="https://x.example/a?b=1&amp;c=2">a</a>', "https://x.example/a?b=1&c=2"),
        ("<a href='HTTP://x.example/a b'>a</a>", "HTTP://x.example/a%20b"),
        ("<a href=mailto:mia@example.org>a</a>", "mailto:mia@example.org"),
        ("<a href='javascript:alert(1)'>a</a>", None),
        ("<a href='&#106;ava&#10;script:alert(1)'>a</a>", None),
        ("<a href='\x01javascript:alert(1)'>a</a>", None),
        ("<a href='data:text/html,<script>alert(1)</script>'>a</a>", None),
        ("<a href='vbscript:x'>a</a>", None),
        ("<a href='tel:123'>a</a>", None),
        ("<a href='/tickets/1'>a</a>", None),
        ("<a href='//x.example'>a</a>", None),
        ("<a href='#top' name=top>a</a>", None),
        ("<a href='cid:lamp@example.org'>a</a>", None),
    ],
)
def test_links_go_to_the_web_and_to_addresses_alone(html, href):
    assert only(html)[0].get("href") == href


@pytest.mark.parametrize(
    ("html", "attributes"),
    [
        ("<img src='cid:lamp@example.org' alt=lamp>", {"src": "https://bucket.example/lamp?a=1&b=2", "alt": "lamp"}),
        ("<img src='CID:lamp%40example.org'>", {"src": "https://bucket.example/lamp?a=1&b=2"}),
        ("<img src='cid:other@example.org' alt=lamp>", {"alt": "lamp"}),
        (
            "<img src='data:image/png;base64,iVBO\nRw0=' width=20>",
            {"src": "data:image/png;base64,iVBORw0=", "width": "20"},
        ),
        ("<img src='data:image/svg+xml;base64,AAAA' alt=x>", {"alt": "x"}),
        ("<img src='data:text/html,x'>", {}),
        ("<img src='lamp.png' alt=lamp>", {"alt": "lamp"}),
        ("<img src='file:///etc/passwd'>", {}),
    ],
)
def test_images_that_came_with_the_mail_are_shown_and_no_others(html, attributes):
    assert only(html) == (attributes, 0)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<img src='https://t.example/p.gif'>", {"src": "https://t.example/p.gif"}),
        ("<img src='HTTP://t.example/a b.gif'>", {"src": "HTTP://t.example/a%20b.gif"}),
        ("<img src='//t.example/p.gif'>", {"src": "https://t.example/p.gif"}),
        (
            "<img srcset='https://t.example/1.gif 1x,\n https://t.example/2.gif 2x'>",
            {"srcset": "https://t.example/1.gif 1x, https://t.example/2.gif 2x"},
        ),
        (
            "<p style='color:red;background:#fff url(https://t.example/p.gif) no-repeat'></p>",
            {"style": "color:red;background:#fff no-repeat url('https://t.example/p.gif')"},
        ),
        (
            '<p style="background-image: url(&quot;//t.example/p.gif&quot;)"></p>',
            {"style": "background-image:url('https://t.example/p.gif')"},
        ),
        ("<body background='https://t.example/p.gif'>", {"style": "background-image:url('https://t.example/p.gif')"}),
    ],
)
def test_remote_images_are_blocked_and_counted_unless_asked_for(html, kept):
    blocked, count = only(html)
    assert (count, [value for value in blocked.values() if "t.example" in value]) == (1, [])
    assert only(html, remote=True) == (kept, 0)


def test_each_remote_image_of_a_mail_counts():
    page = "<table background='https://t.example/1'><tr><td><img src='https://t.example/2'><img src='//t.example/3'>"
    assert shown(page)[2] == 3
    assert shown(page, remote=True)[2] == 0


def test_a_body_keeps_its_colours():
    html = "<html><head><title>no</title></head><body bgcolor='#000000' text=white style='margin:0'>a</body></html>"
    assert only(html)[0] == {"style": "background-color:#000000;color:white;margin:0"}


def test_what_mail_programs_write_stays():
    page = (
        '<table width="100%" cellpadding=0><tr><td colspan=2 align=center bgcolor="#eeeeee" style="padding: 8px 4px">'
        '<font color="#333333" face="Arial" size="-1"><b>One</b></font></td></tr></table><ol start=3><li>Two</ol>'
    )
    elements, text, _ = shown(page)
    assert text == "OneTwo"
    assert elements == [
        ("table", {"width": "100%", "cellpadding": "0"}),
        ("tbody", {}),
        ("tr", {}),
        ("td", {"colspan": "2", "align": "center", "bgcolor": "#eeeeee", "style": "padding:8px 4px"}),
        ("font", {"color": "#333333", "face": "Arial", "size": "-1"}),
        ("b", {}),
        ("ol", {"start": "3"}),
        ("li", {}),
    ]


PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<a href=https://x.example>", "</a>", "<a href=javascript:x>",
        "<table>", "</table>", "<tr>", "<td>", "</td>", "<tbody>", "<caption>", "<li>", "<ul>", "</ul>", "<h1>", "<h2>",
        "<svg>", "</svg>", "<math>", "<mtext>", "<mglyph>", "<malignmark>", "<annotation-xml encoding=text/html>",
        "<foreignObject>", "<desc>", "<title>", "</title>", "<style>", "</style>", "<script>", "</script>",
        "<noscript>", "</noscript>", "<textarea>", "</textarea>", "<xmp>", "<plaintext>", "<template>", "</template>",
        "<select>",
        "<option>", "<form>", "</form>", "<button>", "<iframe>", "<frameset>", "<body onload=x>", "<html>", "<head>",
        "<!--", "-->", "--!>", "<!-->", "<![CDATA[", "]]>", "<!doctype html>", "<?xml", "<", ">", "</", "/>", "\0",
        "\x0c", "&", "&lt;", "&#x3c;", "&#0;", "&quot;", "&#", '"', "'", "`", "=", " onerror=alert(1) ", " style='",
        "position:fixed;", "background:url(https://t.example/)", "width:expression(alert(1))", "\\75rl(", "/*", "*/",
        "<img src=x onerror=alert(1)>", "<img src=cid:lamp@example.org>", "<img src=https://t.example/>", "\ud800",
        "<img title='--><img src=1 onerror=alert(1)>'>", "<p id='</style><img src=1 onerror=alert(1)>'>", "<image>",
        "<font color=red>", "</font>", "<nobr>", "<applet>", "<marquee>", "<isindex>", "<br>", "</br>", "text", "ﬁ<ｓ>",
    ]
)  # fmt: skip
HOSTILE = st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join)


@given(HOSTILE, st.booleans())
def test_no_hostile_page_gets_anything_through(page, remote):
    shown(page, remote=remote)


@given(HOSTILE)
def test_what_is_safe_stays_as_it_is(page):
    first = Page(safe_html(page, {}, remote=False).html)
    again = Page(safe_html(safe_html(page, {}, remote=False).html, {}, remote=False).html)
    assert again.text == first.text
    assert again.elements[2:] == first.elements[1:]


PAGES = {
    "depth behind end tags in comments": "<div><!--</div>-->",
    "depth": "<blockquote>",
    "formatting that cells hide the end of": "<font color=#{n}><table><td></font></table>",
    "formatting in paragraphs": "<b><p>x",
    "text between cells": "x<tr></tr>",
    "cells": "<table><td>",
    "links": "<a href=http://x>",
    "half tags": "<",
    "half end tags": "</",
    "half attributes": '<a x="',
    "blanks": "<a               ",
    "half comments": "<!--",
    "comments": "<!-->",
    "drawings": "<svg>",
    "references": "&",
    "paragraphs": "</div><p></p>",
    "comments in styles": '<p style="' + "/*" * 1900 + '">',
    "functions in styles": '<p style="color:' + "rgb(" * 900 + '">',
    "addresses in styles": '<p style="background:' + "url(" * 900 + '">',
    "sets of sources": '<img srcset="' + "//a 1w, " * 900 + '">',
}


@pytest.mark.parametrize("kind", PAGES)
def test_hostile_pages_take_linear_time_and_space(kind):
    """Half a megabyte in three seconds: what took the square of its size took minutes, and gigabytes."""
    piece = PAGES[kind]
    page = "".join(piece.replace("{n}", str(n)) for n in range(500_000 // len(piece)))
    page = (
        "<div>" * 255 + page
        if kind == "paragraphs"
        else "<br>" * 50_000 + "<table>" + page
        if "<tr>" in piece
        else page
    )
    start = time.process_time()
    safe = safe_html(page, {}, remote=False)
    assert time.process_time() - start < 3
    assert len(safe.html) < 8 * len(page) + 1000


def test_only_the_first_million_characters_are_read():
    assert shown("a" * 1_100_000)[1] == "a" * 1_000_000
