"""Whether the counters are what a recount of all messages gives, and to correct those that are not."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from click import get_current_context

from cli.deployment import CommandFailed, Deployment
from cli.output import line, print_json, show, table
from cli.progress import bar
from cli.recount import Difference, Moving, Recount, Trimmed, differences, standing, uncounted
from cli.watch import stream_arn
from lambdas.shared.counts.correct import Correction
from lambdas.shared.counts.stream import Stream
from lambdas.shared.counts.table import Counts, Overtaken
from lambdas.shared.timestamps import now

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mypy_boto3_dynamodb.service_resource import Table

    from cli.recount import Checkpoints
    from lambdas.shared.counts.contributions import Cell

LOOKS = 180  # whether `counts` has read the stream to its end
LOOKS_A_CALL = 30  # of `counts`; a run may miss what was written just before it
SECONDS_BETWEEN_LOOKS = 1.0
LATE_SECONDS = 3.0  # a change may be in the stream a little later than in the table
MOST_SHOWN = 50


def verify(deployment: Deployment, *, as_json: bool, repair: bool) -> None:
    """Exit status 1 if a counter differs, and is not corrected."""
    counts = Counts(deployment.table("CountsTable"))
    stream = Stream(deployment.client("dynamodbstreams"), stream_arn(deployment))
    left = wait(deployment, counts, stream)
    correction = Correction(deployment.table("CountsTable"), uuid4().hex) if repair else None
    if correction:
        correction.begin()  # before the counters are read, so that no other correction comes between
    try:
        checkpoints, standing_at = standing(deployment.table("CountsTable"), counts)
        messages, found = compare(deployment.table("MessagesTable"), stream, checkpoints, standing_at)
        if correction:
            correct(correction, found, [shard for shard, reached in checkpoints.items() if reached.gap_at])
    except Moving:
        raise CommandFailed("The counters do not keep still: say it again when less mail goes out.") from None
    except Trimmed:
        raise CommandFailed(
            "`counts` has not run for a day: see why in `mailroom status`, then say it again."
        ) from None
    except Overtaken:
        raise CommandFailed("Something else was written at the same time: say it again, it goes on.") from None
    tell(found, messages=messages, cells=len(standing_at), left=left, repaired=repair, as_json=as_json)
    get_current_context().exit(1 if found and not repair else 0)


def compare(
    messages: Table, stream: Stream, checkpoints: Checkpoints, counters: Mapping[Cell, int]
) -> tuple[int, list[Difference]]:
    """How many messages there are, and what differs."""
    recount = Recount()
    with bar("messages", messages.item_count or None) as advance:
        recount.read(messages, advance)
    found = differences(counters, recount.at(stream, checkpoints))
    if found:
        time.sleep(LATE_SECONDS)
        found = differences(counters, recount.at(stream, checkpoints))
    return len(recount), found


def correct(correction: Correction, found: list[Difference], gaps: list[str]) -> None:
    with bar("correcting", len(found)) as advance:
        cells = {differing.cell: differing.recounted - differing.counted for differing in found}
        correction.add(cells, now(), advance)
    correction.end(gaps)


def wait(deployment: Deployment, counts: Counts, stream: Stream) -> int:
    """Have `counts` read the stream to what is its end now; gives how many changes it has not."""
    began = now()
    left = behind(counts, stream, began)
    with bar("uncounted changes", left or None) as advance:
        for look in range(LOOKS):
            if not left:
                break
            if look % LOOKS_A_CALL == 0:
                call(deployment)
            time.sleep(SECONDS_BETWEEN_LOOKS)
            still = behind(counts, stream, began)
            advance(left - still)
            left = still
    return left


def call(deployment: Deployment) -> None:
    command = {"id": uuid4().hex, "detail-type": "Count", "detail": {"at_once": True}}
    sqs = deployment.client("sqs")
    sqs.send_message(QueueUrl=deployment.output("CountsQueue"), MessageBody=json.dumps(command))


def behind(counts: Counts, stream: Stream, began: datetime) -> int:
    pages = uncounted(stream, counts.checkpoints(), began)
    return sum(change.at <= began for page in pages for change in page.changes)


def tell(found: list[Difference], *, messages: int, cells: int, left: int, repaired: bool, as_json: bool) -> None:
    if as_json:
        data: dict[str, Any] = {"messages": messages, "counters": cells, "uncounted": left, "repaired": repaired}
        shown = [
            {"row": list(one.cell[:2]), "counter": one.cell[2], "counted": one.counted, "recounted": one.recounted}
            for one in found
        ]
        return print_json(data | {"differences": shown})
    if left:
        show(f"{left:,} changes are not counted yet, and left out: see `mailroom status` for the queue counts.")
    if not found:
        return show(f"{messages:,} messages recounted: all {cells:,} counters are right.")
    rows = [
        (line(" ".join(one.cell[:2])), one.cell[2], f"{one.counted:,}", f"{one.recounted:,}")
        for one in found[:MOST_SHOWN]
    ]
    show(table(("row", "counter", "counted", "recounted"), rows, whole=("counter",)))
    if len(found) > len(rows):
        show(f"and {len(found) - len(rows):,} more")
    done = "corrected" if repaired else "wrong; --repair corrects them"
    return show(f"{messages:,} messages recounted: {len(found):,} of {cells:,} counters were {done}.")
