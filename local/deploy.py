"""Put the stacks into the embedded AWS, with the same CDK CLI that puts them into an account."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.server import Running

ROOT = Path(__file__).parent.parent
# Quiet, offline, and nothing asked: the CLI otherwise looks for notices and reports its use.
OPTIONS = ["--no-notices", "--ci", "--no-color"]
ENVIRONMENT = {"CDK_DISABLE_CLI_TELEMETRY": "true", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}


# The stage, its functions bundled for this machine.
CONTEXT = ["--context", "stage=local", "--context", "bundle=host"]


class NotDeployed(Exception):
    """The CDK CLI failed; the message holds the end of what it said."""


def synthesise(folder: Path) -> None:
    """Put the cloud assembly of the local stage into a folder, for several deployments of it. Raises NotDeployed."""
    log = folder.with_suffix(".log")
    cdk({}, log, ROOT, "synth", "--quiet", *CONTEXT, "--output", str(folder))


def deploy(aws: Running, *, assembly: Path | None = None) -> None:
    """Bootstrap, then deploy every stack of the local stage: of this assembly, or synthesised anew. Raises
    NotDeployed."""
    log = aws.log.with_name("deploy.log")
    log.unlink(missing_ok=True)
    # Where no cdk.json is, so that the CLI does not synthesise the app just to bootstrap.
    cdk(aws.environment(), log, log.parent, "bootstrap", f"aws://{aws.account}/{aws.region}")
    app = ["--app", str(assembly)] if assembly else [*CONTEXT, "--output", str(log.with_name("cdk.out"))]
    command = ["deploy", "--all", "--method", "direct", "--require-approval", "never", *app]
    cdk(aws.environment(), log, ROOT, *command)


def cdk(environment: Mapping[str, str], log: Path, folder: Path, *arguments: str) -> None:
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments, *OPTIONS]
    path = {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **ENVIRONMENT, **environment, **path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise NotDeployed(f"cdk {arguments[0]} failed. Its log, {log}, ends:\n{tail}")
