"""The one code asset of all functions, put together without Docker.

In it: `lambdas/`, the mails of `templates/` with their MJML compiled to HTML, `schemas/` (of docs/, compiled to
Python), and the wheels of lambdas/requirements.txt for one platform. It is kept under .cache/ by the hash of all it is
made from, and the wheels by the hash of their requirements, so a second synth builds nothing and works offline.
`python -m infra.bundle` fills both caches and prints the sizes.

BundleError            there is no bundle for that platform; the message says what to change
└── WheelsMissing      uv could not install the wheels
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from infra.schemas import compile_schemas
from infra.templates import TEMPLATES, compile_templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache"
REQUIREMENTS = ROOT / "lambdas" / "requirements.txt"
COGNITO_REQUIREMENTS = ROOT / "lambdas" / "cognito" / "requirements.txt"
MAKERS = tuple(ROOT / "infra" / name for name in ("bundle.py", "schemas.py", "templates.py"))
COMPILERS = ("fastjsonschema", "mrml")
SCHEMAS = ("docs/events", "docs/http", "docs/commands")
BUNDLES_KEPT = 4  # a synth that runs beside this one may still be reading an older one

# What the functions run on: Lambda's python3.13 on arm64 (Amazon Linux 2023 has glibc 2.34), or this machine and this
# Python for the embedded AWS, whose functions are subprocesses.
PLATFORMS: dict[str, tuple[str, ...]] = {
    "lambda": ("--python-platform", "aarch64-manylinux_2_34", "--python-version", "3.13"),
    "host": ("--python", sys.executable, "--python-version", f"{sys.version_info.major}.{sys.version_info.minor}"),
}
# What an installer leaves beside a package and no function needs. METADATA and licences stay.
NOISE = ("bin", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/direct_url.json")


class BundleError(Exception):
    """The functions' code cannot be put together."""


class WheelsMissing(BundleError):
    def __init__(self, requirements: Path, reason: str) -> None:
        which = f"{requirements.parent.name}/{requirements.name}"
        super().__init__(
            f"The wheels of {which} could not be installed. The first time needs a network; and every package there "
            f"needs a wheel for Lambda's platform, since nothing is compiled. uv said:\n{reason}"
        )


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A folder to be zipped as it is, and the hash of what it was made from."""

    path: Path
    digest: str
    platform: str


def bundle(platform: str) -> Bundle:
    """The asset for `platform` ("lambda" or "host"), built unless it is in the cache; raises BundleError."""
    if platform not in PLATFORMS:
        raise BundleError(f"There is no bundle for {platform!r}; use `-c bundle=` with one of {', '.join(PLATFORMS)}.")
    files = dict(sorted(_sources()))
    mails = [*sorted(TEMPLATES.rglob("*.mjml")), *sorted(TEMPLATES.rglob("*.txt"))]
    made_from = [*files.values(), *_schemas(), *mails, *MAKERS]
    digest = _digest(*PLATFORMS[platform], *map(version, COMPILERS), *map(_named_sha, made_from))
    folder = _cached(CACHE / "bundles", f"{platform}-{digest[:20]}", lambda target: _build(target, files, platform))
    _prune(folder.parent, platform)
    return Bundle(path=folder, digest=digest, platform=platform)


def cognito_layer(platform: str) -> Bundle:
    """What only the function that Cognito calls needs: its wheels, in the form of a Lambda layer."""
    digest = _digest(*PLATFORMS[platform], _sha(COGNITO_REQUIREMENTS))
    folder = _cached(
        CACHE / "layers",
        f"{platform}-{digest[:20]}",
        lambda target: _install(target / "python", platform, COGNITO_REQUIREMENTS),
    )
    return Bundle(path=folder, digest=digest, platform=platform)


def _sources() -> Iterator[tuple[str, Path]]:
    """The place in the bundle and the file in the repository of what is taken as it is."""
    for path in (ROOT / "lambdas").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield str(path.relative_to(ROOT)), path


def _schemas() -> list[Path]:
    return sorted(path for folder in SCHEMAS for path in (ROOT / folder).glob("*.json"))


def _build(target: Path, files: dict[str, Path], platform: str) -> None:
    shutil.copytree(_wheels(platform), target, dirs_exist_ok=True)
    for name, path in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target / name)
    compile_schemas(_schemas(), target / "schemas")
    compile_templates(target / "templates")


def _wheels(platform: str) -> Path:
    key = _digest(*PLATFORMS[platform], _sha(REQUIREMENTS))[:20]
    return _cached(CACHE / "wheels", f"{platform}-{key}", lambda target: _install(target, platform, REQUIREMENTS))


def _install(target: Path, platform: str, requirements: Path) -> None:
    command = [
        find_uv_bin(),
        "pip",
        "install",
        "--quiet",
        "--target",
        str(target),
        "--no-deps",
        "--only-binary",
        ":all:",
    ]
    done = subprocess.run(
        [*command, *PLATFORMS[platform], "--requirement", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WheelsMissing(requirements, done.stderr.strip())
    for pattern in (*NOISE, "**/__pycache__", ".lock"):
        for path in list(target.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _cached(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The folder `name`, made beside and moved into place whole: another process sees all of it or nothing."""
    place = folder / name
    if not place.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".") as made:
            fresh = Path(made, name)
            fresh.mkdir()
            make(fresh)
            try:
                fresh.rename(place)
            except OSError:
                if not place.is_dir():  # else another process was faster, with the same content
                    raise
    place.touch()
    return place


def _prune(folder: Path, platform: str) -> None:
    newest_first = sorted(folder.glob(f"{platform}-*"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in newest_first[BUNDLES_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _named_sha(path: Path) -> str:
    return f"{path.relative_to(ROOT)}\0{_sha(path)}"


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def zipped_size(folder: Path) -> int:
    """Bytes of the folder as a zip archive; Lambda takes 50 MB."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            out.write(path, path.relative_to(folder))
    return len(archive.getvalue())


def main() -> None:
    for platform in PLATFORMS:
        cognito_layer(platform)
        size = zipped_size(bundle(platform).path)
        sys.stdout.write(f"bundle for {platform}: {size / 1_000_000:.1f} MB zipped\n")


if __name__ == "__main__":
    main()
