"""Where alarms are heard besides mail: `alarm_chat` of a stage."""

from __future__ import annotations

from dataclasses import dataclass

from infra.settings_texts import expected, matching

WORKSPACE = matching(r"T[0-9A-Z]{2,254}", "an object whose `workspace` is a Slack workspace's id such as 'T01ABCDEFGH'")
CHANNEL = matching(r"[CG][0-9A-Z]{2,254}", "an object whose `channel` is a Slack channel's id such as 'C01ABCDEFGH'")


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A channel of Slack, by the ids that Slack's links hold."""

    workspace: str
    channel: str


def chat(value: object) -> Chat:
    if not isinstance(value, dict) or value.keys() != {"workspace", "channel"}:
        raise expected('an object {"workspace": "T01ABCDEFGH", "channel": "C01ABCDEFGH"}, of Slack', value)
    return Chat(workspace=WORKSPACE(value["workspace"]), channel=CHANNEL(value["channel"]))
