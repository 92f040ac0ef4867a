"""`mailroom dkim`: a domain's own signing keys, and their change in two steps."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from cli.deployment import CommandFailed, Deployment, deployed
from cli.dkim.key import STAYS
from cli.dkim.keys import FOUND
from cli.dkim.stage import domain_of, keys_of
from cli.dkim.zone import publish
from cli.dns.finding import PRESENT
from cli.dns.judge import judge
from cli.dns.look_up import VARIABLE, LookUps, resolver
from cli.hint import hint
from cli.output import as_json, cell, fields, minute, print_json, show
from cli.settings import settings_of
from infra.records import Record
from lambdas.shared.timestamps import parsed

if TYPE_CHECKING:
    from cli.dkim.key import Key
    from cli.dkim.keys import Keys, Signing
    from infra.settings_domains import Domain

finish = click.option("--finish", is_flag=True, help="Have SES sign with the new key, once the DNS has its record.")


@click.command("show")
@click.argument("name", metavar="DOMAIN")
@as_json
@deployed
def show_keys(deployment: Deployment, *, name: str, as_json: bool) -> None:
    """Show a domain's own keys, and which one signs.

    For a domain whose `dkim` is "own". No private key is shown.
    """
    settings = settings_of(deployment.stage)
    domain = domain_of(settings, name)
    keys = keys_of(deployment, settings, domain)
    held, signing = keys.held(), keys.signing()
    if as_json:
        told = [described(key, domain) | {"state": state(deployment.stage, key, signing, keys)} for key in held]
        return print_json({"domain": domain.name, "signing": signing.selector, "status": signing.status, "keys": told})
    show(fields({"domain": domain.name, "SES signs with": by_whom(signing), "SES says": signing.status}))
    for key in held:
        stands = state(deployment.stage, key, signing, keys)
        show("", fields({"key": key.selector, "made": f"{minute(key.made)} UTC", "state": stands}))
        if key.needed(keys.now()):
            show_record(key, domain)
    if not held:
        show(cell(f"There is no key yet: {hint(deployment.stage, f'dkim create {domain.name}')} makes one."))
    return None


@click.command("create")
@click.argument("name", metavar="DOMAIN")
@finish
@as_json
@deployed
def create(deployment: Deployment, *, name: str, finish: bool, as_json: bool) -> None:
    """Make a domain's first own key, in two steps.

    Makes a key of 2048 bit and shows the DNS record of its public half; the private one goes into a secret. Once the
    record is in the DNS, run it again with --finish: SES then signs with the key. Either step can be repeated if it was
    interrupted. In a hosted zone of the stage the record is made for you.

    \b
    Example:
      mailroom --stage example dkim create acme.com
      mailroom --stage example dkim create acme.com --finish
    """
    change(deployment, name, first=True, finish=finish, as_json=as_json)


@click.command("rotate")
@click.argument("name", metavar="DOMAIN")
@finish
@as_json
@deployed
def rotate(deployment: Deployment, *, name: str, finish: bool, as_json: bool) -> None:
    """Change a domain's own key, in two steps.

    Makes the next key and shows its DNS record; the old key signs on. Once the record is in the DNS, run it again with
    --finish: SES then signs with the new key. The old key's record has to stay for a week, for mails on their way.
    Either step can be repeated if it was interrupted.
    """
    change(deployment, name, first=False, finish=finish, as_json=as_json)


def change(deployment: Deployment, name: str, *, first: bool, finish: bool, as_json: bool) -> None:
    settings = settings_of(deployment.stage)
    domain = domain_of(settings, name)
    keys = keys_of(deployment, settings, domain)
    if finish:
        return finished(deployment, domain, keys, as_json=as_json)
    in_use = any(key.selector == keys.signing().selector for key in keys.held())
    if first and in_use:
        changes = hint(deployment.stage, f"dkim rotate {domain.name}")
        raise CommandFailed(f"{domain.name} signs with a key already: {changes} changes it.")
    if not first and not in_use:
        before = hint(deployment.stage, f"dkim create {domain.name}")
        raise CommandFailed(f"{domain.name} has no key that signs yet: {before} comes first.")
    return begun(deployment, domain, keys, as_json=as_json)


def begun(deployment: Deployment, domain: Domain, keys: Keys, *, as_json: bool) -> None:
    key, made = keys.begin()
    zone = None if deployment.running else domain.hosted_zone
    if zone:
        publish(deployment.client("route53"), zone.id, key.record(domain.name))
    if as_json:
        return print_json({"domain": domain.name, "new": made, "published": bool(zone), **described(key, domain)})
    show("A new key is in the secret." if made else "The change that was begun is not finished: no new key is made.")
    show(f"Its record is in the hosted zone {zone.id}:" if zone else "Its record has to be added to the DNS:", "")
    show_record(key, domain)
    return show(cell(f"\nOnce it is there: {to_finish(deployment.stage, keys.signing(), domain.name)}."))


def finished(deployment: Deployment, domain: Domain, keys: Keys, *, as_json: bool) -> None:
    if not keys.held():
        makes = hint(deployment.stage, f"dkim create {domain.name}")
        raise CommandFailed(f"There is no key for {domain.name} yet: {makes} makes one.")
    if key := keys.waiting():
        look(deployment, domain, key)
    easy = keys.signing().selector is None
    old = keys.finish()
    signing = keys.signing()
    days = f"{STAYS.days} days"
    if as_json:
        told = {"old": old and described(old, domain)}
        return print_json({"domain": domain.name, "signing": signing.selector, "status": signing.status, **told})
    show(cell(f"SES signs with the key {signing.selector}, and says of its record: {signing.status}."))
    if signing.status != FOUND:
        tells = hint(deployment.stage, f"dkim show {domain.name}")
        show(cell(f"Until it says {FOUND}, mails may go out unsigned: {tells} tells."))
    if old:
        name, _, _ = old.record(domain.name)
        return show(cell(f"Leave the old record {name} there for {days}: mails on their way are checked with it."))
    return show(cell(f"Leave SES's own three records there for {days}, if it signed with them.")) if easy else None


def look(deployment: Deployment, domain: Domain, key: Key) -> None:
    """CommandFailed, unless the DNS has the key's record. On the laptop nobody asks the DNS, unless one is named."""
    if deployment.running and VARIABLE not in os.environ:
        return
    name, kind, value = key.record(domain.name)
    wanted = Record(id="Dkim1", domain=domain.name, name=name, type=kind, value=value, purpose="dkim")
    look_ups = LookUps(resolver())
    (finding,) = judge([wanted], look_ups)
    if finding.state != PRESENT:
        kept = f" Resolvers may say so for {finding.ttl} seconds more." if finding.ttl else ""
        said = f" {finding.said}" if finding.said else ""
        raise CommandFailed(
            f"The record {name} is {finding.state}, says {look_ups.asked}.{said}{kept} Nothing has changed: SES still "
            "signs as before."
        )


def described(key: Key, domain: Domain) -> dict[str, Any]:
    name, kind, value = key.record(domain.name)
    return {"selector": key.selector, "made": key.made, "record": {"name": name, "type": kind, "value": value}}


def show_record(key: Key, domain: Domain) -> None:
    """Whole, to be copied: no table would have room for it."""
    name, kind, value = key.record(domain.name)
    click.echo(f"{name} {kind} {value}")


def by_whom(signing: Signing) -> str:
    return f"the key {signing.selector}" if signing.selector else "keys of its own (Easy DKIM)"


def to_finish(stage: str, signing: Signing, domain: str) -> str:
    return hint(stage, f"dkim {signing.change} {domain} --finish")


def state(stage: str, key: Key, signing: Signing, keys: Keys) -> str:
    if key.selector == signing.selector:
        return "signs"
    if key.replaced is None:
        return f"waits: once its record is in the DNS, {to_finish(stage, signing, keys.domain)}"
    gone = minute((parsed(key.replaced) + STAYS).isoformat())
    return f"its record may go after {gone} UTC" if key.needed(keys.now()) else "its record may go"
