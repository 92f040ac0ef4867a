from hypothesis import given, settings
from hypothesis import strategies as st

from cli.dns.answer import FOUND, NO_NAME, SERVFAIL, Answer
from cli.dns.spf import walk
from cli.dns.spf_terms import is_spf, terms
from tests.zone import AMAZON, looking_up

NOTHING = Answer(outcome=NO_NAME)


def walked(record, text="", failing=()):
    return walk("bounce.acme.test", record, looking_up(text, failing))


def test_ses_passes_by_its_include_which_is_one_look_up():
    found = walked("v=spf1 include:amazonses.com ~all", AMAZON)
    assert (found.look_ups, found.void, found.faults, found.passes) == (1, 0, (), {"amazonses.com"})


def test_ses_passes_by_a_redirect_and_by_an_include_of_an_include():
    zone = f"""{AMAZON}
        _spf.acme.test TXT "v=spf1 include:_all.acme.test -all"
        _all.acme.test TXT "v=spf1 include:AmazonSES.com."
    """
    assert walked("v=spf1 redirect=amazonses.com", zone).passes == {"amazonses.com"}
    through = {"_spf.acme.test", "_all.acme.test", "amazonses.com"}
    assert walked("v=spf1 redirect=_spf.acme.test", zone).passes == through
    assert walked("v=spf1 ?include:_spf.acme.test", zone).passes == set()


def test_nothing_behind_all_is_reached_and_no_redirect_beside_it():
    assert walked("v=spf1 ~all include:amazonses.com", AMAZON).passes == set()
    assert walked("v=spf1 redirect=amazonses.com ~all", AMAZON).look_ups == 0


def test_eleven_look_ups_are_over_the_limit_however_deep_and_ten_are_not():
    zone = """
        one.test TXT "v=spf1 a mx:one.test include:two.test ~all"
        one.test A 192.0.2.1
        one.test MX 10 mx.one.test
        two.test TXT "v=spf1 a:one.test ptr exists:%{i}.one.test include:three.test"
        three.test TXT "v=spf1 ip4:192.0.2.0/24 -ip6:2001:db8::/32 ?all"
    """
    found = walked("v=spf1 include:one.test include:three.test a:one.test -all", zone)
    assert (found.look_ups, found.over) == (10, None)
    over = walked("v=spf1 include:one.test include:three.test a:one.test redirect=three.test", zone)
    assert over.over == "takes 11 look-ups, and receivers give up after 10 (RFC 7208 section 4.6.4)"


def test_three_look_ups_that_find_nothing_are_over_the_limit_and_two_are_not():
    assert walked("v=spf1 a:gone.test mx:gone.test -all").over is None
    found = walked("v=spf1 a:gone.test mx:gone.test exists:gone.test -all")
    assert found.over == "takes 3 look-ups that find nothing, and 2 may (RFC 7208 section 4.6.4)"


def test_a_loop_ends_and_is_named():
    zone = 'a.test TXT "v=spf1 include:b.test"\nb.test TXT "v=spf1 redirect=a.test"'
    assert walked("v=spf1 include:a.test", zone).faults == ("b.test: leads back to a.test",)


def test_what_cannot_be_included_makes_the_record_void():
    zone = 'two.test TXT "v=spf1 -all"\ntwo.test TXT "v=spf1 ~all"\nnone.test TXT "hello"\nmany.test MX 10 m0.test\n'
    zone += "\n".join(f"many.test MX 10 m{number}.test" for number in range(11))
    found = walked("v=spf1 include:two.test include:none.test mx:many.test", zone)
    assert found.faults == (
        "bounce.acme.test: two.test has more than one SPF record",
        "bounce.acme.test: none.test has no SPF record",
        "bounce.acme.test: many.test has more than 10 MX records",
    )


def test_a_look_up_that_failed_is_told_and_is_no_void_one():
    found = walked("v=spf1 include:amazonses.com a:down.test", AMAZON, failing={"amazonses.com", "down.test"})
    assert (found.void, found.faults, found.passes) == (0, (), {"amazonses.com"})
    assert found.unasked == ("TXT of amazonses.com: SERVFAIL", "A of down.test: SERVFAIL")


def test_terms_that_are_none_are_named():
    record = (
        "v=spf1 ip4:1.2.3.400 ip6:::g a/33 mx//129 include: all:x +foo redirect= exp=a.test exp=b.test x=y ip4:1::2"
    )
    assert terms(record).faults == (
        "ip4:1.2.3.400 is no term of SPF",
        "ip6:::g is no term of SPF",
        "a/33 is no term of SPF",
        "mx//129 is no term of SPF",
        "include: is no term of SPF",
        "all:x is no term of SPF",
        "+foo is no term of SPF",
        "ip4:1::2 is no term of SPF",
        "redirect= names no domain",
        "exp= is there twice",
    )
    assert terms("v=spf1 A/24//64 MX:a.test/8 ~PTR ?exists:%{ir}.%{v}._spf.%{d2} ip4:192.0.2.0/24 -ALL").faults == ()


def test_only_a_whole_version_makes_a_record_of_spf():
    assert [is_spf(text) for text in ("v=spf1", "V=SPF1 -all", "v=spf10 -all", "v=spf1; x", " v=spf1")] == [
        True,
        True,
        False,
        False,
        False,
    ]


NAMES = ["a.test", "b.test", "c.test", "d.test"]
TERMS = st.sampled_from(["a", "mx", "ptr", "all", "-all", "exists:%{i}.x", "ip4:192.0.2.1", "nonsense", "include:"]) | (
    st.sampled_from(NAMES).flatmap(lambda name: st.sampled_from([f"include:{name}", f"redirect={name}", f"a:{name}"]))
)
RECORDS = st.lists(TERMS, max_size=12).map(lambda written: " ".join(["v=spf1", *written]))


@settings(max_examples=150)
@given(
    zone=st.dictionaries(st.sampled_from(NAMES), st.lists(RECORDS, max_size=2)), failing=st.sets(st.sampled_from(NAMES))
)
def test_every_walk_ends_within_its_bound_and_asks_no_failing_server_for_a_verdict(zone, failing):
    asked = []

    def look_up(name, kind):
        asked.append(name)
        if name in failing:
            return Answer(outcome=SERVFAIL, failure="SERVFAIL")
        values = tuple(zone.get(name, ())) if kind == "TXT" else ()
        return Answer(outcome=FOUND, values=values) if values else NOTHING

    found = walk("start.test", "v=spf1 include:a.test include:b.test a:c.test redirect=d.test", look_up)
    assert found.look_ups <= 40
    assert len(asked) <= 2 * found.look_ups
    assert found.void <= found.look_ups
    assert bool(found.unasked) == bool(failing & set(asked))


@settings(max_examples=200)
@given(st.text(max_size=200) | st.lists(TERMS | st.text(max_size=20)).map(" ".join))
def test_no_record_is_too_odd_to_be_read(text):
    mechanisms = [directive.mechanism for directive in terms(f"v=spf1 {text}").directives]
    assert "all" not in mechanisms[:-1]
