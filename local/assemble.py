"""The composition root: our SES on MiniStack, behind one gateway."""

from datetime import UTC, datetime
from pathlib import Path
from socket import socket

from local import crashes, emulator, log_metrics, move_tasks, outage, own_values, queue_lock, refusals, unpacking
from local.aws import Aws
from local.certificates import Authority
from local.control import Control
from local.gateway import Gateway
from local.ses import cloudformation
from local.ses.account import Account
from local.ses.api import Api
from local.ses.regions import Regions
from local.ses.service import Ses
from local.ses.smtp import serve_receiving
from local.ses.smtp_sending import serve_sending
from local.tally import Tally


def assemble(
    *, account: str, region: str, outbox: Path, receiving: socket, sending: socket, certificate: Path
) -> Gateway:
    """Starts delivering, and both SMTP servers; HTTP is the caller's to serve. SMTP's clients trust `certificate`."""
    accounts: dict[str, Account] = {}

    def make(regions: Regions, name: str) -> Ses:
        state = Account(id=account, region=name, clock=lambda: datetime.now(UTC), regions=accounts)
        ses = Ses(account=state, aws=Aws(account, name), outbox=outbox, loop_back=regions.loop_back)
        ses.post.start()
        return ses

    regions = Regions(region, make)
    emulator.refer_to_secrets_by_arn()
    emulator.name_apart(region)
    crashes.install()
    log_metrics.install()
    move_tasks.install()
    own_values.install()
    refusals.install()
    queue_lock.install()
    unpacking.install()
    outage.install(regions.down)
    emulator.register_types(
        cloudformation.handlers(lambda: regions.of(emulator.current_region())), cloudformation.REPLACING
    )
    authority = Authority("Mailroom's embedded SES")
    certificate.write_text(authority.pem)
    tls = authority.context("localhost", "127.0.0.1")
    serve_receiving(regions.exchanger, receiving, tls)
    serve_sending(regions.home, sending, tls)
    return Gateway(ses=Api(regions), control=Control(regions), tally=Tally(), down=regions.down)
