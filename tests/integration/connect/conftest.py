from contextlib import contextmanager

import pytest

from local.certificates import Authority
from local.standins import jira, zendesk
from tests.integration.connect.outside import NAME, Outside
from tests.integration.connect.receiver import receiving
from tests.integration.connect.there import EMAIL, TOKEN, jira_client, needed, serving, zendesk_client


@pytest.fixture
def in_jira():
    needed("jira")
    with serving(jira.Jira(user=EMAIL, token=TOKEN)) as there:
        yield there


@pytest.fixture
def in_zendesk():
    needed("zendesk")
    with serving(zendesk.Zendesk(user=f"{EMAIL}/token", token=TOKEN)) as there:
        yield there


@pytest.fixture(params=["jira", "zendesk"])
def remote(request):
    """(a client, its stand-in), of both systems."""
    there = request.getfixturevalue(f"in_{request.param}")
    return {"jira": jira_client, "zendesk": zendesk_client}[request.param](there), there


@pytest.fixture(scope="session")
def authority():
    return Authority("A test's authority")


@pytest.fixture(scope="session")
def certified(authority):
    return authority.context(NAME)


@pytest.fixture
def outside(authority, certified):
    """Makes a receiver that answers so, and what is outside."""

    @contextmanager
    def making(answer, context=certified, **options):
        with receiving(context, answer) as receiver:
            yield receiver, Outside(receiver, authority, **options)

    return making
