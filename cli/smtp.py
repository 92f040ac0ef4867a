"""Sending by SMTP: the credentials, and their rotation."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import boto3
import click
from botocore.exceptions import ClientError

from cli.deployment import AwsFailed, CommandFailed, Deployment, NotDeployed, client, deployed
from cli.output import as_json, fields, moment, print_json, show
from cli.smtp_keys import Key, Keys

if TYPE_CHECKING:
    from lambdas.shared.smtp_password import SmtpCredentials

SECONDS_TO_KNOW_A_KEY = 60
SECONDS_BETWEEN_TRIES = 1


@click.command("show")
@click.option("--password", "with_password", is_flag=True, help="Show the password, too.")
@as_json
@deployed
def show_smtp(deployment: Deployment, *, with_password: bool, as_json: bool) -> None:
    """Show how to send by SMTP: user, host and ports.

    The password is shown with --password only. On the laptop the host is this machine, and a program that verifies
    certificates has to trust the file that is named.
    """
    keys = keys_of(deployment)
    credentials, current, old = keys.credentials(), keys.current(), keys.old()
    if credentials is None:
        raise CommandFailed("The secret holds no credentials yet: `mailroom smtp rotate` makes some.")
    shown = place(deployment, credentials)
    if with_password:
        shown["password"] = credentials["password"]
    if as_json:
        return print_json(shown | {"key": current and asdict(current), "old_key": old and asdict(old)})
    return show(
        fields({name.replace("_", " "): str(value) for name, value in shown.items() if value} | state(current, old))
    )


@click.command()
@click.option("--finish", is_flag=True, help="Take the old key away: its password stops working.")
@as_json
@deployed
def rotate(deployment: Deployment, *, finish: bool, as_json: bool) -> None:
    """Change the SMTP password in two steps.

    Makes a new key, with a password of its own, and puts it into the secret. The old password works on, until you have
    given everything that sends the new one and run it again with --finish. Either step can be repeated if it was
    interrupted.
    """
    keys = keys_of(deployment)
    if finish:
        return finished(keys.finish(), as_json=as_json)
    made = keys.rotate()
    current, old = keys.current(), keys.old()
    if as_json:
        return print_json({"made": made, "key": current and asdict(current), "old_key": old and asdict(old)})
    begun = (
        "A new key is in the secret." if made else "The rotation that was begun is not finished: no new key is made."
    )
    return show(begun, fields(state(current, old)))


def finished(old: Key | None, *, as_json: bool) -> None:
    if as_json:
        return print_json({"deleted": old and old.id})
    return show(f"The old key {old.id} is deleted." if old else "There is no old key: nothing to finish.")


def place(deployment: Deployment, credentials: SmtpCredentials) -> dict[str, Any]:
    """User, host and ports; on the laptop, its own in the place of AWS's."""
    if up := deployment.running:
        own = {"host": "127.0.0.1", "port": up.submission_port, "tls_port": None, "certificate": str(up.certificate)}
        return {"username": credentials["username"], **own}
    return {name: credentials[name] for name in ("username", "host", "port", "tls_port")}


def state(current: Key | None, old: Key | None) -> dict[str, str]:
    told = {"key": known(current) if current else "gone from IAM: `mailroom smtp rotate` makes another"}
    if old:
        told["old key"] = f"{known(old)}. It works until `mailroom smtp rotate --finish`."
    return told


def known(key: Key) -> str:
    used = f"last used {moment(key.used)} UTC" if key.used else "never used, says IAM"
    return f"{key.id}, {'' if key.active else 'inactive, '}made {moment(key.made)} UTC, {used}"


def keys_of(deployment: Deployment) -> Keys:
    try:
        user, secret = deployment.output("SmtpUser"), deployment.output("SmtpSecret")
    except NotDeployed:
        raise NotDeployed(
            f"Stage {deployment.stage} does not send by SMTP: set its `smtp` to true in cdk.json and deploy it."
        ) from None

    def try_out(access_key_id: str, secret_access_key: str) -> None:
        session = boto3.Session(access_key_id, secret_access_key, region_name=deployment.region)
        wait_until_known(client(session, "sts", deployment.running))

    return Keys(
        iam=deployment.client("iam"),
        secrets=deployment.client("secretsmanager"),
        user=user,
        secret=secret,
        try_out=try_out,
    )


def wait_until_known(sts: Any) -> None:
    """A new key is not known everywhere at once (IAM User Guide, troubleshoot_general_eventual-consistency), and
    whoever reads the secret must not be turned away."""
    deadline = time.monotonic() + SECONDS_TO_KNOW_A_KEY
    while True:
        try:
            sts.get_caller_identity()
        except ClientError as error:
            if time.monotonic() > deadline:
                raise AwsFailed(
                    "AWS does not know the new key after a minute. Nothing has changed: try again."
                ) from error
            time.sleep(SECONDS_BETWEEN_TRIES)
        else:
            return
