"""The two streams we send in: configuration sets of SES, with what of its further services the stage asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_ses as ses

if TYPE_CHECKING:
    import aws_cdk as cdk

    from infra.settings import Settings

# SES puts a complainer on the account's list whatever stream it was; each set says which of the list's reasons stop its
# mail. So a complaint about a newsletter stops newsletters and no password reset, a dead address both (developer guide,
# sending-email-suppression-list-config-level).
SUPPRESSES = {
    "transactional": ses.SuppressionReasons.BOUNCES_ONLY,
    "marketing": ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
}
SCALING = {"standard": ses.ScalingMode.STANDARD, "managed": ses.ScalingMode.MANAGED}


def streams(stack: cdk.Stack, settings: Settings) -> dict[str, ses.ConfigurationSet]:
    """By name."""
    if settings.vdm:
        # Of the account, whose other mail stays as it is; each set says for itself what it wants. Engagement metrics
        # put pixels into mails and lead their links over SES (developer guide, vdm-settings).
        ses.VdmAttributes(stack, "Vdm", engagement_metrics=False, optimized_shared_delivery=False)
    return {name: _stream(stack, settings, name) for name in SUPPRESSES}


def _stream(stack: cdk.Stack, settings: Settings, name: str) -> ses.ConfigurationSet:
    tracking = settings.tracking
    tracked = name in tracking.streams
    own_name = tracking.domain if tracked else None
    policy = ses.HttpsPolicy.REQUIRE if tracking.links else ses.HttpsPolicy.OPTIONAL
    return ses.ConfigurationSet(
        stack,
        name.capitalize(),
        reputation_metrics=True,
        sending_enabled=True,
        suppression_reasons=SUPPRESSES[name],
        tls_policy=ses.ConfigurationSetTlsPolicy.REQUIRE
        if settings.tls_required_out
        else ses.ConfigurationSetTlsPolicy.OPTIONAL,
        dedicated_ip_pool=_pool(stack, settings, name),
        vdm_options=ses.VdmOptions(engagement_metrics=tracked, optimized_shared_delivery=True)
        if settings.vdm
        else None,
        custom_tracking_redirect_domain=own_name,
        custom_tracking_https_policy=policy if own_name else None,
    )


def _pool(stack: cdk.Stack, settings: Settings, stream: str) -> ses.DedicatedIpPool | None:
    """Named, for names of pools have small letters only, and CloudFormation would make one of the stack's name."""
    if stream not in settings.dedicated_ips:
        return None
    return ses.DedicatedIpPool(
        stack,
        f"{stream.capitalize()}Ips",
        dedicated_ip_pool_name=f"mailroom-{settings.stage.lower()}-{stream}",
        scaling_mode=SCALING[settings.dedicated_ips[stream]],
    )
