"""A newsletter's link to unsubscribe, as a mail program uses it and as a person does."""

import re

from lambdas.shared.messages import message_id
from local.outside import until

NEWS = {"template": "notice", "stream": "marketing", "data": {"title": "News", "text": "It is winter."}}


def newsletter(outside, to, key):
    """Sends one; gives the mail and the link in its header."""
    outside.put("SendMail", {"to": to, "idempotency_key": key, **NEWS})
    [sent] = until(lambda: outside.mail_to(to), f"the newsletter to {to}")
    return sent, re.fullmatch(r"<(\S+)>", sent.mail["List-Unsubscribe"])[1]


def stopped(outside, address):
    return [event for event in outside.heard("RecipientSuppressed") if event["recipient"] == address]


def test_a_mail_program_unsubscribes_with_one_post(outside, mailroom):
    sent, link = newsletter(outside, "kim.out@example.org", "out-1")
    assert sent.mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.mail["Feedback-ID"].startswith("marketing:notice:")
    assert f"Unsubscribe: {link}" in sent.text
    assert outside.browse(link, "POST", "List-Unsubscribe=One-Click").status == 200
    [event] = until(lambda: stopped(outside, "kim.out@example.org"), "RecipientSuppressed")
    assert (event["scope"], event["by"], event["message"]) == ("marketing", "unsubscribe", message_id("out-1"))
    outside.put("SendMail", {"to": "kim.out@example.org", "idempotency_key": "out-2", **NEWS})
    until(lambda: state(mailroom, "out-2") == "suppressed", "the next newsletter is held back")
    assert len(outside.mail_to("kim.out@example.org")) == 1


def test_a_person_sees_a_button_first(outside):
    _, link = newsletter(outside, "lou.out@example.org", "out-3")
    for _ in range(2):
        page = outside.browse(link)
        assert (page.status, "<button>Unsubscribe</button>" in page.body) == (200, True)
    assert stopped(outside, "lou.out@example.org") == []
    assert "You are unsubscribed" in outside.browse(link, "POST").body
    until(lambda: stopped(outside, "lou.out@example.org"), "RecipientSuppressed")


def state(mailroom, key):
    try:
        return mailroom("message", "show", message_id(key), "--json")["state"]
    except AssertionError:  # not there yet
        return None
