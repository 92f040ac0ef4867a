"""What a cold start costs: every function's import and client creation, against the floor.

The floor is importing boto3 and creating the same clients. Each measurement is a fresh process of the interpreter that
functions run in, on the bundle as it is on Lambda (without bytecode), with the environment of the synthesised template.
Measured is processor time, which is what there is to wait for and what a busy machine changes less. A function and its
floor take turns; the ratio is the median of such pairs.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import click

from app import mailroom
from cli.output import show, table
from infra.bundle import ROOT, Bundle, bundle, cognito_layer, zipped_size
from infra.settings import Settings
from local.runtime import lambda_python

AIM = 1.25
BUNDLE_AIM = 10_000_000  # bytes
TIMED = """\
import sys, time
begun = time.process_time()
{code}
print(time.process_time() - begun)
"""
# What a function creates as it is imported, each once: a client of the service, or a resource.
WATCHED = """\
import sys, boto3
def watched(kind, create):
    def noted(service, **options):
        print(f"boto3.{{kind}}({{service!r}})")
        return create(service, **options)
    return noted
boto3.client, boto3.resource = watched("client", boto3.client), watched("resource", boto3.resource)
{code}
"""
SURROUNDINGS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function's code, the floor's, and the environment of both."""

    name: str
    code: str
    floor: str
    clients: tuple[str, ...]
    environment: dict[str, str]


@click.command()
@click.option("--runs", type=click.IntRange(1, 1000), default=15, show_default=True, help="Processes a figure.")
def main(runs: int) -> None:
    """Measure, and print a table of medians."""
    compared = functions(bundle("host"))
    measured = times(compared, runs)
    rows = [row(function, *measured[function.name]) for function in compared]
    show(table(("function", "clients", "floor, ms", "function, ms", "ratio"), rows))
    size = zipped_size(bundle("lambda").path)
    show(f"\nMedians of {runs} processes each; the aim is a ratio of {AIM} at most.")
    show(f"The bundle is {size / 1e6:.1f} MB zipped; the aim is less than {BUNDLE_AIM / 1e6:.0f} MB.")


def row(function: Function, floors: list[float], starts: list[float]) -> tuple[str, ...]:
    ratio = statistics.median(start / floor for start, floor in zip(starts, floors, strict=True))
    figures = (*(f"{statistics.median(seconds) * 1000:.0f}" for seconds in (floors, starts)), f"{ratio:.2f}")
    return (function.name, ", ".join(function.clients), *figures)


def times(compared: list[Function], runs: int) -> dict[str, tuple[list[float], list[float]]]:
    """Seconds of the floor and of the function, by its name."""
    found: dict[str, tuple[list[float], list[float]]] = {function.name: ([], []) for function in compared}
    for _ in range(runs):
        for function in compared:
            for seconds, code in zip(found[function.name], (function.floor, function.code), strict=True):
                seconds.append(float(run(TIMED.format(code=code), function.environment)))
    return found


def functions(made: Bundle) -> list[Function]:
    found = [function(made, properties) for properties in deployed(made)]
    return sorted(found, key=lambda found: found.name)


def function(made: Bundle, properties: dict[str, Any]) -> Function:
    module = properties["Handler"].rpartition(".")[0]
    variables = properties.get("Environment", {}).get("Variables", {})
    environment = {name: resolved(value) for name, value in variables.items()}
    environment |= SURROUNDINGS | {"LAMBDA_TASK_ROOT": str(made.path)}
    places = [made.path, *([cognito_layer("host").path / "python"] if "Layers" in properties else [])]
    code = f"sys.path[:0] = {[str(place) for place in places]}\nimport {module}"
    creations = dict.fromkeys(run(WATCHED.format(code=code), environment).splitlines())
    return Function(
        name=module.split(".")[1],
        code=code,
        floor="\n".join(("import boto3", *creations)),
        clients=tuple(creation.split("'")[1] for creation in creations),
        environment=environment,
    )


def deployed(made: Bundle) -> list[dict[str, Any]]:
    """The properties of every function of the laptop's stage that is ours."""
    context = json.loads((ROOT / "cdk.json").read_bytes())["context"]
    with tempfile.TemporaryDirectory() as folder:
        app = cdk.App(context=context, outdir=folder)
        mailroom(app, Settings.choose("local", context["stages"]), made)
        app.synth()
        templates = [json.loads(path.read_bytes()) for path in Path(folder).glob("*.template.json")]
    found = [resource for template in templates for resource in template["Resources"].values()]
    properties = [resource["Properties"] for resource in found if resource["Type"] == "AWS::Lambda::Function"]
    return [function for function in properties if function["Handler"].startswith("lambdas.")]


def resolved(value: Any) -> str:
    """A template's value as text, whatever it refers to as an x."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(resolved, parts))
        case str():
            return value
    return "x"


def run(code: str, environment: dict[str, str]) -> str:
    command = [str(lambda_python()), "-I", "-B", "-c", code]
    environment = environment | {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
