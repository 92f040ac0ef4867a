import pytest

from lambdas.shared.tokens.desk import below


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://acme.test", "https://acme.test"),
        ("https://acme.test/", "https://acme.test"),
        ("https://acme.test/reset?x=1#y", "https://acme.test/"),
        ("https://acme.test/account/reset", "https://acme.test/account"),
        ("http://localhost:3000/reset", "http://localhost:3000"),
    ],
)
def test_below(address, allowed):
    assert below(address, allowed)


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("http://acme.test/", "https://acme.test"),
        ("https://acme.test.evil.example/", "https://acme.test"),
        ("https://acme.test@evil.example/", "https://acme.test"),
        ("https://acme.test:444/", "https://acme.test"),
        ("https://acme.test/accounts", "https://acme.test/account"),
        ("https://acme.test/account/../admin", "https://acme.test/account"),
        ("https://acme.test\\evil.example/", "https://acme.test"),
        ("//acme.test/", "https://acme.test"),
        ("javascript:alert(1)//https://acme.test", "https://acme.test"),
    ],
)
def test_not_below(address, allowed):
    assert not below(address, allowed)
