import pytest

from infra.templates import BrokenTemplate, compile_templates


@pytest.fixture
def mails(tmp_path):
    """Lays out templates and compiles them: `mails({"welcome/body.txt": "Hi"})` gives the compiled files' texts."""

    def compiled(files):
        for name, text in files.items():
            path = tmp_path / "templates" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        compile_templates(tmp_path / "out", tmp_path / "templates")
        return {str(path.relative_to(tmp_path / "out")): path.read_text() for path in (tmp_path / "out").rglob("*.*")}

    return compiled


def mjml(text, head=""):
    return (
        f"<mjml><mj-head>{head}</mj-head><mj-body><mj-section><mj-column><mj-text>{text}</mj-text></mj-column>"
        "</mj-section></mj-body></mjml>"
    )


def test_functions_find_subject_html_and_text_of_a_mail_but_no_sample(mails):
    files = {"subject.txt": "Hi", "body.txt": "Hello", "body.mjml": mjml("Hello"), "sample.json": "{}"}
    compiled = mails({f"welcome/{name}": text for name, text in files.items()})
    assert sorted(compiled) == ["welcome/body.html", "welcome/body.txt", "welcome/subject.txt"]
    assert compiled["welcome/subject.txt"] == "Hi"


def test_what_minijinja_fills_in_stays_as_it_is(mails):
    placeholders = '{% if name %}Dear {{ name | title }}{% endif %} <a href="{{ link | url }}">&amp; {{ b }}</a>'
    assert placeholders in mails({"welcome/body.mjml": mjml(placeholders)})["welcome/body.html"]


def test_mails_share_what_lies_beside_their_folders(mails):
    look = '<mj-attributes><mj-text color="#123456" /></mj-attributes>'
    welcome = mjml("Hello", head='<mj-include path="../_look.mjml" />')
    compiled = mails({"_look.mjml": look, "welcome/body.mjml": welcome})
    assert "color:#123456" in compiled["welcome/body.html"]
    assert list(compiled) == ["welcome/body.html"]


def test_what_a_mail_includes_must_be_there(mails):
    with pytest.raises(BrokenTemplate, match=r"^templates/welcome/body.mjml includes '_look.mjml', which is not in"):
        mails({"welcome/body.mjml": mjml("Hello", head='<mj-include path="../_look.mjml" />')})


def test_an_included_section_is_as_wide_as_any_other(mails):
    section = "<mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section>"
    whole, parts = mails(
        {
            "_header.mjml": section,
            "a/body.mjml": f"<mjml><mj-body>{section}</mj-body></mjml>",
            "b/body.mjml": '<mjml><mj-body><mj-include path="../_header.mjml" /></mj-body></mjml>',
        }
    ).values()
    assert whole == parts


def test_a_translation_has_what_differs_and_the_rest_in_english(mails):
    files = {"subject.txt": "Hi", "body.txt": "Hello", "body.mjml": mjml("Hello"), "de/body.txt": "Guten Tag"}
    compiled = mails({f"welcome/{name}": text for name, text in files.items()})
    assert compiled["welcome/de/body.txt"] == "Guten Tag"
    assert compiled["welcome/de/subject.txt"] == "Hi"
    assert compiled["welcome/de/body.html"] == compiled["welcome/body.html"]


def test_texts_share_what_lies_beside_their_folders(mails):
    compiled = mails({"_footer.txt": "Acme", "welcome/body.txt": '{% include "_footer.txt" %}'})
    assert compiled == {"_footer.txt": "Acme", "welcome/body.txt": '{% include "_footer.txt" %}'}


def test_css_is_inlined_and_loops_over_rows_stay_in_their_table(mails):
    rows = "{% for row in rows %}<tr><td>{{ row }}</td></tr>{% endfor %}"
    table = f"</mj-text><mj-table><tbody>{rows}</tbody></mj-table><mj-text>"
    head = '<mj-style inline="inline">td { padding: 7px }</mj-style>'
    html = mails({"welcome/body.mjml": mjml(table, head)})["welcome/body.html"]
    inlined = '<tbody>{% for row in rows %}<tr><td style="padding: 7px;">{{ row }}</td></tr>{% endfor %}</tbody>'
    assert inlined in html


def test_what_is_there_only_sometimes_stays_in_its_place(mails):
    button = '<mj-button href="{{ link | url }}">go</mj-button>'
    raw = f"</mj-text><mj-raw>{{% if link %}}</mj-raw>{button}<mj-raw>{{% endif %}}</mj-raw><mj-text>"
    head = '<mj-style inline="inline">td { padding: 7px }</mj-style>'
    html = mails({"welcome/body.mjml": mjml(raw, head)})["welcome/body.html"]
    assert html.index("{% if link %}") < html.index('href="{{ link | url }}"') < html.index("{% endif %}")


@pytest.mark.parametrize("link", ["{{ link }}", "{{ link | upper }}", "{{ link | url }}{{ more }}", "http://a.example"])
def test_a_link_is_a_checked_variable_or_an_https_address(mails, link):
    with pytest.raises(BrokenTemplate, match=r"^templates/welcome/body\.mjml links to "):
        mails({"welcome/body.mjml": mjml(f'<a href="{link}">go</a>')})


@pytest.mark.parametrize(
    "filtered", ['{{ a | default("") | url }}', "{{ a.b() | text }}", "{% if a | lines %}{% endif %}"]
)
def test_a_filter_of_ours_knows_its_variable(mails, filtered):
    with pytest.raises(BrokenTemplate, match=r"^templates/welcome/body\.txt: url, text, lines and choose stand right"):
        mails({"welcome/body.txt": filtered})


def test_a_mail_that_does_not_compile_is_named(mails):
    with pytest.raises(BrokenTemplate, match=r"^templates/welcome/body\.mjml is not valid MJML: .*at position 6:13"):
        mails({"welcome/body.mjml": "<mjml><mj-bod></mjml>"})
