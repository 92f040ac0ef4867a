"""Each rule of the mailbox providers alone: the mail that keeps all of them is changed in one thing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.shared.outbox.render import Rendered
from lambdas.shared.outbox.request import Request
from lambdas.shared.outbox.sender_rules import Mail, RulesBroken, check, unsubscribable, unsubscribe_address

LINK = "https://pages.example/unsubscribe/abc?x=1&y=2"
SHOWN = f'<p>News</p><a ses:no-track="" href="{LINK.replace("&", "&amp;")}"><b>Unsubscribe</b></a>'
GOOD = Mail(
    sender='"Acme, Inc." <news@mail.acme.test>',
    reply_to="editor@acme.test",
    headers={"List-Unsubscribe": f"<{LINK}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    rendered=Rendered(subject="News", text=f"News\n\nUnsubscribe: {LINK}\n", html=SHOWN),
    domains=("other.test", "acme.test"),
)
REQUEST = Request(id="m1", recipient="mia@example.org", stream="marketing", template="notice", fingerprint="f")
URI_MISSING = "the header List-Unsubscribe must hold one <https://…>, beside which a <mailto:…> may stand"
POST_MISSING = "the header List-Unsubscribe-Post must be List-Unsubscribe=One-Click"
TEXT_MISSING = "the template's text shows no link to unsubscribe: add {{ unsubscribe | url }}"
HTML_MISSING = "the template's HTML shows no link to unsubscribe: add one to {{ unsubscribe | url }}, with its words"


def broken(mail):
    try:
        check(mail)
    except RulesBroken as error:
        return str(error).removeprefix("mailbox providers would refuse it as marketing: ").split("; ")
    return []


def rendered(**parts):
    return replace(GOOD, rendered=replace(GOOD.rendered, **parts))


def headers(**fields):
    return replace(GOOD, headers=GOOD.headers | {name.replace("_", "-"): value for name, value in fields.items()})


def test_a_mail_that_keeps_every_rule_passes():
    assert broken(GOOD) == []
    assert broken(replace(GOOD, reply_to=None)) == []


@pytest.mark.parametrize("sender", ["news@acme.test", "News <news@ACME.test>", "=?utf-8?q?=C3=A4?= <a@x.y.acme.test>"])
def test_from_may_be_of_a_domain_of_ours_or_below_it(sender):
    assert broken(replace(GOOD, sender=sender)) == []


@pytest.mark.parametrize("domain", ["acme.test.evil.example", "notacme.test", "test"])
def test_from_of_any_other_domain_is_not_aligned(domain):
    said = f"`from` is of {domain}, and SES signs for other.test and acme.test alone, so DMARC fails"
    one_label = "`from` is not one address, such as 'Acme <news@acme.com>'"
    assert broken(replace(GOOD, sender=f"news@{domain}")) == [said if "." in domain else one_label]


def test_a_trial_with_one_address_signs_for_no_domain():
    assert broken(replace(GOOD, sender="you@example.com", domains=())) == []


@pytest.mark.parametrize("sender", ["", "Acme", "a@acme.test, b@acme.test", "a b@acme.test@acme.test", "a@acme..test"])
def test_from_is_one_address(sender):
    assert broken(replace(GOOD, sender=sender)) == ["`from` is not one address, such as 'Acme <news@acme.com>'"]


@pytest.mark.parametrize("address", ["", "editor", "a@b", "a@b.c d"])
def test_reply_to_is_an_address(address):
    assert broken(replace(GOOD, reply_to=address)) == ["`reply_to` is no address"]


@pytest.mark.parametrize("subject", ["", " "])
def test_a_subject_is_not_empty(subject):
    assert broken(rendered(subject=subject)) == ["the subject is empty"]


@pytest.mark.parametrize("value", ["x" * 990, "ü", "a\r\nBcc: eve@example.net"])
def test_a_header_is_one_line_of_ascii(value):
    said = "the header X-Campaign is no line of up to 998 printable ASCII characters"
    assert broken(headers(X_Campaign=value)) == [said]
    assert broken(headers(X_Campaign="x" * 986)) == []


@pytest.mark.parametrize("field", [f"<mailto:out@acme.test>, <{LINK}>", f"<{LINK}>,<mailto:out@acme.test?subject=out>"])
def test_a_mail_address_may_stand_beside_the_web_address(field):
    assert broken(headers(List_Unsubscribe=field)) == []


@pytest.mark.parametrize(
    "field",
    [
        "",
        LINK,
        "<mailto:out@acme.test>",
        f"<{LINK}>, <https://pages.example/other>",
        "<http://pages.example/unsubscribe/abc>",
        "<http://pages.example/a.localhost/>",
        f"<{LINK}> or <mailto:out@acme.test>",
        f"<{LINK}>, <ftp://acme.test/out>",
        "<https://>",
    ],
)
def test_list_unsubscribe_holds_one_secure_web_address(field):
    assert URI_MISSING in broken(headers(List_Unsubscribe=field))


def test_the_laptops_own_page_need_not_be_secure():
    link = "http://a1b2.execute-api.localhost:4566/unsubscribe/abc"
    mail = rendered(text=link, html=f'<a href="{link}">Unsubscribe</a>')
    assert broken(replace(mail, headers=mail.headers | {"List-Unsubscribe": f"<{link}>"})) == []


@pytest.mark.parametrize("value", ["", "List-Unsubscribe=one-click", "One-Click"])
def test_one_click_is_said_exactly(value):
    assert broken(headers(List_Unsubscribe_Post=value)) == [POST_MISSING]


def test_both_bodies_show_the_link():
    assert broken(rendered(text="News")) == [TEXT_MISSING]
    assert broken(rendered(html="<p>News</p>")) == [HTML_MISSING]
    assert broken(rendered(html=SHOWN.replace("Unsubscribe", " "))) == [HTML_MISSING]
    assert broken(rendered(html=f"<p>{LINK}</p>")) == [HTML_MISSING]


def test_all_that_is_wrong_is_said_at_once():
    mail = replace(GOOD, sender="news@evil.example", headers={}, rendered=Rendered(subject="", text="", html=""))
    assert len(broken(mail)) == 4


def test_mailrooms_own_link_stands_in_for_a_caller_that_has_none():
    made = unsubscribable(REQUEST, lambda message: f"https://pages.example/unsubscribe/{message}")
    assert made.headers == {
        "List-Unsubscribe": "<https://pages.example/unsubscribe/m1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert unsubscribe_address(made.headers) == "https://pages.example/unsubscribe/m1"


def test_a_callers_own_link_stays_and_is_what_the_mail_shows():
    asked = replace(REQUEST, headers={"List-Unsubscribe": f"<mailto:out@acme.test>, <{LINK}>"})
    made = unsubscribable(asked, lambda message: f"https://pages.example/unsubscribe/{message}")
    assert (made, unsubscribe_address(made.headers)) == (asked, LINK)
    assert broken(replace(GOOD, headers=made.headers)) == [POST_MISSING]


@given(st.text(), st.text(), st.text())
def test_whatever_stands_in_the_fields_gets_an_answer(sender, field, value):
    mail = replace(GOOD, sender=sender, headers={"List-Unsubscribe": field, "X-Any": value})
    assert POST_MISSING in broken(mail)
