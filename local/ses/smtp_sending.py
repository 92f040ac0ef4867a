"""Sending by SMTP: STARTTLS, AUTH with an IAM user's key, then the way of SendEmail (DG send-email-smtp)."""

import asyncio
import hmac
import logging
from base64 import b64encode
from socket import socket
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.ses.authorization import sending
from local.ses.aws import Key
from local.ses.errors import InternalFailure, MessageRejected, SendingPaused, SesError, TooManyRequests
from local.ses.send import MOST_BYTES, NoAnswer, send_email, to_be_sent
from local.ses.service import Ses
from local.ses.smtp_server import serve
from local.ses.submission import ADDRESS
from local.ses.wire import Call

_log = logging.getLogger(__name__)
_NAME = "email-smtp.localhost"
# DG troubleshoot-smtp, SMTP response codes. Requests that are wrong in themselves are 554 Transaction failed.
_ANSWERS: dict[type[SesError], str] = {
    InternalFailure: "451 Temporary service failure",
    TooManyRequests: "454 Throttling failure: {}",
    MessageRejected: "554 Message rejected: {}",
    SendingPaused: "554 Message rejected: {}",
}


class _Handler:
    """What aiosmtpd asks for by these names."""

    def __init__(self, ses: Ses) -> None:
        self._ses = ses

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        key = self._ses.aws.key(given.login.decode("utf-8", "replace"))
        if key and hmac.compare_digest(smtp_password(key.secret, self._ses.account.region).encode(), given.password):
            return AuthResult(success=True, auth_data=key, message="235 Authentication successful.")
        return AuthResult(success=False, handled=False, message="535 Authentication Credentials Invalid")

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """The null sender of a bounce is no address, either."""
        if not ADDRESS.fullmatch(address):
            return "501 Invalid MAIL FROM address provided"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 Ok"

    async def handle_RCPT(  # noqa: N802 (as above)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not ADDRESS.fullmatch(address):
            return "501 Invalid RCPT TO address provided"
        envelope.rcpt_tos.append(address)
        return "250 Ok"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (as above)
        key: Any = session.auth_data  # what authenticate gave
        peer: Any = session.peer
        try:
            return await asyncio.to_thread(self._send, key, envelope, peer[0])
        except NoAnswer:
            never: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            return await never  # until the client gives up

    def _send(self, key: Key, envelope: Envelope, client: str) -> str:
        parameters = {
            "FromEmailAddress": envelope.mail_from,
            "Destination": {"ToAddresses": list(envelope.rcpt_tos)},
            "Content": {"Raw": {"Data": envelope.content}},
        }
        call = Call(operation="SendRawEmail", parameters=parameters, caller=key.user, source_ip=client)
        try:
            with self._ses.lock:
                for check in sending(self._ses.account, to_be_sent(self._ses.account, parameters)):
                    if refused := key.refusal(check.action, check.resource, check.keys):
                        return f"554 Access denied: {refused}"
                return f"250 Ok {send_email(self._ses, call)['MessageId']}"
        except SesError as error:
            return _ANSWERS.get(type(error), "554 Transaction failed: {}").format(_line(error.message))
        except NoAnswer:
            raise
        except Exception:
            _log.exception("SES could not take a mail by SMTP")
            return _ANSWERS[InternalFailure]


def _line(message: str) -> str:
    """A reply is one line of ASCII (RFC 5321 section 4.2)."""
    return " ".join(message.encode("ascii", "backslashreplace").decode().split())


def smtp_password(secret: str, region: str) -> str:
    """What belongs to a key's secret: the Version 4 signature, on no day, of the name of the operation that SMTP
    stands for (DG smtp-credentials). botocore's own, so that Mailroom's is not checked by itself."""
    request = AWSRequest()
    request.context["timestamp"] = "11111111"
    signature = SigV4Auth(Credentials("", secret), "ses", region).signature("SendRawEmail", request)
    return b64encode(b"\x04" + bytes.fromhex(signature)).decode()


def serve_sending(ses: Ses, listening: socket, tls: SSLContext) -> None:
    """Serve on a bound socket, on a thread and an event loop of its own, until the process ends."""
    handler = _Handler(ses)

    def protocol() -> SMTP:
        return SMTP(
            handler,
            data_size_limit=MOST_BYTES,
            hostname=_NAME,
            tls_context=tls,
            require_starttls=True,
            auth_required=True,
            authenticator=handler.authenticate,
        )

    serve(protocol, listening)
