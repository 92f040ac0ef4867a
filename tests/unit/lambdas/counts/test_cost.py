"""How many rows are written for a mail: what docs/feedback.md says a count costs."""

import pytest

from lambdas.counts.fold import Fold
from lambdas.shared.counts.stream import Stream
from tests.unit.lambdas.counts.histories import NOW, FakeStreams, KeptCounts

PROVIDERS = ["gmail.com", "outlook.com", "yahoo.com", "icloud.com", "hotmail.com", "gmx.de", "web.de"]


class Writes(KeptCounts):
    """Counts the rows of each transaction, checkpoints among them; DynamoDB bills each as two writes."""

    rows = 0

    def commit(self, places, cells, now):
        self.rows += len(places) + len({cell[:2] for cell, number in cells.items() if number})
        super().commit(places, cells, now)


def together(mails, own):
    """The changes that are counted together, by shard: a table on demand begins with four. Each mail is claimed, sent
    and delivered; of ten mails, so many go to a domain that no other goes to, the rest to large providers."""
    shards = [[] for _ in range(4)]
    for number in range(mails):
        domain = f"d{number}.test" if number % 10 < own else PROVIDERS[number % len(PROVIDERS)]
        claimed = {"id": f"m{number}", "state": "claimed", "stream": "marketing", "template": f"t{number % 3}"}
        claimed |= {"recipient": f"a@{domain}", "from_domain": "acme.test"}
        sent = claimed | {"state": "sent", "sent_at": "2026-11-21T10:00:00.000Z"}
        told = sent | {"event#Delivery": {"kind": "Delivery", "at": "2026-11-21T10:00:01.000Z"}}
        changes = [({}, claimed), (claimed, sent), (sent, told)]
        shards[number % 4] += [(f"{number}-{place}", f"m{number}", *change) for place, change in enumerate(changes)]
    return [(f"s{number}", None, False, changes) for number, changes in enumerate(shards)]


@pytest.mark.parametrize(("mails", "own", "rows"), [(840, 1, 99), (840, 10, 888), (5, 0, 13)])
def test_a_row_is_written_once_for_all_mails_that_are_counted_together(mails, own, rows):
    counts = Writes()
    client = FakeStreams(together(mails, own), page=1000)
    Fold(stream=Stream(client, "arn"), counts=counts, now=lambda: NOW).run(lambda: True, at_once=True)
    assert counts.rows == rows
