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
    placeholders = '{% if name %}Dear {{ name | title }}{% endif %} <a href="{{ link }}?a=1&amp;b={{ b }}">go</a>'
    assert placeholders in mails({"welcome/body.mjml": mjml(placeholders)})["welcome/body.html"]


def test_mails_share_what_lies_beside_their_folders(mails):
    look = '<mj-attributes><mj-text color="#123456" /></mj-attributes>'
    welcome = mjml("Hello", head='<mj-include path="../_look.mjml" />')
    compiled = mails({"_look.mjml": look, "welcome/body.mjml": welcome})
    assert "color:#123456" in compiled["welcome/body.html"]
    assert list(compiled) == ["welcome/body.html"]


def test_a_mail_that_does_not_compile_is_named(mails):
    with pytest.raises(BrokenTemplate, match=r"^templates/welcome/body\.mjml is not valid MJML: .*at position 6:13"):
        mails({"welcome/body.mjml": "<mjml><mj-bod></mjml>"})
