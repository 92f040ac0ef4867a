import pytest

from local.standins.webhooks import here


@pytest.mark.parametrize(
    ("url", "address", "host"),
    [
        (
            "http://ab12.execute-api.localhost:4566/hooks/jira?a=b",
            "http://127.0.0.1:4566/hooks/jira?a=b",
            "ab12.execute-api.localhost:4566",
        ),
        ("http://127.0.0.1:4566/hook", "http://127.0.0.1:4566/hook", "127.0.0.1:4566"),
        ("https://ab12.execute-api.eu-west-1.amazonaws.com/hooks/jira", None, None),
    ],
)
def test_names_under_localhost_are_this_machine(url, address, host):
    assert here(url) == (address or url, host or "ab12.execute-api.eu-west-1.amazonaws.com")
