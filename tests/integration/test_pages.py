from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.tokens.make import PASSWORD_RESET, VERIFICATION, link_of, make_token, token_hash, token_id
from lambdas.shared.tokens.table import Limits, Proof, Tokens

KEY = b"k" * 64
ANY_TIME = Limits(again=timedelta(0), an_hour=100, source_an_hour=100)


@pytest.fixture
def link(aws):
    """Starts a verification and gives its link's token: `link("mia@example.org", "request-1")`."""

    def start(email, request_id, now=None, purpose=VERIFICATION, return_url=None):
        token = make_token(KEY, purpose, email, request_id)
        proof = Proof(
            id=token_id(purpose, email),
            purpose=purpose,
            email=email,
            hashed=token_hash(token),
            lifetime=timedelta(hours=24),
            user_id="u1",
            return_url=return_url,
        )
        Tokens(boto3.resource("dynamodb").Table("tokens")).start(proof, ANY_TIME, now or datetime.now(UTC))
        return link_of(purpose, email, token)

    return start


def request(method, token):
    return {"routeKey": f"{method} /verify/{{token}}", "pathParameters": {"token": token}}


def test_looking_at_a_link_shows_a_button_and_changes_nothing(handler, link, heard):
    token = link("mia@example.org", "r1")
    pages = handler("pages").handler
    for _ in range(3):
        answer = pages(request("GET", token), None)
    assert answer["statusCode"] == 200
    assert '<form method="post"><button>Confirm</button></form>' in answer["body"]
    assert heard() == []
    assert pages(request("POST", token), None)["statusCode"] == 200


def test_the_page_may_be_kept_framed_and_referred_to_by_nobody(handler, link):
    headers = handler("pages").handler(request("GET", link("mia@example.org", "r1")), None)["headers"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_pressing_the_button_verifies_once(handler, link, heard):
    token = link("mia@example.org", "r1")
    pages = handler("pages").handler
    first, second = pages(request("POST", token), None), pages(request("POST", token), None)
    assert (first["statusCode"], second["statusCode"]) == (200, 410)
    assert "This link was used already" in second["body"]
    [(detail_type, detail)] = heard()
    assert detail_type == "EmailVerified"
    assert detail["email"] == "mia@example.org"
    assert detail["user_id"] == "u1"


def test_an_event_that_the_bus_did_not_take_is_put_by_the_next_press(handler, link, heard, monkeypatch):
    token = link("mia@example.org", "r1")
    pages = handler("pages")
    monkeypatch.setattr(pages.bus, "_name", "no-such-bus")
    with pytest.raises(Exception, match=r"no-such-bus|refused"):
        pages.handler(request("POST", token), None)
    assert heard() == []
    monkeypatch.setattr(pages.bus, "_name", "mailroom")
    assert pages.handler(request("POST", token), None)["statusCode"] == 200
    assert [detail_type for detail_type, _ in heard()] == ["EmailVerified"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_link_says_so(handler, link, heard, method):
    token = link("mia@example.org", "r1", now=datetime.now(UTC) - timedelta(hours=24, seconds=1))
    answer = handler("pages").handler(request(method, token), None)
    assert answer["statusCode"] == 410
    assert "This link has expired" in answer["body"]
    assert heard() == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_a_newer_one_replaced_says_so(handler, link, heard, method):
    old = link("mia@example.org", "r1")
    new = link("mia@example.org", "r2")
    pages = handler("pages").handler
    answer = pages(request(method, old), None)
    assert answer["statusCode"] == 410
    assert "There is a newer link" in answer["body"]
    assert heard() == []
    assert pages(request("POST", new), None)["statusCode"] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["", "x", "a" * 78, "../" * 26, "%00"])
def test_a_forged_link_says_so(handler, link, method, token):
    link("mia@example.org", "r1")
    answer = handler("pages").handler(request(method, token), None)
    assert answer["statusCode"] == 404
    assert "This link is not one of ours" in answer["body"]


def test_a_link_for_one_address_does_not_verify_another(handler, link):
    mine, other = link("eve@example.net", "r1"), link("mia@example.org", "r1")
    answer = handler("pages").handler(request("POST", other[:26] + mine[26:]), None)
    assert answer["statusCode"] == 404


def test_signing_up_again_after_verifying_needs_a_new_press(handler, link, heard):
    pages = handler("pages").handler
    pages(request("POST", link("mia@example.org", "r1")), None)
    pages(request("POST", link("mia@example.org", "r2")), None)
    assert [detail_type for detail_type, _ in heard()] == ["EmailVerified", "EmailVerified"]


def test_a_person_can_go_on_to_where_the_application_said(handler, link):
    token = link("mia@example.org", "r1", return_url="https://shop.acme.test/account?a=1&b=2")
    answer = handler("pages").handler(request("POST", token), None)
    assert '<a href="https://shop.acme.test/account?a=1&amp;b=2">Continue</a>' in answer["body"].replace("&#x2f;", "/")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_password_resets_token_verifies_nothing(handler, link, heard, method):
    token = link("mia@example.org", "r1", purpose=PASSWORD_RESET)
    assert handler("pages").handler(request(method, token), None)["statusCode"] == 404
    assert heard() == []
