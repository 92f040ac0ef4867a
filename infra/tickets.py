"""What a team does with tickets: `tickets` performs it, `helpdesk` answers calls and asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_events as events

from infra.function import Function
from infra.queued_function import QueuedFunction
from infra.settings_mailboxes import environment
from lambdas.shared.bucket import ATTACHMENTS, OUTGOING, RAW

if TYPE_CHECKING:
    from constructs import Construct

    from infra.bundle import Bundle
    from infra.http_api import HttpApi
    from infra.settings import Settings
    from infra.storage import Storage

ROUTES = (
    *("GET /tickets", "GET /tickets/{number}", "GET /tickets/{number}/messages/{id}/html"),
    *("POST /tickets/{number}/replies", "POST /tickets/{number}/notes", "PATCH /tickets/{number}"),
)


class Tickets(QueuedFunction):
    """Answers, notes, changes; what became of an answer's mail; once a day, what is due to be closed or erased."""

    def __init__(self, scope: Construct, *, settings: Settings, bundle: Bundle, storage: Storage) -> None:
        super().__init__(
            scope,
            "Tickets",
            bundle=bundle,
            timeout=cdk.Duration.seconds(60),
            environment={
                "MAIL_BUCKET": storage.mail.bucket_name,
                "TICKETS_TABLE": storage.tickets.table_name,
                "BUS_NAME": storage.bus.event_bus_name,
                "MAILBOXES": environment(settings.mailboxes),
                "CLOSE_AFTER_DAYS": str(settings.close_after_days),
                "TICKET_DAYS": str(settings.ticket_days),
            },
        )
        self.allow(
            *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"),
            *("dynamodb:DeleteItem", "dynamodb:BatchWriteItem"),
            on=storage.tickets.table_arn,
        )
        self.allow("dynamodb:Query", on=storage.ticket_views_arn)
        self.allow_objects("s3:DeleteObject", bucket=storage.mail, prefix=RAW)
        self.allow_objects("s3:GetObject", "s3:DeleteObject", bucket=storage.mail, prefix=ATTACHMENTS)
        self.allow_objects("s3:PutObject", bucket=storage.mail, prefix=OUTGOING)  # files of an answer, for the outbox
        self.allow("events:PutEvents", on=storage.bus.event_bus_arn)
        # Of mails that belong to no ticket it is null.
        of_a_ticket = {"ticket": events.Match.prefix("")}
        for event in ("MailSent", "MailBounced", "MailFailed"):
            self.receive_events(storage.bus, event, source=["mailroom"], detail=of_a_ticket)
        self.receive_daily("Upkeep", at="3:40")


class Helpdesk(Function):
    """Calls of programs and of the command; what they change goes through the queue of `tickets`."""

    def __init__(
        self,
        scope: cdk.Stack,
        *,
        bundle: Bundle,
        storage: Storage,
        tickets: Tickets,
        http: HttpApi,
    ) -> None:
        super().__init__(
            scope,
            "Helpdesk",
            bundle=bundle,
            memory_size=1024,  # a mail of 40 MB, decoded, when its HTML is asked for
            environment={
                "MAIL_BUCKET": storage.mail.bucket_name,
                "TICKETS_TABLE": storage.tickets.table_name,
                "TICKETS_QUEUE_URL": tickets.queue.queue_url,
            },
        )
        self.allow("dynamodb:GetItem", "dynamodb:Query", on=storage.tickets.table_arn)
        self.allow("dynamodb:Query", on=storage.ticket_views_arn)
        self.allow_objects("s3:GetObject", bucket=storage.mail, prefix=RAW)
        self.allow_objects("s3:GetObject", "s3:PutObject", bucket=storage.mail, prefix=ATTACHMENTS)
        self.allow("sqs:SendMessage", on=tickets.queue.queue_arn)
        http.serve_from(scope, self, ROUTES)
