import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.connect import jira, zendesk
from lambdas.connect.http import Credentials, checked, content_type, reason, retry_after

NOW = 1_790_985_600.0  # Sat, 03 Oct 2026 00:00:00 GMT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0),
        ("37", 37),
        (" 37 ", 37),
        ("Sat, 03 Oct 2026 00:00:37 GMT", 37),
        ("Fri, 02 Oct 2026 23:59:59 GMT", 0),
        ("999999999", 86_400),
        ("Thu, 01 Jan 9999 00:00:00 GMT", 86_400),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
    ],
)
def test_how_long_to_wait_is_read_in_seconds_or_as_a_date(value, seconds):
    assert retry_after(value, NOW) == seconds


@given(st.text())
def test_whatever_the_header_says_is_no_failure(value):
    waited = retry_after(value, NOW)
    assert waited is None or 0 <= waited <= 86_400


@pytest.mark.parametrize("base", ["https://acme.atlassian.net", "http://127.0.0.1:8080", "http://localhost"])
def test_credentials_may_go_by_tls_or_within_this_machine(base):
    assert checked(base) == base


@pytest.mark.parametrize(
    "base",
    [
        "http://acme.atlassian.net",
        "https://me:secret@acme.test",
        "https://acme.test/path",
        "https://acme.test?x",
        "https://",
        "ftp://127.0.0.1",
        "http://127.0.0.1.evil.test",
    ],
)
def test_credentials_go_nowhere_else(base):
    with pytest.raises(ValueError, match="not https://HOST") as caught:
        checked(base)
    assert "secret" not in str(caught.value)


def test_credentials_do_not_show_their_password():
    given = Credentials(user="mailroom@acme.test", password="hunter2")
    assert "hunter2" not in repr(given)
    assert given.header == "Basic bWFpbHJvb21AYWNtZS50ZXN0Omh1bnRlcjI="


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"errorMessages": ["No."], "errors": {"summary": "long"}}', "errorMessages: No. summary: long"),
        (
            '{"error": "Invalid", "details": {"base": [{"description": "closed"}]}}',
            "error: Invalid description: closed",
        ),
        ("<html>\n  Down</html>", "<html> Down</html>"),
        ("", "without a word"),
        ("{}", "{}"),
        ("[" * 100_000, "[" * 300),
    ],
)
def test_what_an_answer_says_is_told_in_words(answer, said):
    assert reason(answer) == said


def test_a_files_type_that_no_header_can_carry_is_none():
    assert content_type("image/svg+xml") == "image/svg+xml"
    assert content_type("text/plain\r\nX-Evil: 1") == "application/octet-stream"
    assert content_type("") == "application/octet-stream"


@pytest.mark.parametrize("name", ["acme.evil.test/", "acme/..", "", "-acme", "acme.atlassian.net", "ACME", "a@b"])
def test_a_site_is_one_label_of_a_host_name(name):
    for address in (jira.address, zendesk.address):
        with pytest.raises(ValueError, match="no s"):
            address(name)


def test_a_sites_address_is_theirs():
    assert jira.address("acme") == "https://acme.atlassian.net"
    assert zendesk.address("acme-2") == "https://acme-2.zendesk.com"
