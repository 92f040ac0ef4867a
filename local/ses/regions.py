"""SES in every region of the account: each with identities, quotas, rules and a suppression list of its own, and
nothing in common but the names of the domains whose DKIM keys it copies (Account.regions)."""

from collections.abc import Callable, Iterator
from threading import Lock

from local.ses.events import Sent
from local.ses.receive import Receiver
from local.ses.service import Ses


class Regions:
    """`home` is where the embedded AWS was started; any other region is there once it is asked for. Nothing answers in
    a region that is `down`."""

    def __init__(self, home: str, make: Callable[["Regions", str], Ses]) -> None:
        self.down: set[str] = set()
        self._make = make
        self._lock = Lock()
        self._made: dict[str, Ses] = {}
        self.home = self.of(home)

    def __iter__(self) -> Iterator[Ses]:
        return iter(list(self._made.values()))

    def of(self, region: str) -> Ses:
        with self._lock:
            if region not in self._made:
                self._made[region] = self._make(self, region)
            return self._made[region]

    def exchanger(self) -> Receiver | None:
        """Where a server that has mail for us delivers it, as if MX records named all regions: the first that answers
        and receives at all. None where none does."""
        up = [ses for ses in self if ses.account.region not in self.down]
        return next((ses.receiver for ses in up if ses.account.active_rule_set), up[0].receiver if up else None)

    def loop_back(self, sent: Sent, recipient: str) -> bool | None:
        """As Receiver.loop_back, wherever our mail is received."""
        exchanger = self.exchanger()
        return exchanger.loop_back(sent, recipient) if exchanger else None
