"""Marketing keeps the mailbox providers' rules before SES sees it, and whoever unsubscribes gets no more of it."""

import base64
import dataclasses
import re
from types import SimpleNamespace

import boto3
import pytest

from lambdas.shared.messages import message_id
from lambdas.shared.outbox.wiring import tables
from lambdas.shared.recipients import Recipients, Suppression
from tests.integration.sends import NOTICE, asked, stored

NEWS = NOTICE | {"stream": "marketing", "idempotency_key": "news-1"}
POST = {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"}
ONE_CLICKS = {
    "urlencoded": "List-Unsubscribe=One-Click",
    "multipart": '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n',
}


@pytest.fixture
def mailed(send, monkeypatch):
    """Sends a request; gives what SES was asked to send, if it was."""
    calls = []

    def send_email(**call):
        calls.append(call["Content"]["Simple"])
        return {"MessageId": "ses-1"}

    monkeypatch.setattr(send, "outbox", dataclasses.replace(send.outbox, ses=SimpleNamespace(send_email=send_email)))

    def run(request):
        calls.clear()
        send.handler(asked(request), None)
        return calls[0] if calls else None

    return run


@pytest.fixture
def link(mailed):
    """The link that a mail to mia@example.org came with."""
    [field] = [header["Value"] for header in mailed(NEWS)["Headers"] if header["Name"] == "List-Unsubscribe"]
    return re.fullmatch(r"<https://pages\.example/unsubscribe/([a-z2-7]{78})>", field)[1]


@pytest.fixture
def page(handler):
    """Opens the page of a link, or posts to it: `page("POST", link, "List-Unsubscribe=One-Click")`."""
    pages = handler("pages")

    def run(method, link, body="", *, encoded=False):
        event = {"routeKey": f"{method} /unsubscribe/{{token}}", "pathParameters": {"token": link}}
        return pages.handler(event | {"body": body, "isBase64Encoded": encoded}, None)

    run.function = pages
    return run


def suppressions(address="mia@example.org"):
    return Recipients(boto3.resource("dynamodb").Table("recipients")).get(address).suppressions


def test_marketing_goes_out_with_ways_to_unsubscribe_that_other_mail_has_not(mailed):
    simple = mailed(NEWS)
    [field, post, _] = simple["Headers"]
    address = field["Value"].strip("<>")
    assert (field["Name"], post) == ("List-Unsubscribe", POST)
    assert address.startswith(f"https://pages.example/unsubscribe/{message_id('news-1')}")
    assert simple["Body"]["Text"]["Data"].endswith(f"Acme\nUnsubscribe: {address}\n")
    assert f'href="{address}"' in simple["Body"]["Html"]["Data"]
    other = mailed(NOTICE)
    assert [header["Name"] for header in other["Headers"]] == ["X-Mailroom-Message"]
    assert "nsubscribe" not in other["Body"]["Text"]["Data"] + other["Body"]["Html"]["Data"]


def test_the_words_of_the_link_are_of_the_mails_language(mailed):
    assert "\nAbmelden: https://pages.example/" in mailed(NEWS | {"locale": "de"})["Body"]["Text"]["Data"]


def test_a_callers_own_link_is_what_the_mail_shows(mailed):
    own = {"List-Unsubscribe": "<https://news.acme.test/out?u=7>", "List-Unsubscribe-Post": POST["Value"]}
    simple = mailed(NEWS | {"headers": own})
    assert "Unsubscribe: https://news.acme.test/out?u=7\n" in simple["Body"]["Text"]["Data"]
    assert simple["Headers"][0]["Value"] == "<https://news.acme.test/out?u=7>"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            {"from": "Acme <news@other.test>"},
            "`from` is of other.test, and SES signs for acme.test and news.acme.test alone, so DMARC fails",
        ),
        (
            {"headers": {"List-Unsubscribe": "<mailto:out@acme.test>", "List-Unsubscribe-Post": POST["Value"]}},
            "the header List-Unsubscribe must hold one <https://…>, beside which a <mailto:…> may stand",
        ),
        (
            {"headers": {"List-Unsubscribe": "<https://news.acme.test/out>"}},
            "the header List-Unsubscribe-Post must be List-Unsubscribe=One-Click",
        ),
        (
            {"template": "ticket-answer", "data": {"subject": "News", "paragraphs": ["Hello."]}},
            "the template's text shows no link to unsubscribe: add {{ unsubscribe | url }}; "
            "the template's HTML shows no link to unsubscribe: add one to {{ unsubscribe | url }}, with its words",
        ),
        ({"data": {"title": " ", "text": "Text"}}, "the subject is empty"),
    ],
)
def test_what_a_provider_would_refuse_fails_before_ses_sees_it_and_says_why(mailed, heard, change, reason):
    assert mailed(NEWS | change) is None
    message = stored("news-1")
    said = f"mailbox providers would refuse it as marketing: {reason}"
    assert (message.state, message.reason) == ("failed", said)
    [(kind, event)] = heard()
    assert (kind, event["reason"]) == ("MailFailed", said)


def test_a_link_costs_no_request_to_a_table(mailed):
    mailed(NEWS)  # which reads, for a minute, whether marketing is slowed down
    made = []
    client = boto3.resource("dynamodb").meta.client
    client = tables().meta.client
    client.meta.events.register("before-call.dynamodb", lambda model, **_: made.append(model.name), "count")
    mailed(NEWS | {"idempotency_key": "news-2"})
    client.meta.events.unregister("before-call.dynamodb", unique_id="count")
    assert made == ["GetItem", "UpdateItem", "UpdateItem"]


def test_looking_at_the_page_changes_nothing(page, link, heard):
    answer = page("GET", link)
    assert (answer["statusCode"], '<form method="post"><button>Unsubscribe</button></form>' in answer["body"]) == (
        200,
        True,
    )
    assert (suppressions(), heard()) == ((), [])


@pytest.mark.parametrize("kind", ONE_CLICKS)
@pytest.mark.parametrize("encoded", [True, False])
def test_one_click_of_a_mail_program_stops_marketing_and_nothing_else(page, link, mailed, heard, kind, encoded):
    body = base64.b64encode(ONE_CLICKS[kind].encode()).decode() if encoded else ONE_CLICKS[kind]
    answer = page("POST", link, body, encoded=encoded)
    assert (answer["statusCode"], "Location" in answer["headers"], "Set-Cookie" in answer["headers"]) == (
        200,
        False,
        False,
    )
    [stopped] = suppressions()
    assert (stopped.scope, stopped.by, stopped.message_id) == ("marketing", "unsubscribe", message_id("news-1"))
    assert (stopped.reason, stopped.evidence) == (
        "unsubscribed (by one click of a mail program)",
        f"Unsubscribe#{message_id('news-1')}",
    )
    [(event, told)] = heard()
    assert (event, told["recipient"], told["scope"]) == ("RecipientSuppressed", "mia@example.org", "marketing")
    assert mailed(NEWS | {"idempotency_key": "news-2"}) is None
    assert stored("news-2").state == "suppressed"
    assert mailed(NOTICE | {"idempotency_key": "receipt-1"}) is not None


def test_the_button_of_the_page_does_the_same_once(page, link, heard):
    assert [page("POST", link)["statusCode"] for _ in range(3)] == [200, 200, 200]
    [stopped] = suppressions()
    assert stopped.reason == "unsubscribed (on the page of the link)"
    assert len(heard()) == 1


def test_who_bounced_leaves_marketing_too(page, link):
    bounced = Suppression(
        scope="all",
        reason="permanent bounce (General)",
        message_id="m0",
        evidence="Bounce#f",
        at="2026-01-01",
        by="feedback",
    )
    Recipients(boto3.resource("dynamodb").Table("recipients")).suppress("mia@example.org", bounced)
    page("POST", link)
    assert {stopped.scope for stopped in suppressions()} == {"all", "marketing"}


def test_what_the_bus_did_not_take_is_told_by_the_next_press(page, link, heard, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(page.function.bus, "_name", "no-such-bus")
        with pytest.raises(Exception, match=r"no-such-bus|refused"):
            page("POST", link)
    assert suppressions() == ()
    assert page("POST", link)["statusCode"] == 200
    assert [kind for kind, _ in heard()] == ["RecipientSuppressed"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_forged_link_unsubscribes_nobody(page, link, heard, method):
    for forged in ("", "x", link[:-1], link[:26] + "a" * 52, "a" * 26 + link[26:], "%00"):
        answer = page(method, forged)
        assert (answer["statusCode"], "This link is not one of ours" in answer["body"]) == (404, True)
    assert (suppressions(), heard()) == ((), [])


def test_a_link_of_a_mail_that_was_erased_says_so(page, link, heard):
    boto3.resource("dynamodb").Table("messages").delete_item(Key={"id": message_id("news-1")})
    answer = page("POST", link)
    assert (answer["statusCode"], "We do not know this mail any more" in answer["body"]) == (410, True)
    assert heard() == []
