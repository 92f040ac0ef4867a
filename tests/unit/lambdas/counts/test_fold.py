"""The counters are the sum over the items, however the stream is cut, read, broken off and read again."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambdas.counts.batch import Batch
from lambdas.counts.fold import Fold
from lambdas.shared.counts.contributions import contributions
from lambdas.shared.counts.stream import EMPTY_ANSWERS, Stream
from lambdas.shared.counts.table import Checkpoint, Place
from tests.unit.lambdas.counts.histories import (
    NOW,
    WRITTEN,
    Crash,
    FakeStreams,
    KeptCounts,
    Mortal,
    nothing,
    recount,
    streams,
)


def fold(client, counts):
    return Fold(stream=Stream(client, "arn"), counts=counts, now=lambda: NOW)


def count(client, counts):
    return fold(client, counts).run(lambda: True, at_once=True)


def numbered(changes):
    return [(str(number), *change) for number, change in enumerate(changes, 1)]


@given(streams())
def test_the_sum_of_contributions_is_a_recount(found):
    items, _ = found
    cells = [cell for item in items for cell in contributions(item)]
    assert {cell: cells.count(cell) for cell in cells} == recount(items)


lives = st.tuples(st.integers(1, 12), st.booleans(), st.booleans(), st.booleans())


@settings(max_examples=60)
@given(streams(), st.integers(1, 5), st.integers(10, 40), st.integers(1, 30), st.lists(lives, max_size=6))
def test_no_cut_no_crash_and_no_second_run_changes_the_count(found, page, rows, many, lives):
    """Each life is how many calls a run lives for, whether it dies after the last of them or before it, whether another
    run comes in before its first commit, and whether it may leave few changes to a later run."""
    items, changes = found
    low, high = halves(changes)
    shards = [("s1", None, False, numbered(low)), ("s2", None, False, numbered(high))]
    client, counts = FakeStreams(shards, page), KeptCounts()
    mortal = Mortal(client, counts)

    def another():
        counts.between = nothing
        count(FakeStreams(shards, page), counts)

    with patch("lambdas.counts.batch.MOST_WRITES", rows), patch("lambdas.counts.fold.MANY", many):
        for calls, after, disturbed, at_once in lives:
            mortal.live(calls, after=after)
            counts.between = another if disturbed else nothing
            with suppress(Crash):
                fold(client, counts).run(lambda: True, at_once=at_once)
        mortal.live(None, after=False)
        count(client, counts)
    assert counts.counted() == recount(items)


def halves(changes):
    """By item."""
    low = [change for change in changes if change[0] < "m4"]
    return low, [change for change in changes if change[0] >= "m4"]


def resharded(changes, cuts):
    """s0, which has split into s1 and s2 for the two halves of the items, of which s1 has closed too; children are
    listed before their parents."""
    first, then = changes[: cuts[0]], changes[cuts[0] :]
    low, high = halves(then)
    lists = [
        ("s3", "s1", False, low[cuts[1] :]),
        ("s2", "s0", False, high),
        ("s1", "s0", True, low[: cuts[1]]),
        ("s0", None, True, first),
    ]
    return [(name, parent, closed, numbered(some)) for name, parent, closed, some in lists]


@settings(max_examples=40)
@given(streams(), st.tuples(st.integers(0, 12), st.integers(0, 6)), st.integers(1, 2), st.integers(11, 16))
def test_shards_that_close_and_split_are_read_parents_first_and_in_any_number_of_runs(found, cuts, page, calls):
    items, changes = found
    client, counts, runs = FakeStreams(resharded(changes, cuts), page), KeptCounts(), 0
    more = True
    while more:
        left = iter(range(calls))
        more = fold(client, counts).run(lambda left=left: next(left, None) is not None, at_once=True).more
        runs += 1
        assert runs < 100
    assert counts.counted() == recount(items)
    assert {shard for shard, reached in counts.reached.items() if reached.ended} == {"s0", "s1"}


SENT = {"id": "m1", "stream": "marketing", "template": "t", "recipient": "a@b.test", "sent_at": "2026-11-21T10:00:00Z"}


def test_a_child_waits_until_its_parent_is_read_to_its_end():
    """Otherwise counters would fall below what is true for a while, even below 0."""
    parent = ("s0", None, True, [("1", "m1", {}, SENT)])
    child = ("s1", "s0", False, [("1", "m1", SENT, {})])
    client, counts = FakeStreams([child, parent]), KeptCounts()

    def another():
        counts.reached["s0"] = Checkpoint(sequence="0")

    counts.between = another
    count(client, counts)
    assert counts.reached == {"s0": Checkpoint(sequence="0")}
    counts.reached, counts.between = {}, nothing
    count(client, counts)
    assert [counts.reached[shard].ended for shard in ("s0", "s1")] == [True, False]
    assert counts.counted() == {}


def test_answers_that_are_empty_are_not_taken_for_the_end_at_once():
    changes = [("1", "m1", {}, SENT)]
    counts = KeptCounts()
    client = FakeStreams([("s1", None, False, changes)], empty=EMPTY_ANSWERS - 1)
    assert fold(client, counts).run(bool, at_once=True).changes == 0
    assert count(client, counts).changes
    closed = FakeStreams([("s2", None, True, changes)], empty=50)
    assert count(closed, counts).changes == 1


def test_changes_that_were_trimmed_before_they_were_counted_are_told_of(caplog):
    counts = KeptCounts()
    count(FakeStreams([("s1", None, False, [("1", "m1", {}, SENT)])]), counts)
    assert counts.reached["s1"].gap_at is None
    trimmed = FakeStreams([("s1", None, False, [("7", "m2", {}, SENT | {"id": "m2"})])])
    count(trimmed, counts)
    assert counts.reached["s1"].gap_at == "2026-11-22T12:00:00.000Z"
    assert [record.message for record in caplog.records] == ["changes were trimmed before they were counted"]
    assert sum(counts.counted().values()) == 2 * 3


def test_a_parent_that_is_gone_unread_is_a_gap_and_one_that_was_read_is_none():
    counts = KeptCounts()
    counts.reached = {"s0": Checkpoint(sequence="9", ended=True), "s1": Checkpoint(sequence="4")}
    shards = [("s2", "s0", False, []), ("s3", "s1", False, [])]
    count(FakeStreams(shards), counts)
    assert {shard: reached.gap_at for shard, reached in counts.reached.items() if reached.gap_at} == {
        "s3": "2026-11-22T12:00:00.000Z"
    }


def test_a_run_does_not_run_after_what_is_written_meanwhile():
    changes = [(str(number), f"m{number}", {}, SENT | {"id": f"m{number}"}) for number in range(9)]
    run = replace(fold(FakeStreams([("s1", None, False, changes)], page=2), KeptCounts()), now=lambda: WRITTEN)
    assert run.run(lambda: True, at_once=True).changes == 2
    closed = replace(fold(FakeStreams([("s1", None, True, changes)], page=2), KeptCounts()), now=lambda: WRITTEN)
    assert closed.run(lambda: True, at_once=True).changes == 9


def some(number, begin=0):
    return [(str(each), f"m{each}", {}, SENT | {"id": f"m{each}"}) for each in range(begin, begin + number)]


@pytest.mark.parametrize(
    ("number", "seconds", "at_once", "counted"),
    [(9, 239, False, 0), (9, 240, False, 9), (9, 9, True, 9), (499, 9, False, 0), (500, 9, False, 500)],
)
def test_changes_are_left_to_a_later_run_while_they_are_few_and_young(number, seconds, at_once, counted):
    counts = KeptCounts()
    shards = [("s1", None, False, some(4)), ("s2", None, False, some(number - 4, begin=4))]
    run = replace(fold(FakeStreams(shards), counts), now=lambda: WRITTEN + timedelta(seconds=seconds))
    done = run.run(lambda: True, at_once=at_once)
    assert (done.found, done.changes, done.more) == (number, counted, False)
    assert counts.reached.keys() == ({"s1", "s2"} if counted else set())


def test_that_a_shard_has_been_read_to_its_end_is_written_down_at_once():
    """Before it is gone; otherwise nobody could tell that nothing of it is missing."""
    counts = KeptCounts()
    shards = [("s0", None, True, some(1)), ("s1", "s0", False, some(1, begin=1)), ("s2", None, False, some(1, begin=2))]
    assert fold(FakeStreams(shards), counts).run(lambda: True).changes == 3
    assert {shard: reached.ended for shard, reached in counts.reached.items()} == {"s0": True, "s1": False, "s2": False}


def test_who_wants_all_counted_at_once_and_meets_another_run_asks_again():
    for at_once in (True, False):
        counts = KeptCounts()
        counts.between = lambda counts=counts: counts.reached.update(s1=Checkpoint(sequence="0"))
        run = replace(fold(FakeStreams([("s1", None, False, some(1))]), counts), now=lambda: NOW.replace(minute=9))
        assert run.run(lambda: True, at_once=at_once).more is at_once


def test_a_run_tells_what_it_did_and_how_far_behind_it_was():
    changes = [("1", "m1", {}, SENT), ("2", "m1", SENT, SENT | {"event#1": {"kind": "Delivery", "at": "x"}})]
    client = FakeStreams([("s1", None, False, changes)])
    late = replace(fold(client, KeptCounts()), now=lambda: NOW.replace(minute=2))
    run = late.run(lambda: True, at_once=True)
    assert (run.found, run.changes, run.transactions, run.lag_seconds, run.more) == (2, 2, 1, 180.0, False)
    assert late.run(lambda: True, at_once=True).transactions == 0


def test_a_batch_takes_no_more_than_a_transaction_has_room_for():
    batch, fitted, place = Batch(), 0, Place(shard="s1", seen=None, reached=Checkpoint())
    assert batch.begin(place)
    client = FakeStreams(
        [("s1", None, False, [(str(n), f"m{n}", {}, SENT | {"recipient": f"a@d{n}"}) for n in range(200)])]
    )
    stream = Stream(client, "arn")
    for page in stream.pages(stream.shards()[0], None, NOW):
        fitted += sum(batch.add(place, change) for change in page.changes)
    assert (fitted, len(batch.rows)) == (97, 99)  # a domain each, one template, one hour
    assert not batch.begin(Place(shard="s2", seen=None, reached=Checkpoint()))
