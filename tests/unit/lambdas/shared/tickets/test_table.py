from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from lambdas.shared.queue import Later
from lambdas.shared.tickets.table import Tickets
from tests.ticket_values import DELIVERY, MESSAGE, TICKET


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
