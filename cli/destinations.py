"""The ticket systems and webhooks that a stage's mailboxes feed, as its functions know them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cli.deployment import CommandFailed, NotDeployed, NotFound
from cli.output import line
from lambdas.connect.endpoint import endpoint
from lambdas.shared.destinations import JIRA, TICKET_SYSTEMS, WEBHOOK, ZENDESK, Destination
from lambdas.shared.secret import secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cli.deployment import Deployment

NAMES = {JIRA: "Jira", ZENDESK: "Zendesk", WEBHOOK: "a webhook"}


def destinations(deployment: Deployment) -> dict[str, Destination]:
    """By name. NotDeployed if there are none."""
    try:
        function = deployment.output("ConnectFunction")
    except NotDeployed:
        raise NotDeployed(
            f"Stage {deployment.stage} brings its tickets nowhere: name `destinations` in cdk.json and deploy it "
            "(docs/connectors.md)."
        ) from None
    found = deployment.client("lambda").get_function_configuration(FunctionName=function)
    return Destination.read(found["Environment"]["Variables"]["DESTINATIONS"])


def destination(deployment: Deployment, name: str) -> Destination:
    known = destinations(deployment)
    if name in known:
        return known[name]
    raise NotFound(f"There is no destination {line(name)}; there are {', '.join(sorted(known))}.")


def webhook(deployment: Deployment, name: str) -> Destination:
    """One that is called, and not signed in to."""
    found = destination(deployment, name)
    if found.kind == WEBHOOK:
        return found
    raise CommandFailed(
        f"{name} is {NAMES[found.kind]}, whose API token is made there: make another, `mailroom connect set {name}`, "
        "and take the old one away."
    )


def where(found: Destination) -> str:
    """Where it goes, for a person; of a webhook's URL the host, since its path may be a secret."""
    return PLACES[found.kind](found.settings)


def own_hook(deployment: Deployment, found: Destination) -> str:
    """The URL that its webhooks have to call; "" if it has none."""
    return f"{deployment.output('PagesUrl')}/hooks/{found.name}" if found.kind in TICKET_SYSTEMS else ""


def held_by(deployment: Deployment, found: Destination) -> dict[str, Any]:
    """What its secret holds; nothing before it was set."""
    return secret(deployment.client("secretsmanager"), found.secret_arn)


def put_secret(deployment: Deployment, found: Destination, value: dict[str, Any]) -> None:
    client = deployment.client("secretsmanager")
    client.put_secret_value(SecretId=found.secret_arn, SecretString=json.dumps(value))


PLACES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    JIRA: lambda settings: f"{settings['site']}.atlassian.net, project {settings['project']}",
    ZENDESK: lambda settings: f"{settings['subdomain']}.zendesk.com",
    WEBHOOK: lambda settings: endpoint(settings["url"]).name,
}
