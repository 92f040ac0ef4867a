"""What both SMTP servers share: a thread with an event loop of its own."""

import asyncio
from collections.abc import Callable
from socket import socket
from threading import Thread

from aiosmtpd.smtp import SMTP


def serve(protocol: Callable[[], SMTP], listening: socket) -> None:
    """Serve on a bound socket until the process ends."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
        await server.serve_forever()

    Thread(target=lambda: asyncio.run(run()), name="ses-smtp", daemon=True).start()
