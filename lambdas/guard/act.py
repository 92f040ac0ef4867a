"""What the guard does to the world: SES's switch of a stream, the operators' topic, the bus, figures for CloudWatch.

The topic's mail is Amazon SNS's own, from an address of AWS: it comes while all our sending is paused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.shared.guard.decide import GUARD, State, enough
from lambdas.shared.guard.level import Level
from lambdas.shared.guard.policy import BOUNCES, COMPLAINTS, KINDS, Policy
from lambdas.shared.metrics import COUNT, PERCENT, publish
from lambdas.shared.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mypy_boto3_sesv2.client import SESV2Client
    from mypy_boto3_sns.client import SNSClient

    from lambdas.shared.guard.rates import Rate

METRICS = dict(zip(KINDS, ("BounceRate", "ComplaintRate"), strict=True))
RISEN = {Level.WARNED: "SendingWarned", Level.SLOWED: "SendingSlowed", Level.PAUSED: "SendingPaused"}
WORDS = {
    Level.OK: "is sent as usual",
    Level.WARNED: "is near the line",
    Level.SLOWED: "is slowed down",
    Level.PAUSED: "is paused",
}
NEXT = {
    Level.OK: "Nothing is to be done.",
    Level.WARNED: "Find out which list or which form these addresses come from.",
    Level.SLOWED: "Stop what is being sent until you know why; the line to pause is near.",
    Level.PAUSED: "Its mail waits, for 72 hours at most. Find the cause, then: {command} streams resume {stream}",
}
RUNBOOKS = {BOUNCES: "bounce-rate", COMPLAINTS: "complaint-rate"}  # of a warning; and of what is done:
DONE = {Level.SLOWED: "sending-slowed", Level.PAUSED: "sending-paused"}


@dataclass(frozen=True, kw_only=True)
class Acts:
    """`sets` are the streams' configuration sets; mail of other applications has none."""

    ses: SESV2Client
    sns: SNSClient
    emit: Callable[[str, dict[str, Any]], None]
    topic: str
    sets: Mapping[str, str]
    policy: Policy
    stage: str

    def switch(self, stream: str, *, on: bool) -> None:
        self.ses.put_configuration_set_sending_options(ConfigurationSetName=self.sets[stream], SendingEnabled=on)

    def tell(self, stream: str, state: State) -> None:
        """Tell the operators, and the bus."""
        subject = f"Mailroom {self.stage}: {stream} mail {WORDS[state.level]}"
        text = words(self.stage, stream, state)
        self.sns.publish(
            TopicArn=self.topic, Subject=subject, Message=by_protocol(subject, text), MessageStructure="json"
        )
        risen = state.level > Level.OK and state.level >= state.was
        self.emit(RISEN[state.level] if risen else "SendingResumed", event(stream, state))

    def publish(self, stream: str, state: State, rates: Sequence[Rate], now: datetime) -> None:
        """The highest rate of each kind, if there are enough mails for one, and that the stream is slowed or paused."""
        figures: dict[str, tuple[float, str]] = {}
        for kind, name in METRICS.items():
            found = [rate.rate for rate in rates if rate.kind == kind and enough(rate, self.policy)]
            if found:
                figures[name] = (max(found), PERCENT)
        if state.level >= Level.SLOWED:
            figures[RISEN[state.level]] = (1, COUNT)
        if figures:
            facts: dict[str, str | float] = {"level": state.level.name.lower(), "since": iso(state.since)}
            publish(figures, {"Stage": self.stage, "Stream": stream}, now, facts)


def words(stage: str, stream: str, state: State) -> str:
    """For people, in plain text."""
    who = "the guard" if state.by == GUARD else "a person, by command"
    command = f"mailroom --stage {stage}"
    lines = [
        f"{stream.capitalize()} mail of stage {stage} {WORDS[state.level]}, since {state.since:%Y-%m-%d %H:%M} UTC, "
        f"by {who}. Before, it {WORDS[state.was].replace('is ', 'was ', 1)}.",
        f"Why: {state.reason}.",
        NEXT[state.level].format(command=command, stream=stream),
        f"How it stands: {command} streams show",
    ]
    if runbook := DONE.get(state.level) or RUNBOOKS.get((state.rate or {}).get("kind", "")):
        lines.append(f"Runbook: docs/runbooks/{runbook}.md")
    return "\n\n".join(lines)


def by_protocol(subject: str, text: str) -> str:
    """Text for mail, and for chat what Amazon Q Developer shows: it leaves out what is not of this schema (its
    administrator guide, custom notifications)."""
    content = {"textType": "client-markdown", "title": subject, "description": text}
    chat = json.dumps({"version": "1.0", "source": "custom", "content": content})
    return json.dumps({"default": text, "https": chat})


def event(stream: str, state: State) -> dict[str, Any]:
    return {
        "id": f"guard-{stream}-{state.version}",
        "stream": stream,
        "level": state.level.name.lower(),
        "was": state.was.name.lower(),
        "at": iso(state.since),
        "by": state.by,
        "reason": state.reason,
        "rate": state.rate,
    }
