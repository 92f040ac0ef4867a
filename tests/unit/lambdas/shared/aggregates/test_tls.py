import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.aggregates import tls
from lambdas.shared.aggregates.report import Failure, NoAggregate, TlsPolicy, TlsReport
from tests.report_mail import report

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_googles_report_is_read_whole():
    assert tls.read(report("tls-google.json"), "", NOW) == [
        TlsReport(
            id="2026-11-20T00:00:00Z_acme.test",
            domain="acme.test",
            begin="2026-11-20T00:00:00.000Z",
            end="2026-11-20T23:59:59.000Z",
            organisation="Google Inc.",
            contact="smtp-tls-reporting@google.com",
            policies=(
                TlsPolicy(
                    type="sts",
                    mode="testing",
                    succeeded=120,
                    failed=3,
                    failures=(
                        Failure(
                            result="certificate-host-mismatch", count=2, mx="mx.old.example", source="2001:db8::19"
                        ),
                        Failure(
                            result="validation-failure",
                            count=1,
                            mx="mx.old.example",
                            source="192.0.2.55",
                            reason="X509_V_ERR_UNSPECIFIED",
                        ),
                    ),
                ),
            ),
        )
    ]


def test_a_domain_that_the_report_leaves_out_is_that_of_the_mails_header():
    [found] = tls.read(report("tls-microsoft.json"), "Acme.test", NOW)
    assert found.domain == "acme.test"
    assert found.policies == (TlsPolicy(type="no-policy-found", mode="", succeeded=7, failed=0),)


def test_a_report_on_several_domains_is_one_for_each():
    given = json.loads(report("tls-google.json"))
    other = {"policy": {"policy-type": "tlsa", "policy-domain": "shop.example"}, "summary": {}}
    given["policies"].append(other)
    assert [found.domain for found in tls.read(json.dumps(given).encode(), "", NOW)] == ["acme.test", "shop.example"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"{", "Malformed: no JSON: "),
        (b'{"a": ' + b"[" * 100_000, "Malformed: no JSON: "),
        (b'{"policies": ' + b"9" * 5_000, "Malformed: no JSON: "),
        (b"[]", "NoReport: JSON that is no TLS report"),
        (b'{"policies": {}}', "NoReport: JSON that is no TLS report"),
        (b'{"policies": []}', "Malformed: its period is '' to '', which are no times"),
        (b'{"policies": [' + b",".join([b"{}"] * 51) + b"]}", "TooLarge: 51 policies; 50 at most are read"),
        (b"{" + b" " * 5_000_000, "TooLarge: 5000001 bytes of JSON"),
    ],
)
def test_what_is_no_tls_report_is_refused_with_its_reason(content, fault):
    with pytest.raises(NoAggregate) as refused:
        tls.read(content, "acme.test", NOW)
    assert f"{type(refused.value).__name__}: {refused.value}".startswith(fault)


def test_half_a_character_in_a_policys_mode_is_no_text():
    given = json.loads(report("tls-google.json"))
    given["policies"][0]["policy"]["policy-string"] = ["version: STSv1", "mode: test\ud800"]
    [found] = tls.read(json.dumps(given).encode(), "acme.test", NOW)
    assert found.policies[0].mode == "test?"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    """The paths of all values within a JSON value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


PLACES = [path for path in places(json.loads(report("tls-google.json"))) if path]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), VALUES)
def test_whatever_stands_where_something_else_is_expected_is_left_out_or_refused(path, value):
    given = json.loads(report("tls-google.json"))
    inner = given
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    try:
        found = tls.read(json.dumps(given).encode(), "acme.test", NOW)
    except NoAggregate:
        return
    for one in found:
        for policy in one.policies:
            assert policy.succeeded >= 0
            assert policy.failed >= 0
            json.dumps([one.id, one.domain, policy.type, policy.mode], ensure_ascii=False).encode()
