import pytest

from lambdas.shared.mail.html_style import reduced


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: red; FONT-SIZE: 14px", "color:red;font-size:14px"),
        ("font-family: 'Segoe UI', Arial, \"x\"", "font-family:'Segoe UI', Arial, \"x\""),
        ("color: rgba(1, 2, 3, .5) !important", "color:rgba(1, 2, 3, .5) !important"),
        (
            "border-top: solid #E1E1E1 1.0pt; padding: 3.0pt 0cm 0cm 0cm",
            "border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm",
        ),
        ("mso-hide: all; display: none", "display:none"),
        ("position: fixed; z-index: 9; top: 0; color: red", "color:red"),
        ("margin: -5px", ""),
        ("margin-left:\n- 5px", ""),
        ("margin: 0 auto", "margin:0 auto"),
        ("font-family: a-1", "font-family:a-1"),
        ("width: expression(alert(1))", ""),
        ("width: calc(100% + 1px)", ""),
        ("behavior: url(x); -moz-binding: url(x)", ""),
        ("color: \\72 ed", ""),
        ("color: re/**/d; /* width: 1px; */ height: 1px", "color:re d;height:1px"),
        ("color: red } body { color: blue", ""),
        ("@import 'https://t.example/'; color: red", "color:red"),
        ("background: url(javascript:x)", ""),
        ("list-style: url(https://t.example/)", ""),
        ("content: 'x'; cursor: url(https://t.example/)", ""),
        ("color", ""),
        ("color:", ""),
        ("color:red;" * 401, ""),
    ],
)
def test_declarations_that_set_type_colours_and_boxes_stay(style, kept):
    assert reduced(style, remote=True) == (kept, 0)


@pytest.mark.parametrize(
    ("style", "blocked", "kept"),
    [
        (
            "background: #fff url(https://t.example/a) no-repeat",
            "background:#fff no-repeat",
            "background:#fff no-repeat url('https://t.example/a')",
        ),
        ("background-image: URL( 'http://t.example/a' )", "", "background-image:url('http://t.example/a')"),
        ("background: url(//t.example/a)", "", "background:url('https://t.example/a')"),
    ],
)
def test_addresses_stay_where_remote_content_is_wanted(style, blocked, kept):
    assert reduced(style, remote=False) == (blocked, 1)
    assert reduced(style, remote=True) == (kept, 0)
