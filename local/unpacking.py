"""MiniStack unpacks a function's whole package each time a process of it starts; here each package is unpacked once.

Each start then gets a link to it. Its modules are compiled once too: functions run with -B and would compile them anew.
Nothing writes into it: on AWS it is read-only, and here it is the working directory of processes that run with -B.
"""

import compileall
import hashlib
import tempfile
import zipfile
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]  # MiniStack ships no types

_turn = Lock()


def install() -> None:
    folder = Path(tempfile.mkdtemp(prefix="unpacked-"))

    class UnpackedOnce(zipfile.ZipFile):
        def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
            """Make `path`, an empty folder, a link to what is in the archive."""
            unpacked = folder / hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()
            with _turn:
                if not unpacked.exists():
                    made = tempfile.mkdtemp(dir=folder)
                    super().extractall(made, members, pwd)
                    compileall.compile_dir(made, quiet=2)
                    Path(made).rename(unpacked)
            Path(path).rmdir()
            Path(path).symlink_to(unpacked, target_is_directory=True)

    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": UnpackedOnce})  # no public hook
