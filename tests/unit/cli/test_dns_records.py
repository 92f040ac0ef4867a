"""What is to be published: DMARC records with what they lack, and lines of a zone file."""

import dns.zone
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.dns.dmarc import as_own, lacks, merged, read
from cli.dns.finding import CONFLICTING, MISSING, UNKNOWN, Finding
from cli.dns.zone_file import snippet
from infra.records import Record

TAGS = st.sampled_from(
    [
        "p=none",
        "p=reject",
        "P = Quarantine ",
        "sp=reject",
        "pct=10",
        "pct=x",
        "t=y",
        "adkim=s",
        "np=none",
        "",
        "v=x",
        "=",
        "p",
    ]
) | st.sampled_from(["rua=mailto:a@b.test", "rua=", "rua=,mailto:Reports@Acme.test!1m,", "rua=https://x", "fo=1"])
OURS = st.builds(
    "v=DMARC1; p={}{}".format,
    st.sampled_from(["none", "quarantine", "reject"]),
    st.sampled_from(["", "; rua=mailto:reports@acme.test"]),
)


@settings(max_examples=200)
@given(theirs=st.lists(TAGS, max_size=6) | st.text(max_size=60).map(lambda text: [text]), ours=OURS)
def test_a_record_with_what_it_lacked_lacks_nothing_and_is_no_weaker(theirs, ours):
    found, wanted = read("; ".join(["v=DMARC1", *theirs])), read(ours)
    after = read(merged(found, wanted))
    assert lacks(after, wanted) == []
    assert after.strength >= found.strength
    assert set(after.reports) >= {*found.reports, *wanted.reports}
    assert read(merged(after, wanted)) == after


def test_an_inherited_policy_as_a_record_of_its_own_asks_for_what_was_asked_of_sub_domains():
    above = read("v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; rua=mailto:a@b.test", sub_domains=True)
    assert as_own(above).text == "v=DMARC1; p=quarantine; rua=mailto:a@b.test"
    assert read("v=DMARC1; p=reject; sp=nonsense", sub_domains=True).policy == "none"
    assert read("v=DMARC1; p=reject", sub_domains=True).policy == "reject"


def txt(value, **said):
    record = Record(id="Dmarc", domain="acme.test", name="_dmarc.acme.test", type="TXT", value='""', purpose="dmarc")
    return Finding(**({"record": record, "state": MISSING, "should_be": value} | said))


@settings(max_examples=200)
@given(value=st.text(max_size=700), found=st.lists(st.text(max_size=30)), state=st.sampled_from([CONFLICTING, UNKNOWN]))
def test_every_text_is_read_back_from_the_zone_file_as_it_is(value, found, state):
    lines = list(snippet([txt(value, found=tuple(found), state=state)], {"acme.test": value}))
    read = dns.zone.from_text("\n".join(lines), origin=".", relativize=False, check_origin=False)
    [(name, ttl, data)] = read.iterate_rdatas()
    assert (str(name), ttl, b"".join(data.strings)) == ("_dmarc.acme.test.", 1800, value.encode())
    assert all(len(piece) <= 255 for piece in data.strings)


def test_a_long_key_is_split_where_a_string_ends():
    line = list(snippet([txt("v=DKIM1; p=" + "A" * 392)], {}))[1]
    assert line == f'_dmarc.acme.test. 1800 IN TXT "v=DKIM1; p={"A" * 244}" "{"A" * 148}"'
