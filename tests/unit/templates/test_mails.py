"""The mails of templates/, in every language: what they say, what they need, and that no value can break out."""

import re
import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from cli.editions import compiled
from cli.template_rules import faults
from lambdas.shared.outbox.render import NotRendered

SUBJECTS = {
    "acknowledgement": {
        "en": "We have your message: Where is my parcel? [#42]",
        "de": "Wir haben Ihre Nachricht: Wo ist mein Paket? [#42]",
    },
    "alert": {
        "en": "Acme alert: New sign-in to your account",
        "de": "Acme: Warnung – Neue Anmeldung bei Ihrem Konto",
    },
    "delivery-update": {"en": "Your order A-1042 is on its way", "de": "Ihre Bestellung A-1042 ist unterwegs"},
    "notice": {"en": "New opening hours from December", "de": "Neue Öffnungszeiten ab Dezember"},
    "one-time-code": {"en": "Your code for Acme", "de": "Ihr Code für Acme"},
    "password-reset": {"en": "Choose a new password for Acme", "de": "Neues Passwort für Acme"},
    "receipt": {"en": "Your receipt for order A-1042", "de": "Ihre Quittung zur Bestellung A-1042"},
    "ticket-answer": {"en": "Re: Where is my parcel? [#42]", "de": "Re: Wo ist mein Paket? [#42]"},
    "ticket-notification": {
        "en": "[Acme Support #42] Where is my parcel?",
        "de": "[Acme Support #42] Wo ist mein Paket?",
    },
    "verification": {
        "en": "Confirm your e-mail address for Acme",
        "de": "Bitte bestätigen Sie Ihre E-Mail-Adresse für Acme",
    },
}
EDITIONS = [(name, locale) for name, subjects in SUBJECTS.items() for locale in subjects]
LINK = "https://example.com/x"
LEAST = {
    "acknowledgement": {"number": 1, "subject": "", "mailbox": "Support"},
    "alert": {"title": "Hi", "text": "There"},
    "delivery-update": {"order": "1", "status": "packed"},
    "notice": {"title": "Hi", "text": "There"},
    "one-time-code": {"code": "048213", "minutes": 1},
    "password-reset": {"link": LINK, "minutes": 1},
    "receipt": {"order": 1, "lines": [], "total": "€0"},
    "ticket-answer": {"subject": "", "paragraphs": []},
    "ticket-notification": {
        "number": 1,
        "subject": "",
        "requester": "mia@example.org",
        "mailbox": "Support",
        "paragraphs": [],
        "attachments": [],
        "kind": "replied",
    },
    "verification": {"link": LINK, "hours": 1},
}
BY_A_PERSON = {"ticket-answer"}  # with no footer, as a person's mail has none
GIVEN = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def mails():
    with compiled("local") as found:
        yield found


@pytest.fixture
def edition(mails):
    """A mail in one language: `edition("receipt", "de")`."""
    return lambda name, locale: next(e for e in mails.editions if (e.name, e.locale) == (name, locale))


def test_every_mail_is_there_in_english_and_german(mails):
    assert [(edition.name, edition.locale) for edition in mails.editions] == EDITIONS


@pytest.mark.parametrize(("name", "locale"), EDITIONS)
def test_a_mail_is_what_mail_programs_demand(mails, edition, name, locale):
    assert faults(mails, edition(name, locale)) == []


@pytest.mark.parametrize(("name", "locale"), EDITIONS)
def test_the_subject_says_what_the_mail_is_about(mails, edition, name, locale):
    assert mails.rendered(edition(name, locale)).subject == SUBJECTS[name][locale]


@pytest.mark.parametrize(("name", "locale"), EDITIONS)
def test_a_mail_can_do_without_what_is_optional(mails, name, locale):
    mail = mails.templates.render(name, LEAST[name], locale)
    assert "\n\n\n" not in mail.text
    assert mail.text.endswith("\n\nAcme, 1 Example Street, Springfield\n") == (name not in BY_A_PERSON)


@pytest.mark.parametrize(
    ("name", "variable"), [(name, variable) for name, least in LEAST.items() for variable in least]
)
@pytest.mark.parametrize("locale", ["en", "de"])
def test_a_mail_cannot_do_without_what_it_needs(mails, name, locale, variable):
    with pytest.raises(NotRendered, match=rf"^template '{name}': .*`{variable}` is (undefined|missing)"):
        mails.templates.render(name, {**LEAST[name], variable: None}, locale)


def test_the_text_reads_as_if_written_by_hand(mails, edition):
    assert mails.rendered(edition("receipt", "de")).text == (
        "Guten Tag Mia,\n\n"
        "danke für Ihre Bestellung A-1042. Dies ist Ihre Quittung; bitte bewahren\nSie sie auf.\n\n"
        "2 x Notizbuch, Leinen, A5, punktiert: 29,80 €\n"
        "1 x Füllfederhalter, blau, feine Feder: 34,00 €\n"
        "Versand: 4,90 €\ndarin 19 % MwSt.: 10,97 €\nSumme: 68,70 €\n\n"
        "Ihre Bestellung: https://example.com/orders/A-1042\n\n"
        "Acme, 1 Example Street, Springfield\n"
    )


def test_an_answer_is_a_persons_mail_with_signature_and_what_it_answers(mails, edition):
    mail = mails.rendered(edition("ticket-answer", "en"))
    assert mail.text == (
        "Hello Mia,\n\n"
        "your parcel waits at the pick-up point in Example Street 7.\nIt is open until eight tonight.\n\n"
        "Is that far for you? Then we send it once more.\n\n"
        "Ada Example\nAcme Support\n\n"
        "On Fri, 20 Nov 2026 at 14:03 (UTC), Mia Meier wrote:\n\n"
        "> Hello,\n> \n> my parcel A-1042 should have come on Tuesday.\n> Where is it?\n"
    )
    tree = LexborHTMLParser(mail.html)
    shown = [(node.tag, node.text(separator="|")) for node in tree.css("div.plain > *")]
    assert shown == [
        ("p", "Hello Mia,"),
        ("p", "your parcel waits at the pick-up point in Example Street 7.|It is open until eight tonight."),
        ("p", "Is that far for you? Then we send it once more."),
        ("p", "Ada Example|Acme Support"),
        ("p", "On Fri, 20 Nov 2026 at 14:03 (UTC), Mia Meier wrote:"),
        ("blockquote", "Hello,|my parcel A-1042 should have come on Tuesday.|Where is it?"),
    ]
    assert (tree.css("table, img, .card, .head"), len(tree.css("blockquote br"))) == ([], 4)


@pytest.mark.parametrize(
    ("locale", "kind", "first"),
    [
        ("en", "opened", "New ticket 42: Where is my parcel?"),
        ("en", "replied", "New message in ticket 42: Where is my parcel?"),
        ("de", "opened", "Neues Ticket 42: Where is my parcel?"),
        ("de", "replied", "Neue Nachricht in Ticket 42: Where is my parcel?"),
    ],
)
def test_a_notification_says_what_has_come(mails, edition, locale, kind, first):
    data = edition("ticket-notification", "en").sample | {"kind": kind}
    assert mails.templates.render("ticket-notification", data, locale).text.startswith(f"{first}\n")


def test_a_notification_has_the_customers_text_and_names_its_files(mails, edition):
    assert mails.rendered(edition("ticket-notification", "en")).text == (
        "New ticket 42: Where is my parcel?\nFrom Mia Meier <mia@example.org> to Acme Support\n\n"
        "Answer this mail to answer the customer.\n\n"
        "Hello,\n\n"
        "my parcel A-1042 should have come on Tuesday. It is Friday now.\nThe photo shows what the tracking page says."
        "\n\nWhere is it?\nMia\n\n"
        "Attachments: tracking.png, order A-1042.pdf\n\n"
        "Acme, 1 Example Street, Springfield\n"
    )


@pytest.mark.parametrize(
    ("locale", "hours", "said"),
    [("en", 1, "1 hour."), ("en", 24, "24 hours."), ("de", 1, "1 Stunde lang."), ("de", 24, "24 Stunden lang.")],
)
def test_one_hour_is_no_hours(mails, locale, hours, said):
    assert said in mails.templates.render("verification", {"link": LINK, "hours": hours}, locale).text


@pytest.mark.parametrize("locale", ["en", "de"])
def test_a_code_stands_in_the_mail_and_not_where_lists_of_mails_show_it(mails, locale):
    mail = mails.templates.render("one-time-code", {"code": "048213", "minutes": 10}, locale)
    shown_in_lists = LexborHTMLParser(mail.html).css_first("body > div").text()
    assert "048213" not in mail.subject + shown_in_lists
    assert "\n    048213\n" in mail.text
    assert ">048213<" in mail.html


@pytest.mark.parametrize(
    ("status", "subject", "steps"),
    [
        ("packed", "Your order 7 is packed", 1),
        ("shipped", "Your order 7 is on its way", 2),
        ("delayed", "Your order 7 is delayed", 2),
        ("delivered", "Your order 7 has arrived", 3),
    ],
)
def test_a_delivery_moves_on_step_by_step(mails, status, subject, steps):
    mail = mails.templates.render("delivery-update", {"order": 7, "status": status})
    bars = LexborHTMLParser(mail.html).css('div[style*="height:6px"]')
    assert (mail.subject, len(bars), [bar.attributes.get("class") for bar in bars].count("todo")) == (
        subject,
        3,
        3 - steps,
    )


def filled(value, text, key=""):
    """The sample with every free text replaced; links and what is one of a few are not free."""
    if isinstance(value, dict):
        return {key: filled(item, text, key) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, text) for item in value]
    return value if key in {"link", "status", "kind"} else text


def shape(html):
    """The tags of a mail with their attributes' names and their links; line ends of a value are the value's own."""
    return [
        (node.tag, sorted(node.attributes), node.attributes.get("href"))
        for node in LexborHTMLParser(html).css("*")
        if node.tag != "br"
    ]


HOSTILE = st.text() | st.sampled_from(
    [
        "</td></tr></table><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' style='x:expression(1)",
        "</title><base href=//evil.example>",
        "--><h1>x</h1><!--",
        "{{ brand }}{% raw %}",
        "]]><![CDATA[",
        "&lt;b&gt;",
        "Hi\r\nBcc: eve@example.net\r\n\r\nbody",
        "\u2028Bcc: eve@example.net",
    ]
)


@pytest.mark.parametrize(("name", "locale"), EDITIONS)
@given(hostile=HOSTILE)
@GIVEN
def test_no_value_changes_the_html_around_it_or_adds_a_line_to_the_subject(mails, edition, name, locale, hostile):
    sample = edition(name, locale).sample
    harmless = mails.templates.render(name, filled(sample, "x"), locale)
    mail = mails.templates.render(name, filled(sample, f"x{hostile}"), locale)
    assert shape(mail.html) == shape(harmless.html)
    assert not [c for c in mail.subject if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]


@pytest.mark.parametrize("name", ["notice", "acknowledgement"])
@given(hostile=HOSTILE)
@GIVEN
def test_a_value_is_the_same_in_html_text_and_subject(mails, edition, name, hostile):
    """But for white space, which HTML and subjects fold, and for what is no text."""
    mail = mails.templates.render(name, filled(edition(name, "en").sample, f"x{hostile}"))
    value = re.sub(r"[^\S\n]|[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "", f"x{hostile}")
    folded = "".join(value.split())
    for part in (LexborHTMLParser(mail.html).body.text(), mail.text, mail.subject):
        assert folded in "".join(part.split())


def html_or_reason(mails, name, data):
    try:
        return mails.templates.render(name, data).html
    except NotRendered as refused:
        return str(refused)


@given(link=st.text() | st.from_regex(r"(?i)(https?|javascript|data|file):/?/?.*", fullmatch=True))
@GIVEN
def test_a_link_leads_to_a_web_address_or_the_mail_is_refused(mails, link):
    html = html_or_reason(mails, "verification", {"link": link, "hours": 24})
    hrefs = {node.attributes["href"] for node in LexborHTMLParser(html).css("a")}
    if hrefs:
        assert {urlsplit(href).scheme for href in hrefs} <= {"http", "https"}
    else:
        assert html.startswith("template 'verification': `link` must be an absolute https:// or http:// address")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("name", SUBJECTS)
@given(data=st.data())
@GIVEN
def test_any_json_makes_a_mail_or_a_reason(mails, edition, name, data):
    sample = edition(name, "en").sample
    given_data = {key: data.draw(JSON | st.just(value)) for key, value in sample.items()}
    assert html_or_reason(mails, name, given_data).startswith(("<!DOCTYPE html>", f"template '{name}': "))
