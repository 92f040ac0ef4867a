"""The webhook against HTTPS servers on this machine, which a fake resolver and dialler call a public address."""

import ssl
import time

from lambdas.connect.endpoint import endpoint
from lambdas.connect.pinned import Network, dial
from lambdas.connect.webhook import Message, Webhook

NAME, ADDRESS = "hooks.example.org", "93.184.215.14"
SECRET = "whsec_YW4gb2xkIGtleSBvZiAyNCBieXRlcyEh"
MESSAGE = Message(id="TicketOpened-7f3c", body=b'{"type":"TicketOpened","data":{"subject":"Z\\u00fcrich"}}')
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Outside:
    """What the webhook finds beyond this machine: every address is the receiver."""

    def __init__(self, receiver, authority, addresses=(ADDRESS,), seconds=3.0):
        self.looked_up, self.dialled = [], []
        self._port, self._addresses = receiver.port, addresses
        tls = ssl.create_default_context(cadata=authority.pem)
        self.network = Network(resolve=self._resolve, dial=self._dial, tls=tls, seconds=seconds)

    def webhook(self, url="https://hooks.example.org/in?key=1", secrets=(SECRET,)):
        return Webhook(endpoint=endpoint(url), secrets=secrets, network=self.network, now=lambda: 1763719200.9)

    def _resolve(self, host):
        self.looked_up.append(host)
        return self._addresses

    def _dial(self, address, port, seconds):
        self.dialled.append((address, port))
        return dial("127.0.0.1", self._port, seconds)


def tried(outside, answer, **options):
    """What became of one try, and how many seconds it took."""
    with outside(answer, **options) as (_, world):
        began = time.monotonic()
        return world.webhook().deliver(MESSAGE), time.monotonic() - began
