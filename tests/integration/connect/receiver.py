"""An HTTPS server of one certificate, that answers as it is told, byte by byte, and keeps what it got."""

import socket
import ssl
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """A certificate authority that nobody knows but those who ask for its `pem`."""

    def __init__(self):
        self._key, self._name = ec.generate_private_key(ec.SECP256R1()), _named("A test's authority")
        usage = _usage(key_cert_sign=True)
        self._certificate = (
            _certificate(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.pem = self._certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, folder, name):
        """A server's context with a certificate for this name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            _certificate(self._name, _named(name), key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        both = folder / f"{name}.pem"  # ssl loads from files only
        both.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context


def _named(name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(issuer, subject, public_key):
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _usage(**used):
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    return x509.KeyUsage(
        **dict.fromkeys((*names, "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False) | used
    )


@dataclass
class Receiver:
    """`requests` are (first line, headers, body); `names` those asked for by SNI; `over` is set when it is to end."""

    port: int
    requests: list = field(default_factory=list)
    names: list = field(default_factory=list)
    connections: int = 0
    over: Event = field(default_factory=Event)


@contextmanager
def receiving(context, answer):
    """A server whose `answer(connection, receiver)` is called once a request is read; no `context`: no TLS either."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        receiver = Receiver(listener.getsockname()[1])
        thread = Thread(target=_serve, args=(listener, context, answer, receiver))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            with suppress(OSError):  # an accept() that waits
                socket.create_connection(listener.getsockname(), timeout=1).close()
            thread.join(10)
            assert not thread.is_alive()


def _serve(listener, context, answer, receiver):
    while True:
        connection, _ = listener.accept()
        with closing(connection):
            if receiver.over.is_set():
                return
            receiver.connections += 1
            connection.settimeout(10)
            with suppress(OSError):  # the client is gone
                _converse(connection, context, answer, receiver)


def _converse(connection, context, answer, receiver):
    if context:
        context.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
        connection = context.wrap_socket(connection, server_side=True)
    with closing(connection):
        receiver.requests.append(_request(connection))
        answer(connection, receiver)


def _request(connection):
    got = b""
    while b"\r\n\r\n" not in got:
        got += _some(connection)
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    while len(body) < int(headers["Content-Length"]):
        body += _some(connection)
    return first, headers, body


def _some(connection):
    if piece := connection.recv(65_536):
        return piece
    raise ConnectionResetError


def saying(*pieces):
    """Answers with these bytes and hangs up."""

    def answer(connection, _receiver):
        for piece in pieces:
            connection.sendall(piece)

    return answer


def dripping(first, again):
    """Answers with `first`, and then `again` and again, a hundred times a second, as long as somebody listens."""

    def answer(connection, receiver):
        connection.sendall(first)
        while not receiver.over.wait(0.01):
            connection.sendall(again)

    return answer


def pouring(first, again):
    """As `dripping`, as fast as it is taken, for three seconds at most."""

    def answer(connection, _receiver):
        connection.sendall(first)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            connection.sendall(again)

    return answer
