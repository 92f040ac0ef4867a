"""What is kept of a report in one item of the reports table."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.aggregates.report import Failure, Row, Sender, TlsPolicy, TlsReport
from lambdas.shared.aggregates.table import item_of, pack, tls_of, unpack

SENDER = Sender(
    organisation="google.com", contact="", domain="google.com", spf="PASS", dkim="PASS", dmarc="PASS", mail="ses-1"
)
SHORT = st.text(max_size=5)
ROWS = st.builds(
    Row,
    source=SHORT,
    count=st.integers(1, 10**9),
    disposition=st.sampled_from(["none", "quarantine", "reject", "pass", ""]),
    dkim=st.booleans(),
    spf=st.booleans(),
    header_from=SHORT,
    signatures=st.lists(st.tuples(SHORT, SHORT, SHORT), max_size=2).map(tuple),
    envelope=st.lists(st.tuples(SHORT, SHORT), max_size=2).map(tuple),
    overrides=st.lists(SHORT, max_size=2).map(tuple),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(ROWS, max_size=5).map(tuple))
def test_rows_come_back_as_they_went_in(rows):
    assert unpack(pack(rows)) == rows


def test_of_more_rows_than_an_item_holds_the_largest_are_kept_and_the_others_added_up():
    dice = random.Random(1)
    noise = [f"{dice.getrandbits(800):x}.example" for _ in range(4_000)]
    rows = tuple(
        Row(
            source=f"192.0.2.{n % 250}",
            count=4_000 - n,
            disposition="none",
            dkim=n % 2 == 0,
            spf=False,
            header_from=name,
        )
        for n, name in enumerate(noise)
    )
    packed = pack(rows)
    found = unpack(packed)
    assert len(packed) <= 300_000
    assert sum(row.count for row in found) == sum(row.count for row in rows)
    assert found[:1000] == rows[:1000]
    assert sorted((row.source, row.dkim, row.overrides) for row in found[-2:]) == [
        ("", False, ("added up",)),
        ("", True, ("added up",)),
    ]


def test_a_tls_report_keeps_as_many_failures_as_an_item_holds():
    dice = random.Random(1)
    failures = tuple(
        Failure(result="validation-failure", count=1, reason=f"{dice.getrandbits(4_000):x}") for _ in range(500)
    )
    report = TlsReport(
        id="1",
        domain="acme.test",
        begin="2026-11-20T00:00:00.000Z",
        end="2026-11-20T23:59:59.000Z",
        organisation="google.com",
        contact="",
        policies=(TlsPolicy(type="sts", mode="enforce", succeeded=1, failed=500, failures=failures),) * 2,
    )
    item = item_of("acme.test", report, SENDER)
    assert len(item["policies"]) <= 300_000
    found = tls_of(item)
    assert [policy.failed for policy in found.policies] == [500, 500]
    assert found.policies[0].failures == failures[:250]
    assert item["pk"] == "TLS#acme.test"
    assert item["sk"].startswith("2026-11-20#")
    assert item["expires_ttl"] == 1_829_692_800
