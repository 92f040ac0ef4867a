"""Our SES put together: the account's state and everything that acts on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock

from local.ses.account import Account
from local.ses.aws import Aws
from local.ses.events import Sent
from local.ses.feed import Feed
from local.ses.knobs import Knobs
from local.ses.outbox import Outbox
from local.ses.post import Post
from local.ses.receive import Receiver


@dataclass(kw_only=True)
class Ses:
    """`lock` guards the account: requests, CloudFormation and SMTP come on threads of their own. `loop_back` is asked
    about mail to domains that we receive for, where not this region's own rules decide."""

    account: Account
    aws: Aws
    outbox: Path
    loop_back: Callable[[Sent, str], bool | None] | None = None
    knobs: Knobs = field(default_factory=Knobs)
    lock: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        self.feed = Feed(self.account, self.aws, self.knobs)
        self.receiver = Receiver(self.account, self.aws, self.knobs)
        self.post = Post(
            self.account, Outbox(self.outbox), self.feed, self.knobs, self.loop_back or self.receiver.loop_back
        )
