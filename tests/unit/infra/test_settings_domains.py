import pytest

from infra.settings import HostedZone, InvalidStage, Settings
from infra.settings_domains import Domain

STAGE = {"region": "eu-west-1", "domain": "acme.test", "sender": "Acme <hello@acme.test>"}
NEWS = {"streams": ["marketing"], "sender": "Acme News <news@news.acme.test>"}
ZONE = {"id": "Z0123456789ABC", "name": "acme.test"}


def read(domains, **stage):
    return Settings.read("test", STAGE | stage | {"domains": domains})


def faults(domains, **stage):
    with pytest.raises(InvalidStage) as refused:
        read(domains, **stage)
    return [line.removeprefix("cdk.json, stage test: ") for line in str(refused.value).splitlines()]


def mailbox(address):
    return [{"name": "Support", "address": address}]


def test_the_first_domain_has_the_stages_own_keys():
    given = STAGE | {"hosted_zone": ZONE, "mail_from": "returns", "dmarc": "reject", "dkim": "own"}
    first = Domain(
        name="acme.test",
        mail_from="returns",
        dmarc="reject",
        hosted_zone=HostedZone(id="Z0123456789ABC", name="acme.test"),
        dkim="own",
        streams=(),
        sender="Acme <hello@acme.test>",
    )
    assert Settings.read("test", given).domains == (first,)


def test_a_further_domain_has_keys_of_its_own_and_nothing_of_the_first():
    news = NEWS | {"mail_from": "returns", "dmarc": "quarantine", "hosted_zone": ZONE, "dkim": "own"}
    settings = read({"News.acme.test": news, "acme.example": {}}, dmarc="reject", hosted_zone=ZONE)
    assert settings.domains[1:] == (
        Domain(
            name="news.acme.test",
            mail_from="returns",
            dmarc="quarantine",
            hosted_zone=HostedZone(id="Z0123456789ABC", name="acme.test"),
            dkim="own",
            streams=("marketing",),
            sender="Acme News <news@news.acme.test>",
        ),
        Domain(name="acme.example", mail_from="bounce", dmarc="none", dkim="easy", streams=(), sender=None),
    )
    assert settings.identities == ("acme.test", "news.acme.test", "acme.example")


def test_a_stream_is_sent_by_the_domain_that_names_it_and_else_by_the_first():
    assert read({"news.acme.test": NEWS}).senders == {
        "transactional": "Acme <hello@acme.test>",
        "marketing": "Acme News <news@news.acme.test>",
    }


def test_a_trial_with_one_address_has_no_domain():
    trial = Settings.read("test", {"region": "eu-west-1", "address": "me@acme.test", "sender": "me@acme.test"})
    assert (trial.domains, trial.identities) == ((), ("me@acme.test",))
    assert trial.senders == {"transactional": "me@acme.test", "marketing": "me@acme.test"}


@pytest.mark.parametrize("address", ["support@acme.example", "support@help.acme.example", "support@news.acme.test"])
def test_a_mailbox_may_be_of_any_domain_that_sends_answers(address):
    settings = read({"acme.example": {}, "news.acme.test": {}}, mailboxes=mailbox(address))
    assert settings.receiving_domains == (address.partition("@")[2],)


def test_the_name_for_tracking_may_be_of_any_domain():
    assert read({"news.acme.test": NEWS}, tracking={"domain": "click.news.acme.test"}).tracking.domain


@pytest.mark.parametrize(
    ("domains", "said"),
    [
        (["news.acme.test"], "must be an object of domains by name, such as {"),
        ({"news": NEWS}, "a name must be a domain such as 'acme.com'"),
        ({"a.test": "b"}, "a.test: must be an object of streams, sender, mail_from, dmarc, hosted_zone, dkim; it is"),
        ({"a.test": {"region": "eu-west-1"}}, "a.test: must be an object of streams, sender, mail_from, dmarc"),
        ({"a.test": {"streams": ["marketing"]}}, "a.test: names streams and no `sender`; add who their mails come"),
        ({"news.acme.test": NEWS | {"streams": []}}, "news.acme.test: its `streams` must be a list of transactional"),
        ({"news.acme.test": NEWS | {"streams": ["bulk"]}}, "news.acme.test: its `streams` must be a list of"),
        ({"a.test": {"sender": "A"}}, "a.test: its `sender` must be a sender such as 'Acme <hello@acme.com>'"),
        ({"a.test": {"mail_from": "b.c"}}, "a.test: its `mail_from` must be one label of a domain"),
        (
            {"a.test": {"dmarc": "strict"}},
            "a.test: its `dmarc` must be one of none, quarantine, reject; it is 'strict'",
        ),
        ({"a.test": {"dkim": "none"}}, "a.test: its `dkim` must be 'easy' (SES makes the keys and changes them) or"),
        ({"a.test": {"hosted_zone": "Z1"}}, 'a.test: its `hosted_zone` must be an object {"id": "Z0123456789ABC"'),
        ({"a.test": {"hosted_zone": ZONE}}, "a.test: its `hosted_zone` acme.test does not hold a.test; give the zone"),
        ({"Acme.test": {}}, "acme.test is there twice; the first, `domain`, needs no entry"),
        ({"a.test": {"sender": "a@b.test"}}, "a.test: its `sender` a@b.test is not of a.test; change one of them"),
        ({"bounce.acme.test": {}}, "mail_from: bounce.acme.test is a domain of the stage, so it cannot take bounces"),
        (
            {"a.test": {"sender": "a@bounce.a.test"}},
            "a.test: its `mail_from` bounce.a.test is a sender's, so it cannot take bounces; use another",
        ),
        (
            {"news.acme.test": NEWS, "a.test": NEWS | {"sender": "a@a.test"}},
            "news.acme.test and a.test both name the stream marketing; keep it in one",
        ),
    ],
)
def test_a_domain_that_cannot_be_is_refused_with_what_to_change(domains, said):
    (fault,) = faults(domains)
    assert fault.removeprefix("domains: ").startswith(said)


def test_all_faults_of_domains_come_at_once():
    assert faults({"a.test": {"dmarc": "strict", "dkim": "none"}, "b": {}}) == [
        "domains: a name must be a domain such as 'acme.com' (no scheme, no path; international names as xn--…); it "
        "is 'b'",
        "domains: a.test: its `dkim` must be 'easy' (SES makes the keys and changes them) or 'own' (`mailroom dkim` "
        "does); it is 'none'",
        "domains: a.test: its `dmarc` must be one of none, quarantine, reject; it is 'strict'",
    ]


def test_a_sender_is_of_its_own_domain_and_not_of_one_below_it():
    assert faults({"news.acme.test": {}}, sender="Acme <hello@news.acme.test>") == [
        "sender: hello@news.acme.test is not of acme.test but of news.acme.test; change one of them"
    ]


def test_a_mailbox_answers_so_its_domain_must_send_answers():
    assert faults({"news.acme.test": NEWS}, mailboxes=mailbox("support@news.acme.test")) == [
        "mailboxes: support@news.acme.test: answers are transactional mail, and news.acme.test sends marketing mail "
        "alone; use an address of another domain"
    ]


def test_a_mailbox_of_no_domain_is_refused_with_the_domains_there_are():
    assert faults({"acme.example": {}}, mailboxes=mailbox("support@acme.invalid")) == [
        "mailboxes: support@acme.invalid is not of acme.test or acme.example; use an address of a domain here or below "
        "it"
    ]
