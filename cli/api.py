"""Calls of the stage's HTTP API, signed with the credentials that the command has (Signature Version 4)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import HTTPClientError, NoCredentialsError
from botocore.httpsession import URLLib3Session

from cli.deployment import AwsFailed

if TYPE_CHECKING:
    from cli.deployment import Deployment

SECONDS = 35  # API Gateway gives up after 30 (quotas of HTTP APIs)


class NoAnswer(AwsFailed):
    """The call may have been carried out, or not."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: dict[str, Any]

    @property
    def error(self) -> str:
        """What our API says in `error`, API Gateway in `message`."""
        return str(self.body.get("error") or self.body.get("message") or "no reason given")


def call(deployment: Deployment, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
    """What the API answers to a call it takes or refuses. AwsFailed where AWS does not let it through to the API."""
    url = deployment.output("PagesUrl") + path
    headers = {"Host": urlsplit(url).netloc, "Content-Type": "application/json"} | headers
    request = AWSRequest(method=method, url=url, data=json.dumps(body) if body else "", headers=headers)
    credentials = deployment.session.get_credentials()
    if not credentials:
        raise NoCredentialsError
    SigV4Auth(credentials, "execute-api", deployment.region).add_auth(request)
    if deployment.running:
        request.url = here(url)
    try:
        answered = URLLib3Session(timeout=SECONDS).send(request.prepare())
        answer = Answer(status=answered.status_code, body=json.loads(answered.content))
    except (HTTPClientError, ValueError) as error:
        raise NoAnswer(f"The API gave no answer ({error})") from error
    if answer.status == HTTPStatus.FORBIDDEN:
        raise AwsFailed(f"AWS refused the call: {answer.error}. It takes credentials that may execute-api:Invoke.")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NoAnswer(f"The API gave no answer ({answer.status} {answer.error})")
    return answer


def here(url: str) -> str:
    """The laptop's names end in .localhost, which is this machine (RFC 6761), but not every resolver knows it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"127.0.0.1:{parts.port}"))
