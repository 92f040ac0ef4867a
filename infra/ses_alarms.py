"""Alarms on SES: reputation, receiving, and what `account` and `guard` find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.alarms import LESS_THAN, Raised
from infra.metrics import (
    AVERAGE,
    BOUNCES,
    COMPLAINTS,
    FIVE_MINUTES,
    HOUR,
    MAXIMUM,
    QUOTA_USED,
    SAMPLES,
    SUM,
    of_ses,
    ours,
)
from lambdas.shared.counts.contributions import MARKETING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.dashboard import Watched
    from infra.metrics import Limits


def of(watched: Watched) -> dict[str, Raised]:
    """By their ids."""
    return {
        "AccountBounceRate": _account_rate("bounces", "Reputation.BounceRate", BOUNCES, "account-bounce-rate"),
        "AccountComplaintRate": _account_rate(
            "complaints", "Reputation.ComplaintRate", COMPLAINTS, "account-complaint-rate"
        ),
        **dict(_stream_rates(watched)),
        **dict(_restricted(watched)),
        **(_receiving(watched, watched.rule_set) if watched.rule_set else {}),
        **_account(watched),
    }


def _account_rate(what: str, metric: str, limits: Limits, runbook: str) -> Raised:
    return Raised(
        metric=of_ses(metric, AVERAGE, period=HOUR),
        threshold=limits.alarmed / 100,  # SES's rates are fractions
        missing=cloudwatch.TreatMissingData.IGNORE,  # SES has no new value while nothing is sent
        says=f"SES counts {what} of {limits.alarmed:g} % or more for the account. At {limits.reviewed:g} % AWS puts it "
        f"under review, at {limits.paused:g} % it may pause sending.",
        runbook=runbook,
    )


def _stream_rates(watched: Watched) -> Iterator[tuple[str, Raised]]:
    for stream in watched.streams:
        for what, name, runbook in (
            ("bounces", "BounceRate", "bounce-rate"),
            ("complaints", "ComplaintRate", "complaint-rate"),
        ):
            yield (
                f"{stream.capitalize()}{name}",
                Raised(
                    metric=ours(name, Stage=watched.stage, Stream=stream),
                    threshold=watched.guard.warn.of(what),
                    says=f"Of late, {watched.guard.warn.of(what):g} % or more of {stream} mails ended in {what}, by "
                    "our own count.",
                    runbook=runbook,
                ),
            )


def _restricted(watched: Watched) -> Iterator[tuple[str, Raised]]:
    """What `guard` has done, or a person by command: it looks three times in a period."""
    command = f"mailroom --stage {watched.stage} streams"
    slower = f"{watched.guard.slowed_by} times slower"
    yield (
        "MarketingSlowed",
        Raised(
            metric=ours("SendingSlowed", Stage=watched.stage, Stream=MARKETING),
            says=f"Bounces or complaints have come near the line to pause: marketing is sent {slower}. First: "
            f"{command} show.",
            runbook="sending-slowed",
        ),
    )
    for stream in watched.streams:
        yield (
            f"{stream.capitalize()}Paused",
            Raised(
                metric=ours("SendingPaused", Stage=watched.stage, Stream=stream),
                says=f"All {stream} mail waits. First: {command} show, which says why; once the cause is gone: "
                f"{command} resume {stream}.",
                runbook="sending-paused",
            ),
        )


def _receiving(watched: Watched, rule_set: str) -> dict[str, Raised]:
    def failed(name: str) -> cloudwatch.Metric:
        return of_ses(name, SUM, period=FIVE_MINUTES, RuleSetName=rule_set)

    return {
        "ReceiptFailures": Raised(
            metric=failed("PublishFailure"),
            says="SES received a mail and could not hand it on to the bucket or the topic. It tries for four hours.",
            runbook="receipt-failures",
        ),
        "ReceiptLosses": Raised(
            metric=failed("PublishExpired"),
            says="SES received a mail, could not hand it on for four hours, and has given up.",
            runbook="receipt-losses",
        ),
        "RuleSetLost": _found(
            watched,
            "RuleSetLost",
            "Another receipt rule set is active than Mailroom's, or none: no mailbox receives.",
            "rule-set-lost",
        ),
    }


def _account(watched: Watched) -> dict[str, Raised]:
    return {
        "DailyQuota": _found(
            watched,
            "QuotaUsed",
            f"Of what SES lets the account send in 24 hours, {QUOTA_USED} % are sent. After the rest, mails wait.",
            "daily-quota",
            threshold=QUOTA_USED,
        ),
        "SendingRestricted": _found(
            watched,
            "SendingRestricted",
            "AWS has the account under review or has paused it, or somebody has switched its sending off.",
            "sending-restricted",
        ),
        "DkimLost": _found(
            watched,
            "DkimLost",
            "SES cannot verify the identity any more: mails go out unsigned, or not at all.",
            "dkim-lost",
        ),
        "MailFromLost": _found(
            watched,
            "MailFromLost",
            "SES cannot verify the MAIL FROM domain any more: SPF is no longer aligned with your domain.",
            "mail-from-lost",
        ),
        "AccountUnseen": Raised(
            metric=ours("QuotaUsed", SAMPLES, Stage=watched.stage),
            compared=LESS_THAN,
            times=4,
            of=4,
            missing=cloudwatch.TreatMissingData.BREACHING,
            says="For an hour nobody has asked SES how the account stands: the alarms that rest on it are blind.",
            runbook="account-unseen",
        ),
    }


def _found(watched: Watched, name: str, says: str, runbook: str, *, threshold: float = 1) -> Raised:
    """`account` looks every 15 minutes, a little more or less: of two periods at least one holds a look."""
    metric = ours(name, MAXIMUM, Stage=watched.stage)
    return Raised(metric=metric, threshold=threshold, times=1, of=2, says=says, runbook=runbook)
