"""Put the stacks into the embedded AWS, with the same CDK CLI that puts them into an account."""

import os
import subprocess
from pathlib import Path

from local.server import Running

ROOT = Path(__file__).parent.parent
# Quiet, offline, and nothing asked: the CLI otherwise looks for notices and reports its use.
OPTIONS = ["--no-notices", "--ci", "--no-color"]
ENVIRONMENT = {"CDK_DISABLE_CLI_TELEMETRY": "true", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1"}


class NotDeployed(Exception):
    """The CDK CLI failed; the message holds the end of what it said."""


def deploy(aws: Running, *, stage: str = "local") -> None:
    """Bootstrap, then deploy every stack of a stage, its functions bundled for this machine. Raises NotDeployed."""
    log = aws.log.with_name("deploy.log")
    log.unlink(missing_ok=True)
    # Where no cdk.json is, so that the CLI does not synthesise the app just to bootstrap.
    cdk(aws, log, log.parent, "bootstrap", f"aws://{aws.account}/{aws.region}")
    context = ["--context", f"stage={stage}", "--context", "bundle=host"]
    output = ["--output", str(log.with_name("cdk.out"))]
    cdk(aws, log, ROOT, "deploy", "--all", "--method", "direct", "--require-approval", "never", *context, *output)


def cdk(aws: Running, log: Path, folder: Path, *arguments: str) -> None:
    command = [str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments, *OPTIONS]
    path = {"PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    with log.open("ab") as output:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | ENVIRONMENT | aws.environment() | path,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
        raise NotDeployed(f"cdk {arguments[0]} failed. Its log, {log}, ends:\n{tail}")
