import json
import shutil

import pytest

from cli.editions import NoTemplates, compiled
from cli.template_rules import faults
from infra.templates import TEMPLATES


@pytest.fixture
def said(tmp_path):
    """What is wrong with the notice in English after changes: `said({"body.txt": ("old", "new")})`."""

    def check(changes=None, **sample):
        for path in (*TEMPLATES.glob("_*"), TEMPLATES / "notice"):
            copy = shutil.copytree if path.is_dir() else shutil.copy
            copy(path, tmp_path / path.name)
        for name, (old, new) in (changes or {}).items():
            path = tmp_path / "notice" / name
            assert old in path.read_text()
            path.write_text(path.read_text().replace(old, new))
        path = tmp_path / "notice" / "sample.json"
        given = {**json.loads(path.read_text()), **sample}
        path.write_text(json.dumps({key: value for key, value in given.items() if value is not None}))
        with compiled("local", tmp_path) as mails:
            return faults(mails, mails.editions[0])

    return check


def body(old, new):
    return {"body.mjml": (old, new)}


def text(added):
    """The HTML with something more in it."""
    return body("<mj-text>{{ text | lines }}</mj-text>", f"<mj-text>{{{{ text | lines }}}}{added}</mj-text>")


def test_nothing_is_wrong_with_a_good_mail(said):
    assert said() == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"subject.txt": ("{{ title }}", "")}, "subject.txt: is empty"),
        (
            {"body.txt": ("{{ link | url }}", "click")},
            "body.txt: lacks the link https://example.com/hours, which the HTML has",
        ),
        (
            body("<mj-preview>{{ text }}</mj-preview>", ""),
            "body.mjml: has no <mj-preview>, the line that lists of mails",
        ),
        (body("<mj-title>{{ title }}</mj-title>", ""), "body.mjml: has no <mj-title>"),
        (body('lang="en"', 'lang="de"'), 'body.mjml: must begin with <mjml lang="en">, by which screen readers choose'),
        (
            body('<mj-include path="../_head.mjml" />', ""),
            "body.mjml: says nothing of dark mode; include ../_head.mjml",
        ),
        (
            text('<img src="https://example.com/a.png" />'),
            "body.mjml: the picture https://example.com/a.png has no alt text, which stands in its place until it is",
        ),
        (
            body("<mj-body ", '<mj-body width="720px" '),
            "body.mjml: is 720 pixels wide; mail programs show 600 without scrolling",
        ),
        (
            text('<a href="https://example.com/hours"></a>'),
            "body.mjml: the link to https://example.com/hours has no text",
        ),
        (text("<script>1</script>"), "body.mjml: has <script>, which mail programs remove or distrust"),
        (text("<form></form>"), "body.mjml: has <form>, which mail programs remove or distrust"),
        (text('<b onclick="x()">b</b>'), "body.mjml: has onclick=, and mail runs no script"),
        (
            text("<style>@import 'https://example.com/a.css'</style>"),
            "body.mjml: its CSS has @import, and mail programs load no fonts or styles from elsewhere",
        ),
        (
            text('<b style="background:url(https://example.com/a.png)">b</b>'),
            "body.mjml: its CSS has url(, and mail programs load no fonts or styles from elsewhere",
        ),
        (text("x" * 110_000), "body.mjml: makes 116 KB of HTML; Gmail cuts off what is longer than 102 KB"),
    ],
)
def test_what_mail_programs_do_not_take_is_a_fault_with_its_file(said, changes, fault):
    [found] = said(changes)
    assert found.startswith(fault)


FOOTER = '<mj-include path="../_footer.mjml" />'
SHOWN = '<mj-raw>{% if unsubscribe %}<a href="{{ unsubscribe | url }}">Out</a>{% endif %}</mj-raw>'
TEXT_LINK = "as marketing: the template's text shows no link to unsubscribe: add {{ unsubscribe | url }}"
HTML_LINK = (
    "as marketing: the template's HTML shows no link to unsubscribe: add one to {{ unsubscribe | url }}, with its words"
)


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (body(FOOTER, ""), [HTML_LINK]),
        (body(FOOTER, SHOWN), []),
        (
            {"body.txt": ('{% include "_footer.txt" %}', "")},
            ["body.txt: lacks the link https://pages.example/unsubscribe/sample, which the HTML has", TEXT_LINK],
        ),
        (
            body(FOOTER, SHOWN.replace("<a ", '<i style="display:none"><a ').replace("</a>", "</a></i>")),
            ["as marketing: body.mjml hides the link to unsubscribe, 'Out'; it must be easy to see"],
        ),
    ],
)
def test_a_mail_that_is_meant_for_marketing_keeps_the_providers_rules(said, changes, faults):
    assert said(changes) == faults


def test_a_misspelt_variable_is_found_even_where_it_is_optional(said):
    assert said({"body.txt": ("action | default", "acton | default")}) == [
        "sample.json: has no `acton`, which the template uses; add it there, or correct the template"
    ]


def test_a_sample_that_no_template_uses_is_found(said):
    assert said(colour="red") == [
        "sample.json: has `colour`, which the template does not use; remove it there, or correct the template"
    ]


def test_a_sample_that_makes_no_mail_is_found(said):
    assert said(text=None) == [
        "sample.json: has no `text`, which the template uses; add it there, or correct the template",
        "sample.json: template 'notice': `text` is missing",
    ]


def laid_out(folder, files):
    (folder / "welcome").mkdir()
    for name, written in files.items():
        (folder / "welcome" / name).write_text(written)
    with compiled("local", folder) as mails:
        return mails.editions


WELCOME = {
    "subject.txt": "Hi",
    "body.txt": "Hello",
    "body.mjml": "<mjml><mj-body></mj-body></mjml>",
    "sample.json": "{}",
}


@pytest.mark.parametrize("missing", WELCOME)
def test_a_template_without_a_part_is_told_which(tmp_path, missing):
    with pytest.raises(NoTemplates, match=rf"^templates/welcome/{missing} is missing\.$"):
        laid_out(tmp_path, {name: text for name, text in WELCOME.items() if name != missing})


@pytest.mark.parametrize(
    ("sample", "said"), [("{", "sample.json is not JSON: "), ("[]", "sample.json must be an object")]
)
def test_a_sample_is_an_object(tmp_path, sample, said):
    with pytest.raises(NoTemplates, match=f"^templates/welcome: {said}"):
        laid_out(tmp_path, WELCOME | {"sample.json": sample})
