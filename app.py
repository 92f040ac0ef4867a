"""The CDK app: the settings of one stage become the stacks Mailroom-<stage>-<Name>."""

from collections.abc import Iterable

import aws_cdk as cdk

from infra.bundle import Bundle, BundleError, bundle
from infra.dashboard import Watched
from infra.feedback import Feedback
from infra.identity import Identity
from infra.inbound import Inbound
from infra.monitoring import Monitoring
from infra.outbound import Outbound
from infra.settings import Settings, SettingsError
from infra.settings_standby import in_standby
from infra.standby import prepare
from infra.storage import Storage
from infra.templates import BrokenTemplate
from infra.version import version


def mailroom(app: cdk.App, settings: Settings, code: Bundle) -> None:
    env = cdk.Environment(account=settings.account, region=settings.region)

    def name(stack: str) -> str:
        return f"Mailroom-{settings.stage}-{stack}"

    identity = Identity(app, name("Identity"), env=env, settings=settings)
    standby = settings.standby and in_standby(settings, settings.standby)
    storage = Storage(
        app,
        name("Storage"),
        env=env,
        raw_mail_days=settings.raw_mail_days,
        standby=standby.region if standby else None,
    )
    outbound = Outbound(
        app, name("Outbound"), env=env, settings=settings, bundle=code, identity=identity, storage=storage
    )
    feedback = Feedback(
        app, name("Feedback"), env=env, settings=settings, bundle=code, identity=identity, storage=storage
    )
    functions = [outbound.tokens, outbound.send, outbound.pages, outbound.api, feedback.feedback, feedback.counts]
    functions += [feedback.suppression] if feedback.suppression else []
    functions += [outbound.cognito.function] if outbound.cognito else []
    inbound = None
    if settings.mailboxes:
        inbound = Inbound(
            app,
            name("Inbound"),
            env=env,
            settings=settings,
            bundle=code,
            storage=storage,
            feedback=feedback.feedback,
            http=outbound.http,
        )
        inbound.add_stack_dependency(identity)  # SES receives for the domains of its identities only
        functions += [inbound.inbound, inbound.tickets, inbound.helpdesk, inbound.activation, *inbound.connecting]
    watched = Watched(
        stage=settings.stage,
        functions=functions,
        streams=identity.streams,
        rule_set=inbound.rule_set if inbound else None,
        http=outbound.http,
        tables=storage.tables,
        guard=settings.guard,
        files=feedback.files,
    )
    Monitoring(app, name("Monitoring"), env=env, settings=settings, bundle=code, storage=storage, watched=watched)
    _mark([stack for stack in app.node.children if isinstance(stack, cdk.Stack)], settings)
    if standby:
        _mark(prepare(app, standby, code, after=[outbound, *([inbound] if inbound else [])]), standby)


def _mark(stacks: Iterable[cdk.Stack], settings: Settings) -> None:
    """With what `mailroom doctor` compares with its own."""
    made_from = version(settings)
    for stack in stacks:
        cdk.CfnOutput(stack, "Version", value=made_from)


def main() -> None:
    app = cdk.App()
    try:
        mailroom(app, Settings.from_context(app.node), bundle(app.node.try_get_context("bundle") or "lambda"))
    except (SettingsError, BundleError, BrokenTemplate) as error:
        raise SystemExit(str(error)) from None
    app.synth()


if __name__ == "__main__":
    main()
