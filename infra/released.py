"""Keeps of the released version what a later one must neither replace nor delete: `make released` at a release.

A stage's settings are kept with it, so that the next version is held against it with the settings of a user who only
takes a new version.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk

from app import mailroom
from infra.bundle import bundle
from infra.lasting import lasting
from infra.settings import Settings

if TYPE_CHECKING:
    from infra.lasting import Resources, Templates

ROOT = Path(__file__).parent.parent
FILE = ROOT / "tests" / "infra" / "released.json"
# A stage in two regions, of which cdk.json has none.
TWIN = {
    "account": "111122223333",
    "region": "eu-west-1",
    "standby": {"region": "eu-central-1"},
    "domain": "acme.test",
    "sender": "Acme <hello@acme.test>",
    "domains": {"news.acme.test": {"streams": ["marketing"], "sender": "Acme News <news@news.acme.test>"}},
    "mailboxes": [{"name": "Support", "address": "support@acme.test"}],
    "smtp": True,
    "cognito": ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Acme"],
    "tracking": {"domain": "click.acme.test"},
}


def main() -> None:
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    stages = {name: {"settings": given, "stacks": stacks(name, given)} for name, given in kept(context).items()}
    FILE.write_text(json.dumps({"version": version("mailroom"), "stages": stages}, indent=1) + "\n")


def kept(context: dict[str, Any]) -> dict[str, Any]:
    """The settings of the stages that are looked at, by name."""
    return {**context["stages"], "twin": TWIN}


def stacks(stage: str, given: dict[str, Any]) -> dict[str, Resources]:
    """What must last of the stacks that this version makes of a stage's settings."""
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(context=json.loads((ROOT / "cdk.json").read_text())["context"], outdir=folder)
        mailroom(app, Settings.read(stage, given), bundle("lambda"))
        app.synth()
        return lasting(_templates(Path(folder), stage))


def _templates(folder: Path, stage: str) -> Templates:
    return {
        path.name.removeprefix(f"Mailroom-{stage}-").removesuffix(".template.json"): json.loads(path.read_text())
        for path in sorted(folder.glob("*.template.json"))
    }


if __name__ == "__main__":
    main()
