import pytest

from infra.settings_sending import READERS, Sending, sending


def test_everything_has_a_default():
    assert sending({}) == Sending(
        per_second=14,
        a_day=None,
        attachment_buckets=(),
        return_urls=(),
        code_digits=6,
        code_minutes=10,
        again_seconds=60,
        an_hour=5,
        source_an_hour=20,
    )


def test_every_key_is_read():
    given = {
        "per_second": 200,
        "a_day": 50000,
        "attachment_buckets": ["shop-files", "invoices.acme.com"],
        "return_urls": ["https://shop.acme.com/account/", "http://localhost:3000"],
        "code_digits": 8,
        "code_minutes": 5,
        "again_seconds": 0,
        "an_hour": 10,
        "source_an_hour": 100,
    }
    assert given.keys() == READERS.keys()
    assert sending(given) == Sending(
        per_second=200,
        a_day=50_000,
        attachment_buckets=("shop-files", "invoices.acme.com"),
        return_urls=("https://shop.acme.com/account/", "http://localhost:3000"),
        code_digits=8,
        code_minutes=5,
        again_seconds=0,
        an_hour=10,
        source_an_hour=100,
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "must be an object of per_second, a_day, attachment_buckets, "),
        ({"rate": 14}, "must be an object of per_second, a_day, attachment_buckets, "),
        ({"per_second": 0}, "its `per_second` must be a whole number from 1 to 5000; it is 0"),
        ({"per_second": 1.5}, "its `per_second` must be a whole number from 1 to 5000; it is 1.5"),
        ({"per_second": True}, "its `per_second` must be a whole number from 1 to 5000; it is True"),
        ({"code_digits": 4}, "its `code_digits` must be a whole number from 6 to 12; it is 4"),
        ({"code_minutes": 61}, "its `code_minutes` must be a whole number from 1 to 60; it is 61"),
        ({"again_seconds": -1}, "its `again_seconds` must be a whole number from 0 to 3600; it is -1"),
        ({"an_hour": "5"}, "its `an_hour` must be a whole number from 1 to 100; it is '5'"),
        (
            {"attachment_buckets": "shop"},
            "its `attachment_buckets` must be a list of names of S3 buckets; it is 'shop'",
        ),
    ],
)
def test_a_fault_is_told_with_what_to_change(given, said):
    with pytest.raises(ValueError) as refused:
        sending(given)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize(
    "name", ["", "ab", "Shop", "shop_files", "shop/files", "arn:aws:s3:::shop", "*", "xn--shop", 7]
)
def test_what_is_no_bucket_is_refused(name):
    with pytest.raises(ValueError, match="attachment_buckets"):
        sending({"attachment_buckets": [name]})


@pytest.mark.parametrize(
    "address",
    [
        "",
        "shop.acme.com",
        "http://shop.acme.com",
        "http://localhost.evil.example",
        "javascript:alert(1)",
        "//shop.acme.com",
        "https://",
        "https://shop.acme.com/?next=1",
        "https://shop.acme.com/#a",
        "https://user@shop.acme.com/",
        7,
    ],
)
def test_what_is_no_place_to_go_on_to_is_refused(address):
    with pytest.raises(ValueError, match="return_urls"):
        sending({"return_urls": [address]})


@pytest.mark.parametrize(("per_second", "workers"), [(1, 2), (14, 2), (20, 2), (21, 3), (50, 5), (5000, 500)])
def test_the_rate_is_divided_among_executions_that_manage_their_part(per_second, workers):
    assert Sending(per_second=per_second).workers == workers


def test_the_functions_are_given_what_they_read():
    assert Sending(return_urls=("https://acme.com",)).token_policy == {
        "return_urls": ("https://acme.com",),
        "code_digits": 6,
        "code_minutes": 10,
        "again_seconds": 60,
        "an_hour": 5,
        "source_an_hour": 20,
    }
