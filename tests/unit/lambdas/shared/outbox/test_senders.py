import pytest

from lambdas.shared.outbox.request import Request
from lambdas.shared.outbox.senders import NotFromHere, Senders, holder

SENDERS = Senders(
    by_stream={"transactional": "Acme <hello@acme.test>", "marketing": "News <news@news.acme.test>"},
    domains={"acme.test": [], "news.acme.test": ["marketing"], "help.news.acme.test": []},
)


def request(stream, sender=None):
    return Request(
        id="m1", recipient="mia@example.org", stream=stream, template="notice", fingerprint="f", sender=sender
    )


def test_a_mail_that_does_not_say_it_comes_from_the_sender_of_its_stream():
    assert SENDERS.of(request("transactional")) == "Acme <hello@acme.test>"
    assert SENDERS.of(request("marketing")) == "News <news@news.acme.test>"


@pytest.mark.parametrize(
    ("stream", "sender"),
    [
        ("marketing", "a@news.acme.test"),
        ("marketing", "Ann <a@eu.news.acme.test>"),
        ("marketing", "a@acme.test"),
        ("transactional", "A@Mail.ACME.test"),
        ("transactional", "a@help.news.acme.test"),
        ("transactional", "a@elsewhere.test"),  # which IAM refuses
    ],
)
def test_a_domain_that_names_no_streams_is_for_all_of_them(stream, sender):
    assert SENDERS.of(request(stream, sender)) == sender


@pytest.mark.parametrize("sender", ["a@news.acme.test", "Ann <a@NEWS.Acme.test>", "a@eu.news.acme.test"])
def test_from_a_domain_that_names_streams_no_other_mail_comes(sender):
    with pytest.raises(NotFromHere) as refused:
        SENDERS.of(request("transactional", sender))
    assert str(refused.value) == (
        "`from` is of news.acme.test, which is for marketing mail, and this is transactional: leave `from` out, "
        "or use an address of another domain"
    )


def test_a_trial_with_one_address_sends_everything_from_it():
    trial = Senders(by_stream={"transactional": "me@acme.test", "marketing": "me@acme.test"}, domains={})
    assert trial.of(request("marketing")) == "me@acme.test"


def test_a_name_is_of_the_longest_domain_that_holds_it():
    domains = ["acme.test", "news.acme.test"]
    assert holder(domains, "a.news.acme.test") == "news.acme.test"
    assert holder(domains, "xnews.acme.test") == "acme.test"
    assert holder(domains, "notacme.test") is None
