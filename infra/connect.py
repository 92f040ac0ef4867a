"""Tickets elsewhere: `connect` brings them to Jira, Zendesk and webhooks, `hooks` hears of what is new there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.function import Function
from infra.nag import accept
from infra.queued_function import QueuedFunction
from infra.settings_destinations import environment
from lambdas.connect.router import EVENTS
from lambdas.shared.bucket import ATTACHMENTS
from lambdas.shared.destinations import TICKET_SYSTEMS

if TYPE_CHECKING:
    from infra.bundle import Bundle
    from infra.http_api import HttpApi
    from infra.settings import Settings
    from infra.storage import Storage
    from infra.tickets import Tickets


class Destinations(Construct):
    """A secret for each, which goes with its destination, and what functions are told of them."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        super().__init__(scope, "Destinations")
        self._settings = settings
        self._secrets = {destination.name: self._secret(destination.name) for destination in settings.destinations}

    def told(self, *kinds: str) -> tuple[str, list[str]]:
        """The variable DESTINATIONS and the ARNs of the secrets; of all, or of these kinds alone."""
        told = [found for found in self._settings.destinations if not kinds or found.kind in kinds]
        arns = {found.name: self._secrets[found.name].ref for found in told}
        return environment(told, self._settings.mailboxes, arns), list(arns.values())

    def _secret(self, name: str) -> secretsmanager.CfnSecret:
        """Without a value, so that no deployment puts one in the place of the operator's."""
        secret = secretsmanager.CfnSecret(self, name, description=f"What Mailroom and the destination {name} sign with")
        accept(
            secret,
            "AwsSolutions-SMG4",
            "`mailroom connect set` and `rotate` put it in: both ends have to know it, and the other is not AWS's.",
        )
        return secret


class Connect(QueuedFunction):
    """What happens to a ticket goes to each destination of its mailbox; every 5 minutes each is asked what is new."""

    def __init__(
        self,
        scope: Construct,
        *,
        settings: Settings,
        bundle: Bundle,
        storage: Storage,
        tickets: Tickets,
        destinations: Destinations,
    ) -> None:
        told, secrets = destinations.told()
        super().__init__(
            scope,
            "Connect",
            bundle=bundle,
            timeout=cdk.Duration.seconds(120),
            batch_size=1,  # which waits for slow answers, and keeps nobody else waiting
            environment={
                "DESTINATIONS": told,
                "MAIL_BUCKET": storage.mail.bucket_name,
                "TICKETS_TABLE": storage.tickets.table_name,
                "TICKETS_QUEUE_URL": tickets.queue.queue_url,
            },
        )
        self.allow(
            *("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
            *("dynamodb:DeleteItem", "dynamodb:Query"),
            on=storage.tickets.table_arn,
        )
        self.allow_objects("s3:GetObject", bucket=storage.mail, prefix=ATTACHMENTS)
        self.allow("secretsmanager:GetSecretValue", on=secrets)
        self.allow("sqs:SendMessage", on=tickets.queue.queue_arn)
        fed = [mailbox.address for mailbox in settings.mailboxes if mailbox.destinations]
        self.receive_events(storage.bus, *sorted(EVENTS), id="Events", source=["mailroom"], detail={"mailbox": fed})
        self.receive_regularly("PollDestinations", every=cdk.Duration.minutes(5))


class Hooks(Function):
    """Webhooks of ticket systems, which sign them; what they tell of is pulled by `connect`."""

    def __init__(
        self, scope: cdk.Stack, *, bundle: Bundle, connect: Connect, destinations: Destinations, http: HttpApi
    ) -> None:
        told, secrets = destinations.told(*TICKET_SYSTEMS)
        super().__init__(
            scope,
            "Hooks",
            bundle=bundle,
            environment={"DESTINATIONS": told, "CONNECT_QUEUE_URL": connect.queue.queue_url},
        )
        self.allow("secretsmanager:GetSecretValue", on=secrets)
        self.allow("sqs:SendMessage", on=connect.queue.queue_arn)
        http.serve_from(scope, self, ("POST /hooks/{destination}",), signed_for_iam=False)
