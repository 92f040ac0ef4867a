"""What both SMTP servers share: a thread with an event loop of its own, and a certificate of our own making."""

import asyncio
import ipaddress
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket
from threading import Thread

from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_ALTERNATIVES = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def serve(protocol: Callable[[], SMTP], listening: socket) -> None:
    """Serve on a bound socket until the process ends."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
        await server.serve_forever()

    Thread(target=lambda: asyncio.run(run()), name="ses-smtp", daemon=True).start()


def self_signed(certificate: Path) -> ssl.SSLContext:
    """A context with a new certificate for localhost and 127.0.0.1, which is left at `certificate` for clients that
    verify: they have to be told to trust it. The key is kept in memory."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = _certify(key).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # ssl loads from files only
        both = Path(folder) / "pem"
        both.write_bytes(private + public)
        context.load_cert_chain(both)
    certificate.write_bytes(public)
    return context


def _certify(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Its own authority, in the form that RFC 5280 asks of one: OpenSSL is told to be strict by Python 3.13."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Mailroom's embedded SES")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(_ALTERNATIVES), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
