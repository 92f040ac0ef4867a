import pytest

from lambdas.shared.outbox.render import Brand, NotRendered, Templates

ACME = Brand(product="Acme", logo_url=None, color="#123456", footer="")
MAIL = {"subject.txt": "Hi\n", "body.txt": "Hello\n", "body.html": "<p>Hello</p>"}


@pytest.fixture
def made(tmp_path):
    """Lays out templates as a bundle has them: `made({"body.txt": "{{ a }}"})` is a mail `welcome` with that text."""

    def make(files=None, brand=ACME, **places):
        for place, texts in {"welcome": MAIL | (files or {}), **places}.items():
            folder = tmp_path / place.replace("_", "/")
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in texts.items():
                (folder / name).write_text(text)
        return Templates(tmp_path, brand=brand)

    return make


def reason(templates, data, name="welcome"):
    with pytest.raises(NotRendered) as refused:
        templates.render(name, data)
    return str(refused.value)


def test_a_mail_is_a_subject_of_one_line_a_text_and_html(made):
    templates = made({"subject.txt": "Hi {{ name }}\n", "body.txt": "Hello {{ name }}\n", "body.html": "<p>{{ name }}"})
    mail = templates.render("welcome", {"name": "<Mia> & Co."})
    assert (mail.subject, mail.text) == ("Hi <Mia> & Co.", "Hello <Mia> & Co.\n")
    assert mail.html == "<p>&lt;Mia&gt; &amp; Co."


def test_data_cannot_replace_what_is_ours(made):
    templates = made({"body.txt": "{{ product }} {{ unsubscribe }}"})
    data = {"product": "Evil", "unsubscribe": "https://evil.example"}
    assert templates.render("welcome", data).text == "Acme\n"
    assert templates.render("welcome", data, unsubscribe="https://acme.test/u").text == "Acme https://acme.test/u\n"


@pytest.mark.parametrize("file", ["subject.txt", "body.txt", "body.html"])
@pytest.mark.parametrize("data", [{}, {"name": None}], ids=["missing", "null"])
def test_a_variable_that_is_missing_or_null_is_named_with_its_template(made, file, data):
    said = reason(made({file: "Hi {{ name }}"}), data)
    assert said == f"template 'welcome': undefined value: `name` is undefined (in welcome/{file}:1)"


@pytest.mark.parametrize("filtered", ["name | url", "name|text", "name | lines", "name | choose({'a': 'b'})"])
def test_a_variable_that_a_filter_misses_is_named_too(made, filtered):
    assert reason(made({"body.txt": f"{{{{ {filtered} }}}}"}), {}) == "template 'welcome': `name` is missing"


def test_a_value_missing_inside_another_is_named_with_its_place(made):
    lines = made({"body.txt": "{% for line in lines %}{{ line.amount }}{% endfor %}"})
    assert reason(lines, {"lines": [{"amount": "1"}, {}]}).startswith(
        "template 'welcome': undefined value: `line.amoun"
    )


@pytest.mark.parametrize(
    ("filtered", "value", "said"),
    [
        ("code | text", 48213, "`code` must be a text, written as it shall be read"),
        ("amount | text", 12.9, "`amount` must be a text, written as it shall be read"),
        ("note | lines", ["a"], "`note` must be a text, written as it shall be read"),
        ("status | choose({'sent': 'is sent', 'lost': 'is lost'})", "eaten", "`status` must be one of sent, lost"),
        ("status | choose({'sent': 'is sent'})", ["sent"], "`status` must be one of sent"),
    ],
)
def test_a_value_that_does_not_fit_its_place_is_refused_without_repeating_it(made, filtered, value, said):
    name = filtered.split(" ", 1)[0]
    assert reason(made({"body.txt": f"{{{{ {filtered} }}}}"}), {name: value}) == f"template 'welcome': {said}"


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript://a.example/%0aalert(1)",
        " https://a.example",
        "data:text/html,<script>",
        "//a.example/x",
        "/verify/x",
        "https://",
        "https:///x",
        "https://a.example\\@b.example",
        'https://a.example/"onclick="x',
        "https://a.example/a b",
        "https://bücher.example/",
        "mailto:mia@example.org",
        7,
    ],
)
@pytest.mark.parametrize("file", ["body.txt", "body.html"])
def test_a_link_that_is_no_web_address_is_refused(made, file, link):
    said = reason(made({file: '<a href="{{ link | url }}">'}), {"link": link})
    assert said.startswith("template 'welcome': `link` must be an absolute https:// or http:// address")


def test_a_link_is_a_link_in_html_and_stands_as_it_is_in_text(made):
    templates = made({"body.txt": "{{ link | url }}", "body.html": '<a href="{{ link | url }}">'})
    mail = templates.render("welcome", {"link": "https://a.example:8443/x/?a=1&b='2'#c"})
    assert mail.text == "https://a.example:8443/x/?a=1&b='2'#c\n"
    assert mail.html == '<a href="https://a.example:8443/x/?a=1&amp;b=&#x27;2&#x27;#c">'


def test_the_laptops_own_links_are_links(made):
    link = "http://x1y2.execute-api.localhost:4566/verify/abc"
    assert made({"body.txt": "{{ link | url }}"}).render("welcome", {"link": link}).text == f"{link}\n"


def test_line_ends_of_a_text_show_in_html(made):
    templates = made({"body.txt": "{{ note | lines }}", "body.html": "{{ note | lines }}"})
    mail = templates.render("welcome", {"note": "a\r\nb\u2028<c>\x85d"})
    assert (mail.text, mail.html) == ("a\nb\n<c>\nd\n", "a<br />b<br />&lt;c&gt;<br />d")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_line_end_gets_into_the_subject(made, end):
    subject = (
        made({"subject.txt": "Re: {{ title }}"}).render("welcome", {"title": f"a{end}Bcc: eve@example.net"}).subject
    )
    assert subject == "Re: a Bcc: eve@example.net"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800", "\u202e", "\u2066"])
def test_what_is_no_text_is_left_out_everywhere(made, character):
    templates = made({"subject.txt": "{{ a.b }}", "body.txt": "{{ a.b }}", "body.html": "{{ a.b }}"})
    mail = templates.render("welcome", {"a": {"b": f"x{character}y"}})
    assert (mail.subject, mail.text, mail.html) == ("xy", "xy\n", "xy")


def test_letters_of_many_scripts_and_emoji_stay(made):
    title = "Grüße, 日本語, עברית\u200f, क्\u200dष, 👩\u200d🚀"
    assert made({"subject.txt": "{{ title }}"}).render("welcome", {"title": title}).subject == title


def test_parts_that_are_not_there_leave_no_gap_in_the_text(made):
    text = "Hello\n\n{% if a | default %}\n{{ a }}\n{% endif %}\n\nAcme\n\n"
    assert made({"body.txt": text}).render("welcome", {}).text == "Hello\n\nAcme\n"


def test_the_brand_is_the_stages_whatever_the_data_say(made):
    brand = Brand(product="Acme", logo_url="https://acme.test/l.png", color="#123456", footer="Acme, Berlin")
    templates = made({"body.txt": "{{ product }} {{ brand.color }} {{ brand.footer }} {{ brand.logo_url }}"}, brand)
    mail = templates.render("welcome", {"product": "Evil", "brand": {"color": "red;}"}})
    assert mail.text == "Acme #123456 Acme, Berlin https://acme.test/l.png\n"


@pytest.mark.parametrize(
    ("locale", "subject"),
    [
        (None, "Hi"),
        ("de", "Hallo"),
        ("de-CH", "Grüezi"),
        ("de_ch", "Grüezi"),
        ("de-AT", "Hallo"),
        ("de-Latn-AT", "Hallo"),
        ("DE", "Hallo"),
        ("en-GB", "Hi"),
        ("fr", "Hi"),
        ("", "Hi"),
        ("../welcome/de", "Hi"),
        ("de/", "Hi"),
        ("-", "Hi"),
    ],
)
def test_a_mail_comes_in_the_nearest_language_there_is(made, locale, subject):
    german, swiss = MAIL | {"subject.txt": "Hallo"}, MAIL | {"subject.txt": "Grüezi"}
    templates = made(**{"welcome_de": german, "welcome_de-ch": swiss})
    assert templates.render("welcome", {}, locale).subject == subject


@pytest.mark.parametrize(
    "name", ["goodbye", "", "..", "../x", "welcome/de", "welcome/", "WELCOME", "x" * 65, "_footer"]
)
def test_an_unknown_template_is_refused_with_those_there_are(made, name):
    templates = made(alert=MAIL, welcome_de=MAIL)
    assert reason(templates, {}, name) == f"there is no template {name!r}; there are alert, welcome"


def test_a_template_without_a_part_is_refused_rather_than_half_sent(made, tmp_path):
    templates = made()
    (tmp_path / "welcome" / "body.html").unlink()
    with pytest.raises(FileNotFoundError):
        templates.render("welcome", {})
