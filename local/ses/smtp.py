"""Mail coming in: an SMTP server that takes what the active receipt rules want (RFC 5321, RFC 3207)."""

import asyncio
from collections.abc import Callable
from socket import socket
from ssl import SSLContext

from aiosmtpd.smtp import SMTP, Envelope, Session

from local.ses.receive import Receiver
from local.ses.smtp_server import serve

_MOST_BYTES = 40 * 1024 * 1024  # DG quotas, received messages stored in S3
_NAME = "inbound-smtp.localhost"
_NOBODY = "421 4.3.2 Service not available"  # RFC 5321 section 3.8: the client tries again later


class _Handler:
    """What aiosmtpd asks for by these names."""

    def __init__(self, exchanger: Callable[[], Receiver | None]) -> None:
        self._exchanger = exchanger

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        receiver = self._exchanger()
        if receiver is None:
            return _NOBODY
        refusal = await asyncio.to_thread(receiver.refusal, address, tls=session.ssl is not None)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (as above)
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        receiver = self._exchanger()
        if receiver is None:
            return _NOBODY
        received = await asyncio.to_thread(
            receiver.receive,
            *(raw, _path(envelope), list(envelope.rcpt_tos)),
            client=str(session.host_name or "unknown"),
            tls=session.ssl is not None,
        )
        return f"250 OK {received}"


def _path(envelope: Envelope) -> str:
    """The reverse-path without brackets; empty for the null one, which aiosmtpd leaves as `<>`."""
    return (envelope.mail_from or "").removeprefix("<").removesuffix(">")


def serve_receiving(exchanger: Callable[[], Receiver | None], listening: socket, tls: SSLContext) -> None:
    """Serve on a bound socket, on a thread and an event loop of its own, until the process ends. `exchanger` says who
    takes a mail, if anybody does."""
    handler = _Handler(exchanger)

    def protocol() -> SMTP:
        # A server that asked for AUTH would be one for sending; inbound-smtp offers none.
        return SMTP(handler, data_size_limit=_MOST_BYTES, hostname=_NAME, tls_context=tls, enable_SMTPUTF8=False)

    serve(protocol, listening)
