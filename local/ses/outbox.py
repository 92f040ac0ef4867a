"""The folder sent mail lands in: `<UTC time>-<SES message id>.eml`, and beside it `.json` with what became of it."""

import json
from collections.abc import Sequence
from pathlib import Path

from local.ses.events import Sent


class Outbox:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, sent: Sent, recipients: Sequence[str], outcome: str, *, part: str = "") -> None:
        """`part` tells the files of one message apart when its recipients met with different fates."""
        name = f"{sent.at:%Y%m%dT%H%M%S.%fZ}-{sent.id}{part}"
        about = {
            "message_id": sent.id,
            "source": sent.source,
            "destination": list(recipients),
            "configuration_set": sent.configuration_set,
            "tags": {key: values[0] for key, values in sent.tags.items() if not key.startswith("ses:")},
            "outcome": outcome,
        }
        self._write(f"{name}.json", json.dumps(about, indent=1).encode())
        self._write(f"{name}.eml", sent.raw)

    def _write(self, name: str, content: bytes) -> None:
        """Whoever lists the folder sees whole files only, and no .eml before its .json."""
        unfinished = self._folder / f"{name}.new"
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)
