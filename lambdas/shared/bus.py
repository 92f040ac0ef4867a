"""Events out: what happened, for whoever listens on the bus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient

SOURCE = "mailroom"


class BusRefused(Exception):
    """EventBridge took the call but not the event."""


class Bus:
    def __init__(self, client: EventBridgeClient, name: str) -> None:
        self._client = client
        self._name = name

    def emit(self, detail_type: str, detail: dict[str, Any]) -> None:
        """Put one event. `detail["id"]` is the same on a repeat, so that listeners can know it again."""
        text = json.dumps(detail, ensure_ascii=False)  # its 256 KB are of UTF-8
        entry = {"EventBusName": self._name, "Source": SOURCE, "DetailType": detail_type, "Detail": text}
        answer = self._client.put_events(Entries=[entry])  # type: ignore[list-item]  # a plain dict of its keys
        if answer["FailedEntryCount"]:
            raise BusRefused(f"EventBridge refused {detail_type}: {answer['Entries'][0].get('ErrorCode')}")
