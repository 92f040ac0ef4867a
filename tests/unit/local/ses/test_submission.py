import pytest

from local.ses.errors import BadRequest, NotEmulated
from local.ses.submission import read_submission
from tests.unit.local.ses.conftest import simple

RAW = (
    b"From: Acme <hello@acme.test>\r\nTo: Mia <mia@example.org>, b@example.org\r\nBcc: c@example.org\r\n"
    b"X-SES-CONFIGURATION-SET: main\r\nX-SES-MESSAGE-TAGS: a=1, b=2\r\n\r\nhi\r\n"
)


def raw(**more):
    return read_submission({"Content": {"Raw": {"Data": RAW}}, **more})


def test_a_raw_message_says_everything_itself():
    submission = raw()
    assert (submission.source, submission.sender) == ("Acme <hello@acme.test>", "hello@acme.test")
    assert submission.recipients == ("mia@example.org", "b@example.org", "c@example.org")
    assert (submission.configuration_set, submission.tags, submission.raw) == ("main", {"a": "1", "b": "2"}, True)


def test_parameters_win_over_headers():
    submission = raw(
        FromEmailAddress="other@acme.test",
        Destination={"BccAddresses": ["d@example.org"]},
        ConfigurationSetName="marketing",
        EmailTags=[{"Name": "c", "Value": "3"}],
    )
    assert (submission.sender, submission.recipients) == ("other@acme.test", ("d@example.org",))
    assert (submission.configuration_set, submission.tags) == ("marketing", {"c": "3"})


def test_whom_a_message_is_from_besides_its_sender():
    assert raw(FromEmailAddress="other@acme.test").senders == ("other@acme.test", "hello@acme.test")
    assert raw().senders == ("hello@acme.test",)


def test_a_raw_message_says_whom_it_is_from():
    with pytest.raises(BadRequest, match="Missing required header 'From'"):
        read_submission({"FromEmailAddress": "hello@acme.test", "Content": {"Raw": {"Data": b"To: a@b.test\r\n\r\n"}}})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"FromEmailAddress": "Köln <hello@acme.test>"}, "encode its display name"),
        ({"FromEmailAddress": "hello"}, "Missing final '@domain'"),
        ({"FromEmailAddress": "a@acme.test\r\nBcc: x@example.org"}, "no address at all"),
        ({"Destination": {"ToAddresses": ["mia@"]}}, "Missing final '@domain'"),
        ({"EmailTags": [{"Name": "a b", "Value": "1"}]}, "letters, digits"),
        ({"EmailTags": [{"Name": "a", "Value": ""}]}, "letters, digits"),
        ({"FromEmailAddress": ""}, "FromEmailAddress is missing"),
    ],
)
def test_what_ses_refuses(change, message):
    with pytest.raises(BadRequest, match=message):
        read_submission(simple(**change))


@pytest.mark.parametrize("change", [{"Content": {"Template": {"TemplateName": "x"}}}, {"EndpointId": "x"}])
def test_what_is_not_emulated_is_not_passed_over(change):
    with pytest.raises(NotEmulated):
        read_submission(simple(**change))
