"""Links and codes in any order of asking, using and waiting, against a model that fits on a page."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from moto import mock_aws

from lambdas.shared.tokens.make import (
    CODE,
    VERIFICATION,
    code_hash,
    link_of,
    make_code,
    make_token,
    token_hash,
    token_id,
)
from lambdas.shared.tokens.table import Asked, Limits, Proof, Tokens, Verdict
from tests.integration.records import table

KEY, MIA = b"k" * 64, "mia@example.org"
LIFETIME, AGAIN = timedelta(minutes=10), timedelta(seconds=60)
LIMITS = Limits(again=AGAIN, an_hour=5, source_an_hour=5)


class Proofs(RuleBasedStateMachine):
    """One address. The model knows what was asked for when, which proof is current, and what was done with it."""

    requests = Bundle("requests")

    def __init__(self):
        super().__init__()
        self.aws = mock_aws()
        self.aws.start()
        table("tokens", ["id"], {})
        self.tokens = Tokens(boto3.resource("dynamodb", region_name="us-east-1").Table("tokens"))
        self.now = datetime(2026, 11, 21, 10, tzinfo=UTC)
        self.count = 0
        self.asked = {}  # request -> when
        self.current = None
        self.used = False
        self.tries = 0

    def teardown(self):
        self.aws.stop()

    @rule(seconds=st.sampled_from([1, 30, 61, 300, 601, 3601]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(target=requests)
    def ask(self):
        self.count += 1
        request = f"r{self.count}"
        answer = self.start(request)
        hour = [
            at for at in self.asked.values() if at.replace(minute=0, second=0) == self.now.replace(minute=0, second=0)
        ]
        latest = max(self.asked.values(), default=None)
        allowed = (latest is None or latest <= self.now - AGAIN) and len(hour) < LIMITS.an_hour
        assert answer is (Asked.NEW if allowed else Asked.TOO_OFTEN)
        if not allowed:
            return multiple()
        self.asked[request] = self.now
        self.current, self.used, self.tries = request, False, 0
        return request

    @rule(request=requests)
    def ask_again_with_the_same_request(self, request):
        assert self.start(request) is Asked.REPEATED

    @property
    def good(self):
        return not self.used and self.now < self.asked[self.current] + LIFETIME


class Links(Proofs):
    def start(self, request):
        proof = Proof(
            id=token_id(VERIFICATION, MIA),
            purpose=VERIFICATION,
            email=MIA,
            hashed=token_hash(make_token(KEY, VERIFICATION, MIA, request)),
            lifetime=LIFETIME,
        )
        return self.tokens.start(proof, LIMITS, self.now)

    def link(self, request):
        return link_of(VERIFICATION, MIA, make_token(KEY, VERIFICATION, MIA, request))

    def expected(self, request):
        if request != self.current:
            return Verdict.SUPERSEDED
        if self.used:
            return Verdict.USED
        return Verdict.VALID if self.good else Verdict.EXPIRED

    @rule(request=Proofs.requests)
    def use(self, request):
        expected = self.expected(request)
        verdict, proved = self.tokens.use(self.link(request), VERIFICATION, self.now)
        assert verdict is expected
        assert (proved is not None) == (expected in {Verdict.VALID, Verdict.USED})
        self.used = self.used or expected is Verdict.VALID

    @rule(request=Proofs.requests)
    def look(self, request):
        assert self.tokens.look(self.link(request), self.now) == (self.expected(request), VERIFICATION)

    @rule(request=Proofs.requests)
    def use_for_another_purpose(self, request):
        assert self.tokens.use(self.link(request), "password-reset", self.now) == (Verdict.FORGED, None)

    @rule()
    def use_a_forged_one(self):
        assert self.tokens.use(self.link("nobody's"), VERIFICATION, self.now) == (Verdict.FORGED, None)

    @invariant()
    def at_most_one_link_is_good(self):
        good = [request for request in self.asked if self.expected(request) is Verdict.VALID]
        assert len(good) <= 1


class Codes(Proofs):
    def hashed(self, request):
        return code_hash(KEY, MIA, make_code(KEY, MIA, request, 6))

    def start(self, request):
        proof = Proof(id=token_id(CODE, MIA), purpose=CODE, email=MIA, hashed=self.hashed(request), lifetime=LIFETIME)
        return self.tokens.start(proof, LIMITS, self.now)

    @rule(request=Proofs.requests)
    def type_in(self, request):
        counted = self.good and self.tries < 5
        right = counted and request == self.current
        assert self.tokens.try_code(token_id(CODE, MIA), self.hashed(request), self.now) == right
        self.tries += counted
        self.used = self.used or right

    @rule(request=consumes(Proofs.requests))
    def guess(self, request):
        counted = self.good and self.tries < 5
        assert not self.tokens.try_code(token_id(CODE, MIA), code_hash(KEY, MIA, "not it"), self.now)
        self.tries += counted


@pytest.fixture(autouse=True)
def region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


SIZE = settings(max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_links_in_any_order():
    run_state_machine_as_test(Links, settings=SIZE)


def test_codes_in_any_order():
    run_state_machine_as_test(Codes, settings=SIZE)
