import json
from dataclasses import asdict, dataclass

import pytest
from botocore.exceptions import EndpointConnectionError

from cli.doctor.sender_rules import complaints, replies, unsubscribe
from lambdas.shared.guard.rates import Rate
from tests.unit.cli.doctor.conftest import There, stack

POSTMASTER = "Gmail's are told at https://postmaster.google.com alone"


@dataclass(frozen=True, kw_only=True)
class Counted(There):
    """`rates` as the guard has kept them, by stream."""

    rates: dict

    def table(self, output):
        assert output == "CountsTable"
        return self

    def get_item(self, Key):  # noqa: N803 - boto3's name
        kept = self.rates.get(Key["pk"].removeprefix("GUARD#"))
        item = {"at": "2026-11-21T11:58:00.000Z", "rates": json.dumps([asdict(rate) for rate in kept or ()])}
        return {"Item": item} if kept else {}


def week(mails, happened, domain="acme.test", kind="complaints", window="week"):
    return Rate(domain=domain, kind=kind, window=window, mails=mails, happened=happened)


def counted(case, **rates):
    made = case()
    made.there = Counted(stage="shop", session=None, account="111122223333", stacks=(), answers={}, rates=rates)
    return [(line.level, line.said) for line in complaints(made)]


@pytest.mark.parametrize(
    ("happened", "level", "share"),
    [(5, "ok", "0.05"), (15, "warning", "0.15"), (40, "error", "0.4")],
)
def test_complaints_are_held_against_what_google_and_yahoo_want(case, happened, level, share):
    said = f"marketing: complaints about {share} % of 10,000 mails from acme.test in a week"
    ending = f"; {POSTMASTER}" if level == "ok" else ""
    assert counted(case, marketing=[week(10_000, happened)]) == [(level, said + ending)]


def test_few_complaints_prove_little(case):
    assert [level for level, _ in counted(case, transactional=[week(900, 1)])] == ["ok"]


def test_the_worst_domain_of_a_week_counts_and_no_hour_and_no_bounce(case):
    rates = [
        week(100, 50, kind="bounces"),
        week(100, 50, window="hour"),
        week(50_000, 10),
        week(20_000, 30, domain="news.acme.test"),
    ]
    [(level, said)] = counted(case, marketing=rates)
    assert (level, "news.acme.test" in said) == ("warning", True)


def test_before_any_mail_and_any_deployment_there_is_nothing_to_judge(case):
    assert counted(case) == []
    assert list(complaints(case(stacks=()))) == []


def asked(case, answer):
    """What is said of an answer, and what was fetched."""
    urls = []

    def fetch(url, host):
        urls.append((url, host))
        if isinstance(answer, Exception):
            raise answer
        return answer

    pages = stack("Outbound", outputs={"PagesUrl": "https://abc.execute-api.eu-west-1.amazonaws.com"})
    [line] = unsubscribe(case(stacks=[pages]), fetch)
    assert urls == [
        ("https://abc.execute-api.eu-west-1.amazonaws.com/unsubscribe/none", "abc.execute-api.eu-west-1.amazonaws.com")
    ]
    return line.level, line.said


def test_the_page_to_unsubscribe_has_to_answer(case):
    level, _ = asked(case, (404, "<h1>This link is not one of ours</h1>"))
    assert level == "ok"
    assert asked(case, (404, '{"message": "Not Found"}')) == (
        "error",
        "the page to unsubscribe at answers 404, and not as it should",
    )
    assert asked(case, (500, ""))[0] == "error"
    assert asked(case, EndpointConnectionError(endpoint_url="https://abc"))[0] == "error"
    assert list(unsubscribe(case(stacks=()))) == []


@pytest.mark.parametrize(
    ("sender", "zone", "why"),
    [
        ("support@acme.test", "", None),
        ("hello@acme.test", "", "its domain receives here, where it is no mailbox"),
        ("hello@www.acme.test", "", "www.acme.test has no MX record"),
        ("hello@www.acme.test", "www.acme.test MX 0 .", "www.acme.test has no MX record"),
        (
            "hello@www.acme.test",
            "www.acme.test MX 10 inbound-smtp.eu-west-1.amazonaws.com",
            "www.acme.test is received by SES, where it is no mailbox of the stage's",
        ),
        ("hello@www.acme.test", "www.acme.test MX 10 mx.example.net", None),
    ],
)
def test_who_answers_a_mail_reaches_somebody(case, sender, zone, why):
    [line] = replies(case(stage={"sender": f"Acme <{sender}>"}, zone=zone))
    said = f"answers to {sender} reach nobody: {why}" if why else f"answers to {sender} have somewhere to go"
    assert (line.level, line.said) == ("warning" if why else "ok", said)
