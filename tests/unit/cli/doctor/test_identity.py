from datetime import UTC, datetime

import pytest

from cli.doctor.authentication import dkim, mail_from
from cli.doctor.identity import identities, verified
from tests.unit.cli.doctor.conftest import recorded, refused, stack

VERIFIED = recorded("identity-verified", "GetEmailIdentity")
WAITING = recorded("identity-pending", "GetEmailIdentity")
ADDRESS = recorded("identity-address", "GetEmailIdentity")
MISSING = refused("GetEmailIdentity", "NotFoundException", "Email identity acme.test does not exist.")


def told(lines):
    return [(line.check, line.level) for line in lines]


@pytest.fixture
def looked(case):
    """The lines on the stage's identities: `looked(answer, stacks=...)`."""

    def run(answer, **more):
        return list(identities(case(sesv2={"get_email_identity": answer}, **more)))

    return run


def test_a_domain_with_all_its_records_is_well(looked):
    lines = looked(VERIFIED)
    assert told(lines) == [("identity", "ok"), ("dkim", "ok"), ("mail-from", "ok")]
    assert [line.said for line in lines] == [
        "acme.test is verified; SES last saw so 2 hours ago",
        "acme.test signs with 2048 bits, made 70 days ago",
        "bounce.acme.test takes the bounces of acme.test",
    ]


def test_a_new_domain_waits_for_its_records(looked):
    lines = looked(WAITING)
    assert told(lines) == [("identity", "error"), ("dkim", "error"), ("mail-from", "warning")]
    assert lines[0].said == (
        "acme.test is not verified (PENDING: there is nothing at the names of the records): nothing is sent from it; "
        "SES has looked for its records for 5 hours, and for 2 days more"
    )
    assert lines[0].mend == "`mailroom --stage shop dns`; once the records are there, SES sees them by itself"


def test_records_that_came_too_late_need_a_command(case):
    line = verified(case(), "acme.test", WAITING | {"VerificationStatus": "FAILED"})
    assert line.level == "error"
    assert "`aws ses verify-domain-dkim --domain acme.test --region eu-west-1` has SES look" in line.mend
    late = WAITING["DkimAttributes"] | {"LastKeyGenerationTimestamp": datetime(2026, 11, 17, tzinfo=UTC)}
    assert (
        "for 4 days, which is as long as it does"
        in verified(case(), "acme.test", WAITING | {"DkimAttributes": late}).said
    )


def test_an_address_is_verified_by_a_link(looked):
    trial = {"domain": None, "mailboxes": None, "address": "mia@example.org", "sender": "Mia <mia@example.org>"}
    lines = looked(ADDRESS, stage=trial)
    assert told(lines) == [("identity", "error")]
    assert lines[0].mend.startswith("open the link in AWS's mail to mia@example.org; ")


def test_each_domain_is_looked_at(looked):
    news = {"news.test": {"streams": ["marketing"], "sender": "News <n@news.test>"}}
    lines = looked(
        lambda **asked: VERIFIED if asked == {"EmailIdentity": "acme.test"} else MISSING, stage={"domains": news}
    )
    assert told(lines)[3:] == [("identity", "error")]
    assert lines[3].said.startswith("news.test is no identity of SES, though the stack has made it")


def test_an_identity_that_is_being_made_is_waited_for_and_not_made_by_hand(looked):
    [line] = looked(MISSING, stacks=[stack("Identity", status="CREATE_IN_PROGRESS")])
    assert (line.level, line.mend) == ("warning", "wait, then ask again")


def test_before_a_deployment_an_identity_is_better_not_there(looked):
    assert told(looked(MISSING, stacks=())) == [("identity", "warning")]
    assert told(looked(MISSING, stacks=[stack("Identity", status="ROLLBACK_COMPLETE")])) == [("identity", "warning")]
    lines = looked(VERIFIED, stacks=())
    assert (lines[0].level, "a deployment would stop at it" in lines[0].said) == ("error", True)


@pytest.mark.parametrize(
    ("said", "setting", "level", "words"),
    [
        ({"SigningEnabled": False}, "easy", "error", "signing is off"),
        ({"Status": "TEMPORARY_FAILURE"}, "easy", "error", "mails go out unsigned"),
        ({"CurrentSigningKeyLength": "RSA_1024_BIT"}, "easy", "warning", "1024 bits"),
        (
            {"SigningAttributesOrigin": "EXTERNAL"},
            "easy",
            "warning",
            "a key of your own, and its setting `dkim` is 'easy'",
        ),
        ({}, "own", "warning", "SES's own keys, and its setting `dkim` is 'own'"),
        ({"SigningAttributesOrigin": "EXTERNAL"}, "own", "ok", "a key of your own, made 70 days ago"),
        (
            {"SigningAttributesOrigin": "EXTERNAL", "LastKeyGenerationTimestamp": datetime(2025, 11, 1, tzinfo=UTC)},
            "own",
            "warning",
            "made 385 days ago",
        ),
    ],
)
def test_keys(case, said, setting, level, words):
    made = case(stage={"dkim": setting})
    line = dkim(made, made.settings.domains[0], VERIFIED["DkimAttributes"] | said)
    assert line.level == level
    assert words in line.said
    assert ("dkim create acme.test" in line.mend) == ("SES's own keys" in line.said)


@pytest.mark.parametrize(
    ("said", "level", "words"),
    [
        ({"MailFromDomain": "mail.acme.test"}, "error", "by its settings bounce.acme.test"),
        ({"MailFromDomain": ""}, "error", "the MAIL FROM domain of SES"),
        ({"MailFromDomainStatus": "PENDING"}, "warning", "SPF is not aligned"),
        ({"MailFromDomainStatus": "FAILED"}, "error", "SPF is not aligned"),
        ({"MailFromDomainStatus": "PENDING", "BehaviorOnMxFailure": "REJECT_MESSAGE"}, "error", "nothing is sent"),
    ],
)
def test_mail_from(case, said, level, words):
    made = case()
    line = mail_from(made, made.settings.domains[0], VERIFIED["MailFromAttributes"] | said)
    assert line.level == level
    assert words in line.said
