import json
from io import BytesIO

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from lambdas.feedback import files
from lambdas.feedback.files import Files
from lambdas.shared.queue import Later, Rejected

KEY = "2026/11/22/10/Activity 1"


class S3:
    """One file."""

    def __init__(self, content):
        self.content = content

    def get_object(self, *, Bucket, Key, Range):  # noqa: N803 - S3's own names
        if (Bucket, Key) != ("events", KEY) or self.content is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        first, last = map(int, Range.removeprefix("bytes=").split("-"))
        part = self.content[first : last + 1]
        said = f"bytes {first}-{first + len(part) - 1}/{len(self.content)}"
        return {"Body": BytesIO(part), "ContentRange": said}


class Queue:
    def __init__(self):
        self.again, self.dead = [], []

    def put(self, body):
        self.again.append(json.loads(body)["Message"])

    def bury(self, id, body, reason):
        self.dead.append((id, json.loads(body)["Message"], reason))


def told(begin=None):
    """As S3 tells of a file, or as the queue has the rest of one."""
    said = {"Records": [{"s3": {"bucket": {"name": "events"}, "object": {"key": "2026/11/22/10/Activity+1"}}}]}
    return said if begin is None else said | {"from": begin}


class Run:
    """The file, read with a handler that does what `failing` says: an error by the event's number."""

    def __init__(self, content, failing=None, events=1000):
        self.done, self.queue, self._failing, self._events = [], Queue(), failing or {}, events
        self.files = Files(s3=S3(content), bucket="events", queue=self.queue, record=self._record)

    def _record(self, event):
        self.done.append(event["n"])
        if error := self._failing.get(event["n"]):
            raise error

    def read(self, begin=None):
        """With time for so many events."""
        stop = len(self.done) + self._events
        self.files.read(told(begin), lambda: 60_000 if len(self.done) < stop else 14_999)


def lines(*numbers):
    return b"".join(json.dumps({"n": number, "name": "Zoë"}, ensure_ascii=False).encode() + b"\n" for number in numbers)


def test_each_line_is_an_event_of_its_own():
    run = Run(lines(1, 2, 3))
    run.read()
    assert (run.done, run.queue.again, run.queue.dead) == ([1, 2, 3], [], [])


def test_an_event_that_fails_comes_again_alone_and_one_that_never_works_lies_alone_in_the_dead_letters():
    failing = {2: RuntimeError("busy"), 3: Rejected("no SES event")}
    run = Run(lines(1, 2, 3) + b"\xff{\n[]\n\n" + lines(4), failing)
    run.read()
    assert run.done == [1, 2, 3, 4]
    assert run.queue.again == ['{"n": 2, "name": "Zoë"}']
    assert run.queue.dead == [
        (f"{KEY}:50", '{"n": 3, "name": "Zoë"}', "no SES event"),
        (f"{KEY}:75", "\ufffd{", "the line is not JSON"),
        (f"{KEY}:78", "[]", "the line is not a JSON object"),
    ]


def test_where_everything_fails_the_file_comes_again_and_nothing_of_it_alone():
    run = Run(lines(*range(30)), {number: RuntimeError(str(number)) for number in range(5, 30)})
    with pytest.raises(RuntimeError, match="14"):
        run.read()
    assert (run.queue.again, run.queue.dead) == ([], [])


def test_what_fails_here_and_there_stops_no_other():
    run = Run(lines(*range(30)), {number: RuntimeError() for number in range(0, 30, 2)})
    run.read()
    assert (run.done, len(run.queue.again)) == ([*range(30)], 15)


@given(st.lists(st.integers(0, 999), max_size=30), st.integers(1, 5), st.integers(40, 90), st.booleans())
def test_a_file_that_takes_longer_than_there_is_time_goes_on_where_it_was(numbers, events, part, ended):
    content = lines(*numbers)
    run = Run(content if ended else content[:-1] or b"\n", events=events)
    begin, times = None, 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PART", part)
        while True:
            try:
                run.read(begin)
                break
            except Later as later:
                begin, times = later.rest["from"], times + 1
    assert run.done == numbers
    assert times == max(0, (len(numbers) - 1) // events)


def test_what_failed_before_time_was_up_is_not_forgotten():
    run = Run(lines(1, 2, 3), {1: RuntimeError("busy")}, events=2)
    with pytest.raises(Later) as stopped:
        run.read()
    assert run.queue.again == ['{"n": 1, "name": "Zoë"}']
    assert stopped.value.rest == told(50)


def test_a_file_that_is_gone_says_so():
    with pytest.raises(Rejected, match=f"{KEY} is gone"):
        Run(None).read()


@pytest.mark.parametrize(
    "body", [{"Records": []}, {"Records": "x"}, {"Records": [{"s3": {}}]}, told("x"), {"Records": [{}, {}]}]
)
def test_what_is_no_notification_of_a_file_is_rejected(body):
    with pytest.raises(Rejected, match="no notification of S3's"):
        Run(b"").files.read(body, lambda: 60_000)


def test_a_line_that_is_longer_than_a_part_is_no_event_and_stops_no_other(monkeypatch):
    monkeypatch.setattr(files, "PART", 40)
    run = Run(lines(1) + b"x" * 100 + b"\n" + lines(2))
    run.read()
    assert run.done == [1, 2]
    assert {reason for _, _, reason in run.queue.dead} == {"the line is not JSON"}
