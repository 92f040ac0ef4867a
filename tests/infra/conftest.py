"""The stages of cdk.json, synthesised once for all tests: a domain, a domain with a hosted zone, an address only; and a
stage in two regions."""

import json
import re
from functools import cache
from pathlib import Path

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from app import mailroom
from infra.bundle import bundle
from infra.released import kept
from infra.settings import Settings
from tests.system.conftest import browser as browser

STAGES = ("local", "example", "trial")
STANDBY = "-Standby"
CONTEXT = json.loads(Path("cdk.json").read_text())["context"]
KEPT = kept(CONTEXT)


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory):
    """The cloud assembly's folder of a stage, checked by cdk-nag on the way: `synthesised("local")`."""
    folder = tmp_path_factory.mktemp("assemblies")

    @cache
    def synthesise(stage):
        app = cdk.App(context=CONTEXT, outdir=str(folder / stage))
        mailroom(app, Settings.read(stage, KEPT[stage]), bundle("lambda"))
        cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
        app.synth()
        return folder / stage

    return synthesise


@pytest.fixture(scope="session")
def templates(synthesised):
    """A stage's templates by the stack's short name: `templates("local")["Storage"]`."""

    @cache
    def read(stage):
        return {
            path.name.removeprefix(f"Mailroom-{stage}-").removesuffix(".template.json"): json.loads(path.read_text())
            for path in sorted(synthesised(stage).glob("*.template.json"))
        }

    return read


@pytest.fixture(scope="session")
def twins(synthesised):
    """The cloud assembly's folder of a stage in two regions."""
    return synthesised("twin")


@pytest.fixture(scope="session")
def first(templates):
    """The templates of the first region, by the stack's short name."""
    return {name: found for name, found in templates("twin").items() if not name.endswith(STANDBY)}


@pytest.fixture(scope="session")
def second(templates):
    """Those of the standby region."""
    return {name.removesuffix(STANDBY): found for name, found in templates("twin").items() if name.endswith(STANDBY)}


@pytest.fixture(scope="session")
def resources(templates):
    """All resources of a stage by logical id, of one type where it is given."""

    def select(stage, kind=None):
        return {
            logical_id: resource
            for template in templates(stage).values()
            for logical_id, resource in template["Resources"].items()
            if kind in (None, resource["Type"])
        }

    return select


def named(value):
    """A value with its references as names, the hashes of logical ids left out: `<Mail.Arn>/raw/*`."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(named(part) for part in parts)
        case {"Ref": logical_id}:
            return f"<{without_hash(logical_id)}>"
        case {"Fn::GetAtt": [logical_id, attribute]}:
            return f"<{without_hash(logical_id)}.{attribute}>"
        case {"Fn::ImportValue": export}:
            kind, rest = re.fullmatch(r".*:ExportsOutput(Ref|FnGetAtt)(.*)[0-9A-F]{8}", export).groups()
            logical_id, attribute = re.fullmatch(r"(.*?[0-9A-F]{8}|[A-Za-z]+)(.*)", rest).groups()  # some have no hash
            return f"<{without_hash(logical_id)}{'.' + attribute if kind == 'FnGetAtt' else ''}>"
    return value


def told(template):
    """The outputs that a stack has for the command, which all but the version have names of their own for."""
    outputs = template.get("Outputs", {})
    return {name: said for name, said in outputs.items() if not name.startswith("Exports") and name != "Version"}


def without_hash(logical_id):
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)


def listed(value):
    return value if isinstance(value, list) else [value]
