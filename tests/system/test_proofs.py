"""Codes, links and tokens: what an application asks for, what its customers get, and what it is worth."""

import html
import re

from local.outside import until
from tests.system.sent import sent_to


def code_in(sent):
    return re.search(r"^ +(\d{6})\s*$", sent.text, re.MULTILINE)[1]


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_good_once(api, outside):
    asked = {"email": "login@example.org", "locale": "de", "source": "192.0.2.7"}
    assert api("POST", "/codes", asked, key="login") == (202, {})
    sent = sent_to(outside, "login@example.org")
    assert sent.subject == "Ihr Code für Acme"
    tried = {"email": "Login@example.org", "code": code_in(sent)}
    assert api("POST", "/codes/check", tried) == (200, {"valid": True})
    assert api("POST", "/codes/check", tried) == (200, {"valid": False})


def test_after_five_wrong_tries_the_right_code_is_worth_nothing(api, outside):
    api("POST", "/codes", {"email": "guess@example.org"})
    code = code_in(sent_to(outside, "guess@example.org"))
    for _ in range(5):
        assert api("POST", "/codes/check", {"email": "guess@example.org", "code": wrong(code)}) == (
            200,
            {"valid": False},
        )
    assert api("POST", "/codes/check", {"email": "guess@example.org", "code": code}) == (200, {"valid": False})


def test_a_newer_code_replaces_the_older(api, outside):
    for key in ("older", "newer"):
        api("POST", "/codes", {"email": "again@example.org"}, key=key)
    older, newer = (code_in(sent_to(outside, "again@example.org", number)) for number in (1, 2))
    assert api("POST", "/codes/check", {"email": "again@example.org", "code": older}) == (200, {"valid": False})
    assert api("POST", "/codes/check", {"email": "again@example.org", "code": newer}) == (200, {"valid": True})


def test_a_code_can_be_asked_for_on_the_bus(api, outside):
    outside.put("CodeRequested", {"email": "bus@example.org"})
    code = code_in(sent_to(outside, "bus@example.org"))
    assert api("POST", "/codes/check", {"email": "bus@example.org", "code": code}) == (200, {"valid": True})


def test_a_password_reset_leads_to_the_applications_page_with_a_token_that_is_good_once(api, outside):
    asked = {"email": "forgot@example.org", "user_id": "u-7", "return_url": "https://shop.acme.test/new-password?a=1"}
    outside.put("PasswordResetRequested", asked)
    text = sent_to(outside, "forgot@example.org").text
    token = re.search(r"https://shop\.acme\.test/new-password\?a=1&token=([a-z2-7]{78})\s", text)[1]
    good = {"valid": True, "email": "forgot@example.org", "user_id": "u-7"}
    assert api("POST", "/tokens/check", {"token": token}) == (200, good)
    assert api("POST", "/tokens/check", {"token": token}) == (200, {"valid": False, "reason": "used"})
    assert api("POST", "/tokens/check", {"token": token[:-1] + "!"}) == (200, {"valid": False, "reason": "forged"})


def test_who_has_verified_an_address_goes_on_where_the_application_says(outside):
    asked = {"email": "onward@example.org", "return_url": "https://shop.acme.test/welcome"}
    outside.put("UserSignedUp", asked)
    link = re.search(r"http\S+/verify/\S+", sent_to(outside, "onward@example.org").text)[0]
    page = outside.browse(link, "POST")
    assert page.status == 200
    assert '<a href="https://shop.acme.test/welcome">Continue</a>' in html.unescape(page.body)


def test_nobody_is_sent_on_to_a_place_that_is_not_allowed(outside, mailroom):
    asked = {"email": "phished@example.org", "return_url": "https://shop.acme.test.evil.example/"}
    outside.put("PasswordResetRequested", asked)
    reasons = until(lambda: dead_in(mailroom, "tokens", "return_url"), "the event is dead-lettered with the reason")
    assert reasons == ["return_url is not below one of the setting return_urls"]
    assert outside.mail_to("phished@example.org") == []
    outside.client("sqs").purge_queue(QueueUrl=outside.outputs["TokensDeadLetters"])


def dead_in(mailroom, queue, what):
    [found] = [found for found in mailroom("status", "--json")["queues"] if found["name"] == queue]
    return [letter["reason"] for letter in found["dead_letters"] if what in letter["reason"]]
