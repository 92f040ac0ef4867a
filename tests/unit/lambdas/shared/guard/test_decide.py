from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.shared.guard.decide import HOLD, State, decide, held, paused, reached, resumed
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS, Pair, Policy
from lambdas.shared.guard.rates import EVERY, Rate, Since

NOW = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
POLICY = Policy()
MARKETING, TRANSACTIONAL, FOREIGN = "marketing", "transactional", "foreign"


def rate(happened, mails, kind=BOUNCES, domain="acme.test", window="day"):
    return Rate(domain=domain, kind=kind, window=window, mails=mails, happened=happened)


def after(*found, stream=MARKETING, state=None, policy=POLICY, now=NOW):
    return decide(state or State(), stream, found, policy, now)


def told(state):
    return replace(state, untold=False)


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (rate(0, 0), Level.OK),
        (rate(1, 200, COMPLAINTS), Level.OK),  # 0.5 %, AWS's own line to pause; but one complaint proves nothing
        (rate(1, 2000, COMPLAINTS), Level.OK),
        (rate(3, 2000, COMPLAINTS), Level.OK),
        (rate(4, 2000, COMPLAINTS), Level.PAUSED),
        (rate(9, 10_000, COMPLAINTS), Level.SLOWED),
        (rate(10, 10_000, COMPLAINTS), Level.PAUSED),
        (rate(49, 100_000, COMPLAINTS), Level.OK),
        (rate(50, 100_000, COMPLAINTS), Level.WARNED),
        (rate(79, 100_000, COMPLAINTS), Level.SLOWED),
        (rate(80, 100_000, COMPLAINTS), Level.PAUSED),
        (rate(199, 199), Level.OK),
        (rate(7, 200), Level.WARNED),
        (rate(10, 200), Level.PAUSED),
        (rate(199, 10_000), Level.OK),
        (rate(200, 10_000), Level.WARNED),
        (rate(300, 10_000), Level.SLOWED),
        (rate(400, 10_000), Level.PAUSED),
    ],
)
def test_marketing_is_warned_about_slowed_down_and_paused_before_aws_would_look(found, level):
    assert after(found).level is level


def test_the_worst_of_all_rates_decides_and_is_the_reason():
    moved = after(rate(30, 1000), rate(90, 100_000, COMPLAINTS, domain=EVERY, window="week"), rate(25, 1000))
    assert (moved.level, moved.was, moved.untold, moved.since) == (Level.PAUSED, Level.OK, True, NOW)
    assert moved.reason == (
        "90 of 100,000 mails were complained about within a week: 0.09 %, and the line to pause is 0.08 %"
    )
    figures = {"kind": "complaints", "window": "week", "mails": 100_000, "happened": 90, "rate": 0.09, "line": 0.08}
    assert moved.rate == {"domain": "all domains", **figures}
    assert after(rate(30, 1000, window="hour")).reason == (
        "30 of 1,000 mails of acme.test bounced within an hour: 3 %, and the line to slow is 3 %"
    )


def test_a_rate_at_a_higher_line_weighs_more_than_one_that_is_nearer_to_its_pause():
    policy = Policy(slow=Pair(bounces=3, complaints=0.05), warn=Pair(bounces=2, complaints=0.04))
    moved = after(rate(290, 10_000), rate(55, 100_000, COMPLAINTS), policy=policy)
    assert (moved.level, moved.rate["kind"]) == (Level.SLOWED, COMPLAINTS)


def test_transactional_mail_is_only_warned_about_unless_the_stage_says_so():
    bad = rate(500, 10_000)
    assert after(bad, stream=TRANSACTIONAL).level is Level.WARNED
    strict = Policy(pause_transactional=True)
    assert after(rate(300, 10_000), stream=TRANSACTIONAL, policy=strict).level is Level.WARNED
    assert after(bad, stream=TRANSACTIONAL, policy=strict).level is Level.PAUSED
    assert after(bad, stream=FOREIGN, policy=strict).level is Level.WARNED


def test_a_warning_is_told_again_at_each_higher_line():
    warned = after(rate(200, 10_000), stream=TRANSACTIONAL)
    worse = after(rate(400, 10_000), stream=TRANSACTIONAL, state=warned)
    assert (worse.level, worse.reached, worse.version) == (Level.WARNED, Level.PAUSED, 2)
    assert after(rate(450, 10_000), stream=TRANSACTIONAL, state=worse) is worse


def test_a_setting_that_lets_transactional_be_paused_holds_at_once():
    warned = after(rate(400, 10_000), stream=TRANSACTIONAL)
    strict = Policy(pause_transactional=True)
    assert after(rate(400, 10_000), stream=TRANSACTIONAL, state=warned, policy=strict).level is Level.PAUSED


def test_a_pause_stays_until_a_person_ends_it():
    pause = told(after(rate(400, 10_000)))
    assert after(state=pause, now=NOW + timedelta(days=30)) is pause
    counted = Since(hour=7)
    resume = resumed(pause, NOW, "list is clean", counted)
    assert (resume.level, resume.reached, resume.was, resume.by) == (Level.OK, Level.OK, Level.PAUSED, "command")
    assert (resume.counted, resume.version) == (counted, 2)
    again = paused(resume, NOW, "Monday")
    assert (again.level, again.reason, again.by, again.rate) == (Level.PAUSED, "Monday", "command", None)


def test_a_stream_comes_down_step_by_step_and_only_well_below_a_line():
    slowed, later = told(after(rate(300, 10_000))), NOW + HOLD
    assert after(rate(10, 10_000), state=slowed, now=later - timedelta(minutes=1)) is slowed
    assert after(rate(250, 10_000), state=slowed, now=later) is slowed  # 2.5 %, and 2.4 % is well below 3 %
    assert after(rate(30, 99), state=slowed, now=later) is not slowed  # too few mails to hold it
    assert after(rate(30, 100), state=slowed, now=later) is slowed
    warned = after(rate(239, 10_000), state=slowed, now=later)
    assert (warned.level, warned.was, warned.reason) == (Level.WARNED, Level.SLOWED, "the rates have fallen")
    assert after(rate(1, 10_000), state=warned, now=later) is warned
    assert after(rate(1, 10_000), state=warned, now=later + HOLD).level is Level.OK


def test_before_is_what_was_told_of_last():
    slowed = after(rate(300, 10_000))
    assert after(rate(400, 10_000), state=slowed).was is Level.OK
    assert after(rate(400, 10_000), state=told(slowed)).was is Level.SLOWED


def test_a_fall_that_changes_nothing_is_not_told():
    bad = after(rate(400, 10_000), stream=TRANSACTIONAL)
    fallen = after(rate(200, 10_000), stream=TRANSACTIONAL, state=bad, now=NOW + HOLD)
    assert (fallen.level, fallen.reached, fallen.untold) == (Level.WARNED, Level.WARNED, bad.untold)


kinds = st.sampled_from([BOUNCES, COMPLAINTS])
found = st.builds(
    Rate,
    domain=st.just("acme.test"),
    kind=kinds,
    window=st.sampled_from(["hour", "day", "week"]),
    mails=st.integers(0, 40_000),
    happened=st.integers(0, 2000),
)


@given(found, st.integers(0, 500))
@settings(max_examples=100)
def test_more_complaints_never_lower_a_level_and_more_mails_never_raise_it(one, more):
    worse = Rate(**{**vars(one), "happened": one.happened + more})
    assert reached([worse], POLICY)[0] >= reached([one], POLICY)[0]
    if one.mails >= 2000:
        better = Rate(**{**vars(one), "mails": one.mails + more})
        assert reached([better], POLICY)[0] <= reached([one], POLICY)[0]


@given(st.lists(found, max_size=4))
@settings(max_examples=100)
def test_what_is_reached_is_held(rates):
    assert held(rates, POLICY) >= reached(rates, POLICY)[0]


@given(st.lists(st.lists(found, max_size=2), max_size=60), st.sampled_from([MARKETING, TRANSACTIONAL, FOREIGN]))
@settings(max_examples=100)
def test_whatever_the_rates_do_a_stream_never_flaps(ticks, stream):
    """Looked at every half hour: it rises at once, comes down only after HOLD, and a pause is the last of it."""
    state, now, falls, start = State(), NOW, 0, NOW
    for rates in ticks:
        now += timedelta(minutes=30)
        next_state = decide(state, stream, rates, POLICY, now)
        if next_state.level < state.level:
            falls += 1
            assert now - state.since >= HOLD
        assert state.level is not Level.PAUSED or next_state is state
        assert next_state.level >= min(POLICY.effect(stream, reached(rates, POLICY)[0]), next_state.reached)
        if stream != MARKETING:
            assert next_state.level <= Level.WARNED
        state = next_state
        assert decide(state, stream, rates, POLICY, now) is state  # a second look changes nothing
    assert falls <= (now - start) / HOLD
