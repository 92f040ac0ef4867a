"""The interpreter functions run in: the standard library and boto3 alone, as Lambda's own Python runtime has.

`python -m local.runtime` makes it once, in .cache/lambda-runtime; after that nothing here needs the network.
"""

import fcntl
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from uv import find_uv_bin

_ROOT = Path(__file__).parent.parent
_FOLDER = _ROOT / ".cache" / "lambda-runtime"


class RuntimeMissing(Exception):
    """uv could not make the interpreter; the message holds what it said."""


def lambda_python() -> Path:
    """The interpreter, made first where it is missing or of another boto3 or Python; RuntimeMissing if it cannot be."""
    _FOLDER.parent.mkdir(exist_ok=True)
    with _FOLDER.with_suffix(".lock").open("w") as lock:  # two test runs may start at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = f"python {sys.version.split()[0]} at {sys.base_prefix}, boto3 {version('boto3')}"
        marker = _FOLDER / "made-of"
        if not marker.exists() or marker.read_text() != wanted:
            _make()
            marker.write_text(wanted)
    return _FOLDER / "bin" / "python"


def _make() -> None:
    python = str(_FOLDER / "bin" / "python")
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _uv("venv", "--quiet", "--no-project", "--python", sys.executable, str(_FOLDER))
    _uv(
        *("pip", "install", "--quiet", "--compile-bytecode", "--python", python),
        *("--constraint", str(_ROOT / "requirements.txt"), f"boto3=={version('boto3')}"),
    )


def _uv(*arguments: str) -> None:
    ran = subprocess.run([find_uv_bin(), *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeMissing(f"`uv {arguments[0]}` failed; run `make install` with the network up.\n{ran.stderr}")


if __name__ == "__main__":
    lambda_python()
