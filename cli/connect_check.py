"""Whether a destination is ready, by the word of the function that speaks to it."""

from __future__ import annotations

import json
from typing import Any

import click
from botocore.config import Config

from cli.deployment import AwsFailed, Deployment, deployed, endpoint
from cli.destinations import destination, where
from cli.output import as_json, line, print_json, show

SECONDS = 130  # the function has 120


@click.command("test")
@click.argument("name")
@as_json
@deployed
def try_destination(deployment: Deployment, *, name: str, as_json: bool) -> None:
    """Say what a destination lacks to be used.

    The function that brings tickets there tries it, with its own permissions and from its own network: the secret, the
    account and what it may do, project, issue type and fields; of a webhook the address and the certificate. Nothing is
    written there. Exit status 1 if anything is wrong.
    """
    found = destination(deployment, name)
    wrong = [line(each) for each in asked(deployment, name)]
    if as_json:
        print_json({"name": name, "wrong": wrong})
    else:
        show(*(wrong or [f"{name} is ready: {line(where(found))}."]))
    if wrong:
        raise SystemExit(1)


def asked(deployment: Deployment, name: str) -> list[str]:
    options = endpoint(deployment.running)
    once = Config(read_timeout=SECONDS, retries={"total_max_attempts": 1})
    options["config"] = options.get("config", Config()).merge(once)
    client: Any = deployment.session.client("lambda", **options)
    answer = client.invoke(
        FunctionName=deployment.output("ConnectFunction"), Payload=json.dumps({"check": name}).encode()
    )
    said: Any = json.loads(answer["Payload"].read())
    if "FunctionError" in answer or not isinstance(said, dict):
        why = said.get("errorMessage", "") if isinstance(said, dict) else ""
        raise AwsFailed(f"The function `connect` failed: {line(why) or 'without a reason'}. Its log has more.")
    return [str(each) for each in said["wrong"]]
