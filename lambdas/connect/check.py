"""Whether a destination is ready, tried from where it will be used: this function's role and network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lambdas.connect.remote import RemoteError

if TYPE_CHECKING:
    from lambdas.connect.clients import Clients
    from lambdas.connect.remote import Remote
    from lambdas.connect.webhook import Webhook


@dataclass(frozen=True, kw_only=True)
class Check:
    remotes: Clients[Remote]
    webhooks: Clients[Webhook]

    def wrong(self, name: str) -> list[str]:
        """What is wrong with it, in words and without a credential; nothing if it is ready. Its secret is read anew."""
        for clients in (self.remotes, self.webhooks):
            if name in clients:
                clients.forget(name)
                try:
                    return clients.get(name).check()
                except RemoteError as error:
                    return [str(error)]
        return [f"there is no destination {name} in the settings"]
