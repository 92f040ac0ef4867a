"""Mail coming in: an SMTP server that takes what the active receipt rules want (RFC 5321, RFC 3207)."""

import asyncio
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from threading import Thread

from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.ses.receive import Receiver

_MOST_BYTES = 40 * 1024 * 1024  # DG quotas, received messages stored in S3
_NAME = "inbound-smtp.localhost"


class _Handler:
    """What aiosmtpd asks for by these names."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = await asyncio.to_thread(self._receiver.refusal, address, tls=session.ssl is not None)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (as above)
        raw = envelope.content if isinstance(envelope.content, bytes) else b""
        received = await asyncio.to_thread(
            self._receiver.receive,
            *(raw, _path(envelope), list(envelope.rcpt_tos)),
            client=str(session.host_name or "unknown"),
            tls=session.ssl is not None,
        )
        return f"250 OK {received}"


def _path(envelope: Envelope) -> str:
    """The reverse-path without brackets; empty for the null one, which aiosmtpd leaves as `<>`."""
    return (envelope.mail_from or "").removeprefix("<").removesuffix(">")


def serve(receiver: Receiver, listening: socket) -> None:
    """Serve on a bound socket, on a thread and an event loop of its own, until the process ends."""
    handler, context = _Handler(receiver), _self_signed()

    def protocol() -> SMTP:
        # A server that asked for AUTH would be one for sending; inbound-smtp offers none.
        return SMTP(handler, data_size_limit=_MOST_BYTES, hostname=_NAME, tls_context=context, enable_SMTPUTF8=False)

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
        await server.serve_forever()

    Thread(target=lambda: asyncio.run(run()), name="ses-smtp", daemon=True).start()


def _self_signed() -> ssl.SSLContext:
    """Sending servers do not verify certificates unless DANE or MTA-STS says so, so this one is of our own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # ssl loads from files only
        pem = Path(folder) / "pem"
        pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context.load_cert_chain(pem)
    return context
