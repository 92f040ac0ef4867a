"""Which mail is to the address of the setting `reports`. What becomes of it is in keep_aggregates.py, which few mails
need."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.inbound.thread import without_detail
from lambdas.shared.recipients import canonical
from lambdas.shared.tickets.ticket import Mailbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

    from lambdas.inbound.keep_aggregates import Kept
    from lambdas.inbound.notification import Received
    from lambdas.shared.mail.mail import Mail


@dataclass(frozen=True, kw_only=True)
class Aggregates:
    """`address` is empty where a stage wants no reports; `domains` are the stage's."""

    address: str
    domains: tuple[str, ...]
    table: Table
    now: Callable[[], datetime]

    @classmethod
    def read(cls, text: str, table: Table, now: Callable[[], datetime]) -> Aggregates:
        """Of the JSON in the function's environment."""
        given = json.loads(text)
        return cls(address=given["address"], domains=tuple(given["domains"]), table=table, now=now)

    @property
    def mailbox(self) -> Mailbox:
        return Mailbox(name="Reports", address=self.address)

    def takes(self, received: Received) -> bool:
        return any(without_detail(canonical(recipient)) == self.address for recipient in received.recipients)

    def keep(self, received: Received, mail: Mail) -> Kept:
        from lambdas.inbound.keep_aggregates import keep  # 20 ms of a cold start

        return keep(received, mail, self.table, self.domains, self.now())
