import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.connect.endpoint import Endpoint, NotAnEndpoint, endpoint


@pytest.mark.parametrize(
    ("url", "host", "port", "target", "name"),
    [
        ("https://hooks.example.org", "hooks.example.org", 443, "/", "hooks.example.org"),
        ("https://hooks.example.org/a/b?c=d&e", "hooks.example.org", 443, "/a/b?c=d&e", "hooks.example.org"),
        ("https://hooks.example.org?c=d", "hooks.example.org", 443, "/?c=d", "hooks.example.org"),
        ("HTTPS://Hooks.Example.ORG:8443/A", "hooks.example.org", 8443, "/A", "hooks.example.org:8443"),
        ("https://hooks.example.org:443/a", "hooks.example.org", 443, "/a", "hooks.example.org"),
        ("https://xn--mller-kva.example/x%20y", "xn--mller-kva.example", 443, "/x%20y", "xn--mller-kva.example"),
        ("https://a_b.example/", "a_b.example", 443, "/", "a_b.example"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/", "8.8.8.8"),
        ("https://[2600::1]:444/", "2600::1", 444, "/", "[2600::1]:444"),
        ("https://hooks.example.org/@me", "hooks.example.org", 443, "/@me", "hooks.example.org"),
        ("https://hooks.example.org//x", "hooks.example.org", 443, "//x", "hooks.example.org"),
    ],
)
def test_a_url_is_taken_apart(url, host, port, target, name):
    assert endpoint(url) == Endpoint(host=host, port=port, target=target)
    assert endpoint(url).name == name


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://hooks.example.org/", "begins with https://"),
        ("//hooks.example.org/", "begins with https://"),
        ("file:///etc/passwd", "begins with https://"),
        ("httpss://hooks.example.org/", "begins with https://"),
        ("https:hooks.example.org", "begins with https://"),
        ("https://user:secret@hooks.example.org/", "no user and password"),
        ("https://hooks.example.org@10.0.0.1/", "no user and password"),
        ("https://@hooks.example.org/", "no user and password"),
        ("https://hooks.example.org/#top", "no fragment"),
        ("https://hooks.example.org#@10.0.0.1/", "no fragment"),
        ("https://hooks.example.org:0/", "the host or the port"),
        ("https://hooks.example.org:65536/", "the host or the port"),
        ("https://hooks.example.org:/", "the host or the port"),
        ("https://hooks.example.org:44x/", "the host or the port"),
        ("https://hooks.example.org:-1/", "the host or the port"),
        ("https:///a", "the host or the port"),
        ("https://:443/", "the host or the port"),
        ("https://?", "the host or the port"),
        ("https://a..b/", "the host or the port"),
        ("https://-a.example/", "the host or the port"),
        ("https://a.example./", "the host or the port"),
        ("https://a%2eexample/", "the host or the port"),
        ("https://[::1/", "the host or the port"),
        ("https://[::1%25eth0]/", "the host or the port"),
        ("https://[v1.x]/", "the host or the port"),
        ("https://[::1]x/", "the host or the port"),
        ("https://" + "a." * 127 + "example/", "the host or the port"),
        ("https://hooks.example.org\\@10.0.0.1/", "ASCII characters"),
        ("https://hooks.exa\tmple.org/", "ASCII characters"),
        ("https://hooks.example.org/\n", "ASCII characters"),
        ("https://hooks.example.org/a b", "ASCII characters"),
        (" https://hooks.example.org/", "ASCII characters"),
        ("https://müller.example/", "ASCII characters"),
        ("https://hooks.example.org/" + "a" * 2048, "ASCII characters"),
        ("https://hooks。example.org/", "ASCII characters"),
        ("", "ASCII characters"),
    ],
)
def test_a_url_that_is_not_to_be_called_is_refused_with_what_to_change(url, reason):
    with pytest.raises(NotAnEndpoint, match=reason):
        endpoint(url)


def test_neither_an_endpoint_nor_a_refusal_shows_what_may_be_a_secret():
    assert "s3cret" not in repr(endpoint("https://hooks.example.org/s3cret?token=s3cret"))
    with pytest.raises(NotAnEndpoint) as refused:
        endpoint("https://s3cret:s3cret@hooks.example.org/s3cret")
    assert "s3cret" not in str(refused.value)


@given(some.text() | some.text(alphabet="htps:/@[]#?.a1%").map("https://".__add__))
def test_hostile_urls_are_taken_apart_or_refused(url):
    try:
        found = endpoint(url)
    except NotAnEndpoint:
        return
    assert found.target.startswith("/")
    assert 0 < found.port < 65536
    assert not set(found.host + found.target) & set(" @\\\r\n\t#") - {"@"}
    assert "@" not in found.host
