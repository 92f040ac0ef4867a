from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from lambdas.shared.queue import Later
from lambdas.shared.tickets.table import Tickets
from lambdas.shared.tickets.ticket import Delivery, TicketMessage
from tests.unit.lambdas.inbound.test_thread import TICKET

MESSAGE = TicketMessage(
    id="ses-1",
    message_id=None,
    at="2026-11-21T10:00:00.000Z",
    sender="mia@example.org",
    sender_name="Mia",
    subject="Hi",
    text="Text",
    reply="Text",
    kind="mail",
    flags=(),
    raw_key="raw/ses-1",
    attachments=(),
)
DELIVERY = Delivery(
    ses_id="ses-1", outcome="reply", at=MESSAGE.at, sender="mia@example.org", mailbox="s@acme.test", raw_key="raw/ses-1"
)


def cancelled(codes):
    """A table whose transactions are cancelled for these reasons, one for each write."""

    def transact_write_items(TransactItems):  # noqa: N803 - boto3's spelling
        reasons = [{"Code": code} for code in codes]
        answer = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
        raise ClientError(answer, "TransactWriteItems")

    return SimpleNamespace(
        name="tickets", meta=SimpleNamespace(client=SimpleNamespace(transact_write_items=transact_write_items))
    )


@pytest.mark.parametrize(
    "codes",
    [
        ["ConditionalCheckFailed", "None", "None"],
        ["None", "TransactionConflict", "None"],
        ["ThrottlingError", "None", "ConditionalCheckFailed"],
        ["None", "None", "ProvisionedThroughputExceeded"],
    ],
)
def test_a_write_that_another_was_faster_than_is_done_later(codes):
    with pytest.raises(Later, match="look again"):
        Tickets(cancelled(codes)).add(TICKET, MESSAGE, DELIVERY)


@pytest.mark.parametrize(
    "codes",
    [
        ["None", "ValidationError", "None"],
        ["ConditionalCheckFailed", "ItemCollectionSizeLimitExceeded", "None"],
        ["AccessDenied", "None", "None"],
        [],
    ],
)
def test_a_write_that_can_never_work_is_an_error_that_ends_in_the_dead_letters(codes):
    with pytest.raises(ClientError):
        Tickets(cancelled(codes)).add(TICKET, MESSAGE, DELIVERY)
