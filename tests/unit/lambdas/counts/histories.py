"""Items and what becomes of them, the stream of their changes, and a count of them that knows nothing of the code's."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError
from hypothesis import strategies as st

from lambdas.shared.counts.table import Overtaken

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITTEN = NOW - timedelta(minutes=1)
HAPPENINGS = [
    {"kind": "Send"},
    {"kind": "Delivery"},
    {"kind": "DeliveryDelay"},
    {"kind": "Bounce", "facts": {"type": "Permanent", "subtype": "General"}},
    {"kind": "Bounce", "facts": {"type": "Permanent", "subtype": "OnAccountSuppressionList"}},
    {"kind": "Bounce", "facts": {"type": "Transient", "subtype": "General"}},
    {"kind": "Complaint", "facts": {"type": "abuse"}},
    {"kind": "Complaint", "facts": {"type": "not-spam"}},
    {"kind": "Open", "facts": {"bot": "Likely"}},
    {"kind": "Open", "facts": {}},
    {"kind": "Click", "facts": {}},
]
hours = st.integers(0, 30).map(lambda hour: f"2026-11-{21 + hour // 24}T{hour % 24:02}:30:00.000Z")


@st.composite
def history(draw, number):
    """An item's images one after the other: claimed, sent or not, then what SES says of it; perhaps it is erased."""
    item = {"id": f"m{number}", "state": "claimed", "created_at": "2026-11-21T00:00:00.000Z"}
    item["stream"], item["template"] = draw(st.sampled_from(["transactional", "marketing"])), f"t{number % 3}"
    item["recipient"], item["from_domain"] = f"a{number}@d{draw(st.integers(0, 9))}.test", "acme.test"
    images = [dict(item)]
    if draw(st.booleans()):
        return [*images, item | {"state": draw(st.sampled_from(["suppressed", "failed", "cancelled"]))}]
    item |= {"state": "sent", "sent_at": draw(hours)}
    images.append(dict(item))
    for happening in draw(st.lists(st.sampled_from(HAPPENINGS), max_size=4)):
        item[f"event#{draw(st.integers(0, 4))}"] = {"facts": {}, **happening, "at": draw(hours)}
        images.append(dict(item))
    return [*images, {}] if draw(st.integers(0, 9)) == 0 else images


@st.composite
def streams(draw):
    """The final items, and the changes that made them: in order for each item, mixed otherwise."""
    histories = [draw(history(number)) for number in range(draw(st.integers(1, 8)))]
    turns = draw(st.permutations([number for number, images in enumerate(histories) for _ in images]))
    at, changes = [0] * len(histories), []
    for number in turns:
        images = histories[number]
        old, new = images[at[number] - 1] if at[number] else {}, images[at[number]]
        changes.append((f"m{number}", old, new))
        at[number] += 1
    return [images[-1] for images in histories], changes


def recount(items):
    """Counts of messages by row and counter, by plain ifs."""
    found = Counter()
    for item in items:
        kinds = [(event["kind"], event["facts"], event["at"]) for name, event in item.items() if name[:6] == "event#"]
        bounces = [(facts["type"], facts["subtype"] == "General", at) for kind, facts, at in kinds if kind == "Bounce"]
        spam = [at for kind, facts, at in kinds if kind == "Complaint" and facts["type"] == "abuse"]
        hard = [at for kind, counted, at in bounces if kind == "Permanent" and counted]
        opened = [facts for kind, facts, _ in kinds if kind == "Open"]
        outcomes = {
            "sent": "sent_at" in item,
            "delivered": any(kind == "Delivery" for kind, _, _ in kinds),
            "delayed": any(kind == "DeliveryDelay" for kind, _, _ in kinds),
            "bounced_permanent": bool(hard),
            "bounced_transient": any(kind == "Transient" for kind, _, _ in bounces),
            "suppressed": item.get("state") == "suppressed" or any(not counted for _, counted, _ in bounces),
            "failed": item.get("state") == "failed",
            "complained": bool(spam),
            "opened": {} in opened,
            "opened_bot": bool(opened) and {} not in opened,
            "clicked": any(kind == "Click" for kind, _, _ in kinds),
        }
        day = f"DAY#{item.get('sent_at', item.get('created_at', ''))[:10]}"
        for outcome in (outcome for outcome, holds in outcomes.items() if holds):
            found[day, f"{item['stream']}#template#{item['template']}", outcome] += 1
            found[day, f"{item['stream']}#domain#{item['recipient'].partition('@')[2]}", outcome] += 1
        times = {"sent": [item["sent_at"]] if "sent_at" in item else [], "bounced": hard, "complained": spam}
        for counter, when in ((counter, min(when)) for counter, when in times.items() if when):
            found[f"HOUR#{when[:13]}", f"{item['stream']}#acme.test", counter] += 1
    return found


class FakeStreams:
    """DynamoDB's streams as far as they are used, with shards that close and split, and empty answers. `shards` are
    (name, parent, closed, changes)."""

    def __init__(self, shards, page=3, empty=0):
        self.shards = {name: (parent, closed, changes) for name, parent, closed, changes in shards}
        self.page, self.empty = page, empty

    def describe_stream(self, StreamArn, ExclusiveStartShardId=None):  # noqa: N803 - the API's names
        names = [*self.shards]
        shown = names[names.index(ExclusiveStartShardId) + 1 if ExclusiveStartShardId else 0 :][:2]
        last = {} if not shown or shown[-1] == names[-1] else {"LastEvaluatedShardId": shown[-1]}
        return {"StreamDescription": {"Shards": [self.told(name) for name in shown], **last}}

    def told(self, name):
        parent, closed, _ = self.shards[name]
        sequences = {"StartingSequenceNumber": "0"} | ({"EndingSequenceNumber": "9"} if closed else {})
        return {"ShardId": name, "SequenceNumberRange": sequences} | ({"ParentShardId": parent} if parent else {})

    def get_shard_iterator(self, StreamArn, ShardId, ShardIteratorType, SequenceNumber=None):  # noqa: N803
        sequences = [change[0] for change in self.shards[ShardId][2]]
        if SequenceNumber and SequenceNumber not in sequences:
            raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
        position = sequences.index(SequenceNumber) + 1 if SequenceNumber else 0
        return {"ShardIterator": f"{ShardId} {position} {self.empty}"}

    def get_records(self, ShardIterator):  # noqa: N803
        name, position, empty = ShardIterator.split()
        _, closed, changes = self.shards[name]
        if int(empty):
            return {"Records": [], "NextShardIterator": f"{name} {position} {int(empty) - 1}"}
        page = changes[int(position) :][: self.page]
        end = int(position) + len(page)
        more = {} if closed and end == len(changes) else {"NextShardIterator": f"{name} {end} 0"}
        return {"Records": [{"dynamodb": record(*change)} for change in page], **more}


def record(sequence, id, old, new):
    images = {"OldImage": wire(old), "NewImage": wire(new)}
    return {
        "SequenceNumber": sequence,
        "ApproximateCreationDateTime": WRITTEN,
        "Keys": {"id": {"S": id}},
        **{name: image for name, image in images.items() if image},
    }


def wire(value):
    return {name: {"M": wire(part)} if isinstance(part, dict) else {"S": part} for name, part in value.items()}


def nothing():
    pass


class KeptCounts:
    """The counts table in memory. `between` is called before each commit."""

    def __init__(self):
        self.reached, self.cells, self.between = {}, Counter(), nothing

    def checkpoints(self):
        return dict(self.reached)

    def commit(self, places, cells, now):
        self.between()
        if any(self.reached.get(place.shard) != place.seen for place in places):
            raise Overtaken
        self.reached |= {place.shard: place.reached for place in places}
        self.cells.update(cells)

    def counted(self):
        assert min(self.cells.values(), default=0) >= 0
        return +self.cells


class Crash(Exception):
    pass


class Mortal:
    """Lets a run die before or after one of its calls, counted from the last `live`."""

    def __init__(self, client, counts):
        self.calls, self.last, self.after = 0, None, False
        for target, names in (
            (client, ("describe_stream", "get_shard_iterator", "get_records")),
            (counts, ("commit",)),
        ):
            for name in names:
                setattr(target, name, self.watched(getattr(target, name)))

    def live(self, calls, *, after):
        self.calls, self.last, self.after = 0, calls, after

    def watched(self, call):
        def counted(*arguments, **named):
            self.calls += 1
            if self.calls == self.last and not self.after:
                raise Crash
            answer = call(*arguments, **named)
            if self.calls == self.last:
                raise Crash
            return answer

        return counted
