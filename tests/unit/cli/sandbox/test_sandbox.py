import json

import pytest
from click.testing import CliRunner

from cli import settings as reading
from cli.main import mailroom
from cli.sandbox import account as finding
from cli.sandbox import verify as verifying
from cli.sandbox.compose import DESCRIPTION, Unfit, compose
from cli.sandbox.state import State
from infra.settings import Settings
from tests.unit.cli.doctor.conftest import STAGE, There, recorded, refused

NEW, REVIEWED = recorded("account-new", "GetAccount"), recorded("account-reviewed", "GetAccount")
PRODUCTION = recorded("account-production", "GetAccount")
USE_CASE = "Customers of our shop get receipts and codes; newsletters go to who ticked the box and confirmed by mail."
GIVEN = {"use_case": USE_CASE, "website": None, "mail_type": None, "contacts": (), "language": "EN"}


def settings(**more):
    return Settings.read("shop", STAGE | more)


def test_a_request_is_made_of_the_settings_and_the_use_case():
    stage = settings(sending={"a_day": 50_000}, alarm_email="ops@acme.test")
    asked = compose(stage, **GIVEN)
    description = asked.pop("UseCaseDescription")
    assert asked == {
        "MailType": "TRANSACTIONAL",
        "WebsiteURL": "https://acme.test",
        "ContactLanguage": "EN",
        "ProductionAccessEnabled": True,
        "AdditionalContactEmailAddresses": ["ops@acme.test"],
    }
    assert description.startswith(
        f"{USE_CASE}\n\nWe send from hello@acme.test. DKIM, a MAIL FROM domain of our own and"
    )
    assert "We expect about 50,000 mails a day." in description
    assert "Marketing mail is paused by itself at 4 % bounces or 0.08 % complaints." in description
    assert description.endswith("Replies are read by people: support@acme.test.")


def test_a_stage_with_a_domain_for_newsletters_asks_for_marketing():
    news = {"news.acme.test": {"streams": ["marketing"], "sender": "News <n@news.acme.test>"}}
    assert compose(settings(domains=news), **GIVEN)["MailType"] == "MARKETING"
    assert compose(settings(domains=news), **GIVEN | {"mail_type": "TRANSACTIONAL"})["MailType"] == "TRANSACTIONAL"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"use_case": "  Mail.  "}, "says too little"),
        ({"use_case": "x" * DESCRIPTION}, "shorten the use case"),
        ({"website": "acme.test"}, "--website must begin with https://"),
        ({"contacts": [f"{n}@acme.test" for n in range(5)]}, "AWS takes 4 --contact addresses; these are 5"),
        ({"contacts": ["Mia <mia@acme.test>"]}, "--contact must be an address such as"),
    ],
)
def test_a_request_that_aws_would_not_take_says_what_to_change(given, words):
    with pytest.raises(Unfit, match=words):
        compose(settings(), **GIVEN | given)


def test_a_trial_without_a_domain_has_to_name_a_website():
    trial = Settings.read(
        "try", {"region": "eu-west-1", "address": "mia@example.org", "sender": "Mia <mia@example.org>"}
    )
    with pytest.raises(Unfit, match="--website https://"):
        compose(trial, **GIVEN)
    assert compose(trial, **GIVEN | {"website": "https://example.org"})["WebsiteURL"] == "https://example.org"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (NEW, "nobody has asked for production access"),
        (REVIEWED, "AWS reviews the request (support case 170000000001234)"),
        (PRODUCTION, "SES is in production"),
        (REVIEWED | {"Details": {"ReviewDetails": {"Status": "DENIED"}}}, "AWS has denied the request, and says why"),
        (REVIEWED | {"Details": {"ReviewDetails": {"Status": "PAUSED"}}}, "SES is in the sandbox, and says PAUSED of"),
    ],
)
def test_how_the_request_stands(said, words):
    assert words in State.read(said).told


@pytest.fixture
def sandbox(monkeypatch):
    """Runs a command on an SES that answers so: `sandbox("request", "--yes", get_account=...)`; `given` is typed in."""
    monkeypatch.setattr(reading, "stage_settings", lambda _: STAGE)
    monkeypatch.setattr(verifying.time, "sleep", lambda _: None)

    def run(*arguments, given="", ses=None, **sesv2):
        answers = {"sesv2": sesv2, "ses": ses or {}}
        there = There(stage="shop", session=None, account="111122223333", stacks=(), answers=answers)
        monkeypatch.setattr(finding, "place", lambda _: there)
        return CliRunner().invoke(mailroom, ["--stage", "shop", "sandbox", *arguments], input=given)

    return run


def test_a_request_is_shown_whole_and_sent_when_one_says_yes(sandbox):
    sent = []
    answers = iter([NEW, REVIEWED])
    said = sandbox(
        "request",
        given=f"{USE_CASE}\ny\n",
        get_account=lambda: next(answers),
        put_account_details=lambda **asked: sent.append(asked),
    )
    assert said.exit_code == 0, said.output
    assert sent[0]["UseCaseDescription"].startswith(USE_CASE)
    assert "https://acme.test" in said.output
    assert "Replies are read by people: support@acme.test." in said.output
    assert "Sent. SES is in the sandbox; AWS reviews the request" in said.output


def test_a_request_is_not_sent_unless_one_says_yes(sandbox):
    said = sandbox("request", "--use-case", USE_CASE, given="n\n", get_account=NEW)
    assert said.exit_code == 1
    said = sandbox("request", "--use-case", USE_CASE, "--json", get_account=NEW)
    data = json.loads(said.output)
    assert (data["sent"], data["production"], data["request"]["MailType"]) == (False, False, "TRANSACTIONAL")


@pytest.mark.parametrize(
    ("said", "words"), [(REVIEWED, "AWS reviews the request"), (PRODUCTION, "SES is in production")]
)
def test_what_is_under_review_or_granted_is_told_and_not_asked_for_again(sandbox, said, words):
    told = sandbox("request", "--yes", "--use-case", USE_CASE, get_account=said)
    assert (told.exit_code, words in told.output) == (0, True)


def test_a_use_case_in_another_encoding_is_explained(sandbox, tmp_path):
    file = tmp_path / "use-case.txt"
    file.write_bytes("Kunden des Cafés".encode("latin-1"))
    result = sandbox("request", "--use-case-file", str(file), get_account=NEW)
    assert (result.exit_code, "is no text in UTF-8" in result.output) == (2, True)


def test_a_request_that_somebody_else_has_just_made_is_explained(sandbox):
    conflict = refused("PutAccountDetails", "ConflictException", "There is already an ongoing account details update")
    said = sandbox("request", "--yes", "--use-case", USE_CASE, get_account=NEW, put_account_details=conflict)
    assert said.exit_code == 1
    assert "A request is under review already" in said.output


def test_addresses_are_verified_each_as_it_stands(sandbox):
    asked = []
    known = {"old@example.org": True, "late@example.org": False}

    def get(**of):
        if of["EmailIdentity"] not in known:
            raise refused("GetEmailIdentity", "NotFoundException")
        return {"VerifiedForSendingStatus": known[of["EmailIdentity"]]}

    def mailed(**to):
        asked.append(to)
        return {"VerifiedForSendingStatus": False}

    said = sandbox(
        *("verify", "Old@Example.org", "late@example.org", "new@example.org", "--json"),
        get_email_identity=get,
        create_email_identity=mailed,
        ses={"verify_email_identity": mailed},
    )
    assert json.loads(said.output)["addresses"] == [
        {"address": "old@example.org", "verified": True, "asked": False},
        {"address": "late@example.org", "verified": False, "asked": True},
        {"address": "new@example.org", "verified": False, "asked": True},
    ]
    assert asked == [{"EmailAddress": "late@example.org"}, {"EmailIdentity": "new@example.org"}]


def test_ses_that_takes_one_request_a_second_is_waited_for(sandbox):
    throttled = refused("GetEmailIdentity", "TooManyRequestsException", "Rate exceeded")
    answers = iter([throttled, throttled, {"VerifiedForSendingStatus": True}])

    def get(**_):
        if isinstance(answer := next(answers), Exception):
            raise answer
        return answer

    assert "verified" in sandbox("verify", "mia@example.org", get_email_identity=get).output
    said = sandbox("verify", "mia@example.org", get_email_identity=throttled)
    assert (said.exit_code, "SES takes no more requests for now, from mia@example.org on" in said.output) == (1, True)


@pytest.mark.parametrize(
    "given", ["acme.test", "mia@acme", "Mia <mia@acme.test>", "mia@acme.test\x1b[1m", "mïa@acme.test"]
)
def test_what_is_no_address_of_sess_is_refused_before_anything_is_asked(sandbox, given):
    said = sandbox("verify", "mia@example.org", given)
    assert (said.exit_code, "ADDRESS must be an address such as 'support@acme.com'" in said.output) == (2, True)
    assert "\x1b" not in said.output
