"""The composition root: our SES on MiniStack, behind one gateway."""

from datetime import UTC, datetime
from pathlib import Path
from socket import socket

from local import crashes, emulator, log_metrics, move_tasks, own_values, queue_lock, refusals, unpacking
from local.aws import Aws
from local.certificates import Authority
from local.control import Control
from local.gateway import Gateway
from local.ses import cloudformation
from local.ses.account import Account
from local.ses.api import Api
from local.ses.service import Ses
from local.ses.smtp import serve_receiving
from local.ses.smtp_sending import serve_sending
from local.tally import Tally


def assemble(
    *, account: str, region: str, outbox: Path, receiving: socket, sending: socket, certificate: Path
) -> Gateway:
    """Starts delivering, and both SMTP servers; HTTP is the caller's to serve. SMTP's clients trust `certificate`."""
    state = Account(id=account, region=region, clock=lambda: datetime.now(UTC))
    ses = Ses(account=state, aws=Aws(account, region), outbox=outbox)
    emulator.refer_to_secrets_by_arn()
    crashes.install()
    log_metrics.install()
    move_tasks.install()
    own_values.install()
    refusals.install()
    queue_lock.install()
    unpacking.install()
    emulator.register_types(cloudformation.handlers(ses), cloudformation.REPLACING)
    ses.post.start()
    authority = Authority("Mailroom's embedded SES")
    certificate.write_text(authority.pem)
    tls = authority.context("localhost", "127.0.0.1")
    serve_receiving(ses.receiver, receiving, tls)
    serve_sending(ses, sending, tls)
    return Gateway(ses=Api(ses), control=Control(ses), tally=Tally())
