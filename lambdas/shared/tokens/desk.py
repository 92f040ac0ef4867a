"""Where one asks for a proof of an address: a verification link, a password-reset link, a one-time code.

The caller learns the same whether or not the address is known to anybody; what was too often becomes a message in
the state `limited`, which the operator sees.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lambdas.shared.messages import LIMITED
from lambdas.shared.outbox.request import requests
from lambdas.shared.recipients import canonical
from lambdas.shared.timestamps import iso
from lambdas.shared.tokens.make import (
    CODE,
    PASSWORD_RESET,
    VERIFICATION,
    code_hash,
    link_of,
    make_code,
    make_token,
    token_hash,
    token_id,
)
from lambdas.shared.tokens.table import Asked, Limits, Proof, Tokens

if TYPE_CHECKING:
    from lambdas.shared.outbox.outbox import Outbox, Outcome

VERIFICATION_LIFETIME = timedelta(hours=24)
RESET_LIFETIME = timedelta(minutes=60)
NAME_LENGTH = 60
NOT_A_NAME = ("/", "@", ":", "www.", "!", "\n")


class ForeignReturnUrl(Exception):
    """The request's return_url is not below one of the setting return_urls."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    tokens: Tokens
    outbox: Outbox
    key: Callable[[], bytes]
    pages_url: str
    return_urls: tuple[str, ...]
    limits: Limits
    code_digits: int
    code_lifetime: timedelta

    def verification(self, asked: dict[str, Any], request_id: str) -> Outcome:
        """Mail a link to a page of ours, whose button verifies the address."""
        token = make_token(self.key(), VERIFICATION, asked["email"], request_id)
        link = f"{self.pages_url}/verify/{link_of(VERIFICATION, asked['email'], token)}"
        data = {"name": greeted(asked), "link": link, "hours": VERIFICATION_LIFETIME // timedelta(hours=1)}
        proof = self._proof(VERIFICATION, asked, token_hash(token), VERIFICATION_LIFETIME)
        return self._mail("verification", proof, asked, request_id, data)

    def password_reset(self, asked: dict[str, Any], request_id: str) -> Outcome:
        """Mail a link to the application's own page, which asks for the new password and then has the token checked."""
        token = make_token(self.key(), PASSWORD_RESET, asked["email"], request_id)
        address = asked["return_url"]
        glue = "&" if urlsplit(address).query else "?"
        link = f"{address}{glue}token={link_of(PASSWORD_RESET, asked['email'], token)}"
        data = {"name": greeted(asked), "link": link, "minutes": RESET_LIFETIME // timedelta(minutes=1)}
        proof = self._proof(PASSWORD_RESET, asked, token_hash(token), RESET_LIFETIME)
        return self._mail("password-reset", proof, asked, request_id, data)

    def code(self, asked: dict[str, Any], request_id: str) -> Outcome:
        """Mail a number to type in."""
        code = make_code(self.key(), asked["email"], request_id, self.code_digits)
        data = {"code": code, "minutes": self.code_lifetime // timedelta(minutes=1)}
        proof = self._proof(CODE, asked, code_hash(self.key(), asked["email"], code), self.code_lifetime)
        return self._mail("one-time-code", proof, asked, request_id, data)

    def check_code(self, email: str, code: str) -> bool:
        """Whether it is the address's current code. True once; after five tries never."""
        hashed = code_hash(self.key(), email, code)
        return self.tokens.try_code(token_id(CODE, email), hashed, self.outbox.now())

    def _proof(self, purpose: str, asked: dict[str, Any], hashed: str, lifetime: timedelta) -> Proof:
        return_url = asked.get("return_url")
        if return_url and not any(below(return_url, allowed) for allowed in self.return_urls):
            raise ForeignReturnUrl("return_url is not below one of the setting return_urls")
        return Proof(
            id=token_id(purpose, asked["email"]),
            purpose=purpose,
            email=asked["email"],
            hashed=hashed,
            lifetime=lifetime,
            user_id=asked.get("user_id"),
            return_url=return_url,
        )

    def _mail(
        self, template: str, proof: Proof, asked: dict[str, Any], request_id: str, data: dict[str, Any]
    ) -> Outcome:
        detail = {
            "to": proof.email,
            "template": template,
            "data": data,
            "idempotency_key": f"{proof.purpose}|{canonical(proof.email)}|{request_id}",
            "send_before": iso(self.outbox.now() + proof.lifetime),
            **({"locale": asked["locale"]} if "locale" in asked else {}),
        }
        now = self.outbox.now()
        [request] = requests({"id": request_id, "detail": detail}, now)
        if self.outbox.knows(request):  # a repeat must neither be refused now nor replace what was mailed since
            return self.outbox.send(request)
        if problem := self._too_often(proof, asked, now):
            return self.outbox.refuse(request, LIMITED, problem)
        return self.outbox.send(request)

    def _too_often(self, proof: Proof, asked: dict[str, Any], now: datetime) -> str | None:
        if "source" in asked and not self.tokens.count(asked["source"], self.limits, now):
            return f"more than {self.limits.source_an_hour} requests of this source in an hour"
        if self.tokens.start(proof, self.limits, now) is Asked.TOO_OFTEN:
            return f"asked for again too soon, or more than {self.limits.an_hour} times in an hour"
        return None


def greeted(asked: dict[str, Any]) -> str:
    """The name to greet. Who signs somebody else up chooses it, so what could be a message of theirs is left out."""
    name: str = asked.get("name", "").strip()
    return name if len(name) <= NAME_LENGTH and not any(mark in name for mark in NOT_A_NAME) else ""


def below(address: str, allowed: str) -> bool:
    """Whether a URL lies below an allowed one: the same scheme and host, and its path or a longer one.

    Compared part by part, so that https://acme.test.evil.example is not below https://acme.test.
    """
    url, root = urlsplit(address), urlsplit(allowed)
    same_place = (url.scheme, url.netloc) == (root.scheme, root.netloc)
    path = root.path.rstrip("/")
    return same_place and "\\" not in address and ".." not in url.path and (url.path + "/").startswith(path + "/")
