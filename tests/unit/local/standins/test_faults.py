import random

import pytest

from local.standins.exchange import Asked
from local.standins.faults import Faults


def asked(method="POST", path="/issue"):
    return Asked(method=method, path=path, query=(), headers={}, body=b"")


def kinds(faults, requests):
    return [fault.kind if (fault := faults.next(each)) else None for each in requests]


def test_a_fault_befalls_as_many_requests_as_it_says():
    faults = Faults(chance=lambda: 0.0)
    faults.add({"kind": "before", "times": 2})
    assert kinds(faults, [asked()] * 3) == ["before", "before", None]
    assert faults.happened == {"before": 2}


def test_a_fault_befalls_only_what_it_is_for():
    faults = Faults(chance=lambda: 0.0)
    faults.add({"kind": "after", "method": "POST", "path": "/comment$"})
    wanted = [asked("GET", "/issue/1/comment"), asked("POST", "/issue"), asked("POST", "/issue/1/comment")]
    assert kinds(faults, wanted) == [None, None, "after"]


def test_a_fault_with_a_rate_befalls_about_that_share():
    faults = Faults(chance=random.Random(1).random)
    faults.add({"kind": "drop-after", "times": None, "rate": 0.2})
    assert 150 < kinds(faults, [asked()] * 1000).count("drop-after") < 250


def test_whoever_comes_before_a_rest_is_over_is_told_how_long_it_still_lasts():
    moment = [100.0]
    faults = Faults(chance=lambda: 0.0, now=lambda: moment[0])
    faults.add({"kind": "rest", "retry_after": "3"})
    assert faults.next(asked()).retry_after == "3"
    moment[0] = 101.2
    assert faults.next(asked("GET")).retry_after == "2"
    moment[0] = 103.0
    assert faults.next(asked()) is None
    assert faults.rests == [1]
    assert faults.happened == {"rest": 1}


def test_an_unknown_fault_is_refused():
    with pytest.raises(ValueError, match="no fault 'explode'"):
        Faults(chance=lambda: 0.0).add({"kind": "explode"})
