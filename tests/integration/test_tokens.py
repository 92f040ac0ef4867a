import dataclasses
import re
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from lambdas.shared.messages import Messages, message_id
from tests.integration.records import batch, bus_event, reasons

MIA = {"email": "mia@example.org"}


@pytest.fixture
def tokens(sending):
    return sending("tokens")


def asks(kind, detail, id="event-1"):
    return batch(bus_event(kind, detail, id))


def mails(tokens, count=1):
    """Lets SES take that many mails; gives the list that their requests go into."""
    taken = []
    for number in range(count):
        tokens.ses.add_response("send_email", {"MessageId": f"ses-{number}"})
    tokens.desk.outbox.ses.meta.events.register("before-parameter-build.sesv2.SendEmail", note(taken))
    return taken


def note(taken):
    def see(params, **_):
        taken.append(params)

    return see


def text(mail):
    return mail["Content"]["Simple"]["Body"]["Text"]["Data"]


def later(tokens, monkeypatch, **by):
    outbox = dataclasses.replace(tokens.desk.outbox, now=lambda: datetime.now(UTC) + timedelta(**by))
    monkeypatch.setattr(tokens, "desk", dataclasses.replace(tokens.desk, outbox=outbox))


def test_a_sign_up_mails_a_link_to_our_page(tokens):
    taken = mails(tokens)
    answer = tokens.handler(asks("UserSignedUp", MIA | {"name": "Mia", "user_id": "u1"}), None)
    assert answer == {"batchItemFailures": []}
    [mail] = taken
    assert mail["Destination"] == {"ToAddresses": ["mia@example.org"]}
    assert re.search(r"https://pages\.example/verify/[a-z2-7]{78}\s", text(mail))
    assert "Mia" in text(mail)


def test_the_same_event_twice_is_one_mail(tokens):
    mails(tokens)
    tokens.handler(asks("UserSignedUp", MIA), None)
    tokens.handler(asks("UserSignedUp", MIA), None)


def test_a_request_id_makes_two_events_one_mail(tokens):
    mails(tokens)
    tokens.handler(asks("UserSignedUp", MIA | {"request_id": "r"}, "event-1"), None)
    tokens.handler(asks("UserSignedUp", MIA | {"request_id": "r"}, "event-2"), None)


def test_asking_again_too_soon_sends_nothing_and_says_so_to_the_operator(tokens, heard):
    mails(tokens)
    tokens.handler(asks("UserSignedUp", MIA, "event-1"), None)
    tokens.handler(asks("UserSignedUp", MIA, "event-2"), None)
    message = Messages(boto3.resource("dynamodb").Table("messages")).get(
        message_id("verification|mia@example.org|event-2")
    )
    assert message.state == "limited"
    assert message.reason == "asked for again too soon, or more than 5 times in an hour"
    assert [(kind, event["state"]) for kind, event in heard()] == [("MailFailed", "limited")]


def test_asking_again_after_a_minute_mails_another_link(tokens, monkeypatch):
    taken = mails(tokens, 2)
    tokens.handler(asks("UserSignedUp", MIA, "event-1"), None)
    later(tokens, monkeypatch, seconds=61)
    tokens.handler(asks("UserSignedUp", MIA, "event-2"), None)
    assert text(taken[0]) != text(taken[1])


def test_a_limited_request_that_is_delivered_again_later_stays_limited(tokens, monkeypatch):
    mails(tokens)
    tokens.handler(asks("UserSignedUp", MIA, "event-1"), None)
    tokens.handler(asks("UserSignedUp", MIA, "event-2"), None)
    later(tokens, monkeypatch, seconds=61)
    tokens.handler(asks("UserSignedUp", MIA, "event-2"), None)


def test_one_source_may_ask_so_many_times_an_hour(tokens, heard):
    taken = mails(tokens, 20)
    for number in range(21):
        asked = {"email": f"mia{number}@example.org", "source": "192.0.2.7"}
        tokens.handler(asks("CodeRequested", asked, f"event-{number}"), None)
    assert len(taken) == 20
    assert [event["reason"] for _, event in heard()] == ["more than 20 requests of this source in an hour"]


def test_a_password_reset_links_to_the_applications_own_page(tokens):
    taken = mails(tokens)
    asked = MIA | {"return_url": "https://shop.acme.test/account/reset?lang=de"}
    tokens.handler(asks("PasswordResetRequested", asked), None)
    assert re.search(r"https://shop\.acme\.test/account/reset\?lang=de&token=[a-z2-7]{78}", text(taken[0]))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/account",
        "https://shop.acme.test.evil.example/account",
        "https://shop.acme.test@evil.example/account",
        "http://shop.acme.test/account",
        "https://shop.acme.test/accounts",
        "https://shop.acme.test/account/../admin",
        "https://shop.acme.test\\evil.example/account",
    ],
)
def test_a_return_url_that_is_not_allowed_is_refused(tokens, url):
    tokens.handler(asks("PasswordResetRequested", MIA | {"return_url": url}), None)
    assert reasons() == ["return_url is not below one of the setting return_urls"]


def test_a_code_is_six_digits_and_works_once(tokens):
    taken = mails(tokens)
    tokens.handler(asks("CodeRequested", MIA), None)
    [code] = re.findall(r"\b\d{6}\b", text(taken[0]))
    assert not re.search(r"\d{6}", taken[0]["Content"]["Simple"]["Subject"]["Data"])
    assert tokens.desk.check_code("Mia@Example.org", code)
    assert not tokens.desk.check_code("mia@example.org", code)


def code_of(mail):
    return re.findall(r"\b\d{6}\b", text(mail))[0]


def another(code):
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_dies_after_five_tries(tokens):
    taken = mails(tokens)
    tokens.handler(asks("CodeRequested", MIA), None)
    code = code_of(taken[0])
    assert [tokens.desk.check_code("mia@example.org", another(code)) for _ in range(5)] == [False] * 5
    assert not tokens.desk.check_code("mia@example.org", code)


def test_a_newer_code_replaces_the_older(tokens, monkeypatch):
    taken = mails(tokens, 2)
    tokens.handler(asks("CodeRequested", MIA, "event-1"), None)
    later(tokens, monkeypatch, seconds=61)
    tokens.handler(asks("CodeRequested", MIA, "event-2"), None)
    old, new = map(code_of, taken)
    assert not tokens.desk.check_code("mia@example.org", old)
    assert tokens.desk.check_code("mia@example.org", new)


def test_a_code_expires(tokens, monkeypatch):
    taken = mails(tokens)
    tokens.handler(asks("CodeRequested", MIA), None)
    later(tokens, monkeypatch, minutes=10)
    assert not tokens.desk.check_code("mia@example.org", code_of(taken[0]))


def test_the_code_of_one_address_proves_no_other(tokens):
    taken = mails(tokens, 2)
    tokens.handler(asks("CodeRequested", MIA), None)
    tokens.handler(asks("CodeRequested", {"email": "eve@example.net"}), None)
    assert not tokens.desk.check_code("eve@example.net", code_of(taken[0]))


def test_a_code_for_an_address_that_nobody_asked_for_is_wrong(tokens):
    assert not tokens.desk.check_code("nobody@example.org", "123456")


def test_neither_code_nor_token_is_stored(tokens):
    taken = mails(tokens, 2)
    tokens.handler(asks("CodeRequested", MIA), None)
    tokens.handler(asks("UserSignedUp", MIA), None)
    stored = str(boto3.resource("dynamodb").Table("tokens").scan()["Items"])
    assert code_of(taken[0]) not in stored
    assert re.search(r"verify/[a-z2-7]{26}([a-z2-7]{52})", text(taken[1]))[1] not in stored


def test_an_event_that_does_not_fit_its_schema_is_dead_lettered_with_the_reason(tokens):
    mails(tokens)
    events = [bus_event("UserSignedUp", {"email": "no address"}), bus_event("UserSignedUp", MIA)]
    assert tokens.handler(batch(*events), None) == {"batchItemFailures": []}
    [reason] = reasons()
    assert reason.startswith("UserSignedUp: detail.email must match pattern")


def test_what_asks_for_nothing_known_is_dead_lettered(tokens):
    tokens.handler(batch(bus_event("Teleport", {}), {}), None)
    assert reasons() == ["no event that asks for a proof: 'Teleport'", "no event that asks for a proof: ''"]


def test_a_throttled_proof_comes_back_and_is_the_same(tokens, monkeypatch):
    outbox = dataclasses.replace(tokens.desk.outbox, sleep=lambda _: None)
    monkeypatch.setattr(tokens, "desk", dataclasses.replace(tokens.desk, outbox=outbox))
    for _ in range(4):
        tokens.ses.add_client_error("send_email", "TooManyRequestsException", "Maximum sending rate exceeded.", 429)
    taken = mails(tokens)
    tokens.handler(asks("CodeRequested", MIA), None)
    tokens.handler(asks("CodeRequested", MIA), None)
    assert len({code_of(mail) for mail in taken}) == 1
    assert tokens.desk.check_code("mia@example.org", code_of(taken[-1]))


@pytest.mark.parametrize("name", ["you won! collect at evil.example", "https://evil.example/x", "a" * 61, "x@y"])
def test_a_name_that_could_be_a_message_is_not_greeted(tokens, name):
    taken = mails(tokens)
    tokens.handler(asks("UserSignedUp", MIA | {"name": name}), None)
    assert name not in text(taken[0])


def test_a_code_that_could_not_go_out_in_time_is_not_sent_any_more(tokens, monkeypatch):
    tokens.ses.add_client_error("send_email", "SendingPausedException", "Sending paused.", 400)
    tokens.handler(asks("CodeRequested", MIA), None)
    later(tokens, monkeypatch, minutes=11)
    tokens.handler(asks("CodeRequested", MIA), None)
