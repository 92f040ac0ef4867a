"""How many rows are written for a mail: what docs/feedback.md says a count costs."""

import pytest

from lambdas.counts.fold import Fold
from lambdas.shared.counts.stream import Stream
from tests.unit.lambdas.counts.histories import NOW, FakeStreams, KeptCounts

PROVIDERS = ["gmail.com", "outlook.com", "yahoo.com", "icloud.com", "hotmail.com", "gmx.de", "web.de"]


class Writes(KeptCounts):
    """Counts the rows of each transaction, the checkpoint among them; DynamoDB bills each as two writes."""

    rows = 0

    def commit(self, shard, seen, reached, cells, now):
        self.rows += 1 + len({cell[:2] for cell, number in cells.items() if number})
        super().commit(shard, seen, reached, cells, now)


def together(mails, own):
    """The changes that are counted together: each mail is claimed, sent and delivered; of ten mails, so many go to a
    domain that no other goes to, the rest to large providers."""
    changes = []
    for number in range(mails):
        domain = f"d{number}.test" if number % 10 < own else PROVIDERS[number % len(PROVIDERS)]
        claimed = {"id": f"m{number}", "state": "claimed", "stream": "marketing", "template": f"t{number % 3}"}
        claimed |= {"recipient": f"a@{domain}", "from_domain": "acme.test"}
        sent = claimed | {"state": "sent", "sent_at": "2026-11-21T10:00:00.000Z"}
        told = sent | {"event#Delivery": {"kind": "Delivery", "at": "2026-11-21T10:00:01.000Z"}}
        changes += [(f"m{number}", old, new) for old, new in (({}, claimed), (claimed, sent), (sent, told))]
    return [(str(sequence), *change) for sequence, change in enumerate(changes)]


@pytest.mark.parametrize(("mails", "own", "rows"), [(840, 1, 96), (840, 10, 885), (5, 0, 10)])
def test_a_row_is_written_once_for_all_mails_that_are_counted_together(mails, own, rows):
    counts = Writes()
    client = FakeStreams([("s1", None, False, together(mails, own))], page=1000)
    Fold(stream=Stream(client, "arn"), counts=counts, now=lambda: NOW).run(lambda: True, at_once=True)
    assert counts.rows == rows
