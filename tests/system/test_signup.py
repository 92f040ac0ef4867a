import re

from local.outside import until


def link_to(outside, address, number=1):
    sent = until(lambda: outside.mail_to(address)[number - 1 :], f"verification mail {number} to {address}")[0]
    return re.search(r"http\S+/verify/\S+", sent.text)[0]


def verified(outside, email):
    return [event for event in outside.heard("EmailVerified") if event["email"] == email]


def test_a_sign_up_is_verified_by_pressing_the_button_once(outside):
    outside.put("UserSignedUp", {"email": "ann@example.org", "name": "Ann", "user_id": "u-1"})
    link = link_to(outside, "ann@example.org")
    for _ in range(3):
        page = outside.browse(link)
        assert (page.status, "<button>Confirm</button>" in page.body) == (200, True)
    assert verified(outside, "ann@example.org") == []
    assert outside.browse(link, "POST").status == 200
    [event] = until(lambda: verified(outside, "ann@example.org"), "EmailVerified")
    assert event["user_id"] == "u-1"
    again = outside.browse(link, "POST")
    assert (again.status, "This link was used already" in again.body) == (410, True)
    assert len(verified(outside, "ann@example.org")) == 1


def test_the_page_carries_the_headers_that_protect_the_link(outside):
    outside.put("UserSignedUp", {"email": "bea@example.org"})
    page = outside.browse(link_to(outside, "bea@example.org"))
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_the_same_request_in_two_events_sends_one_mail(outside):
    for _ in range(2):
        outside.put("UserSignedUp", {"email": "cleo@example.org", "request_id": "once"})
    link_to(outside, "cleo@example.org")
    outside.put("UserSignedUp", {"email": "cleo@example.org", "request_id": "twice"})
    link_to(outside, "cleo@example.org", 2)
    assert len(outside.mail_to("cleo@example.org")) == 2


def test_a_newer_link_supersedes_the_older(outside):
    outside.put("UserSignedUp", {"email": "dora@example.org", "request_id": "first"})
    old = link_to(outside, "dora@example.org")
    outside.put("UserSignedUp", {"email": "dora@example.org", "request_id": "second"})
    new = link_to(outside, "dora@example.org", 2)
    page = outside.browse(old, "POST")
    assert (page.status, "There is a newer link" in page.body) == (410, True)
    assert outside.browse(new, "POST").status == 200


def test_a_forged_link_is_refused(outside):
    outside.put("UserSignedUp", {"email": "eda@example.org"})
    link = link_to(outside, "eda@example.org")
    for forged in (link[:-1], link[:-1] + ("a" if link[-1] != "a" else "b"), link + "a", link[:-78] + "x"):
        page = outside.browse(forged, "POST")
        assert (page.status, "not one of ours" in page.body) == (404, True)
    assert verified(outside, "eda@example.org") == []


def test_the_mail_is_real_rfc_5322(outside):
    outside.put("UserSignedUp", {"email": "fay@example.org", "name": "Fay <b>"})
    link_to(outside, "fay@example.org")
    [sent] = outside.mail_to("fay@example.org")
    assert sent.mail["From"].addresses[0].addr_spec == "hello@acme.test"
    assert re.fullmatch(r"<[0-9a-f-]+@email\.amazonses\.com>", sent.mail["Message-ID"].strip())
    assert [part.get_content_type() for part in sent.mail.iter_parts()] == ["text/plain", "text/html"]
    assert "Hello Fay <b>," in sent.text
    assert "Hello Fay &lt;b&gt;," in sent.mail.get_body(("html",)).get_content()
