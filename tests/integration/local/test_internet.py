"""What functions find beyond the embedded AWS: stand-ins by their names, and nothing else."""

import json
import urllib.request
from contextlib import closing

import pytest

from lambdas.connect.public_address import is_public
from tests.integration.local.test_functions import invoke


def network(aws, operation, *arguments, **more):
    return invoke(aws, do="network", operation=operation, arguments=arguments, **more)


@pytest.mark.parametrize("name", ["acme.atlassian.net", "acme.zendesk.com", "hooks.acme.test"])
def test_a_name_leads_to_its_stand_in_over_tls_that_functions_trust(functions, name):
    assert invoke(functions, do="get", url=f"https://{name}/_stand-in/state") == [200, 200]
    [[*_, (address, port)]] = network(functions, "getaddrinfo", name.upper(), 443, 0, 1)
    assert is_public(address)
    assert port == 443


def test_people_find_the_stand_ins_by_plain_http(functions):
    assert list(functions.up.standins) == ["jira", "zendesk", "hook"]
    for base in functions.up.standins.values():
        with closing(urllib.request.urlopen(f"{base}/_stand-in/state")) as answer:
            assert json.load(answer)["wrong"] == []


NOBODY = "gaierror: there is no such name in the embedded internet"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("getaddrinfo", ["example.com", 443]),
        ("getaddrinfo", ["acme.atlassian.net.example.com", 443]),
        ("gethostbyname", ["example.com"]),
        ("gethostbyaddr", ["93.184.215.14"]),
        ("getfqdn", ["93.184.215.14"]),
        ("getnameinfo", [["93.184.215.14", 443], 0]),
        ("create_connection", [["example.com", 443]]),
    ],
)
def test_no_other_name_exists(functions, operation, arguments):
    expected = {"getfqdn": "93.184.215.14"}.get(operation, NOBODY)
    assert network(functions, operation, *arguments) == expected


@pytest.mark.parametrize(
    ("operation", "type_", "arguments", "expected"),
    [
        ("connect", "SOCK_STREAM", [["93.184.215.14", 443]], "OSError: Network is unreachable"),
        ("connect", "SOCK_STREAM", [["example.com", 443]], "OSError: Network is unreachable"),
        ("connect", "SOCK_STREAM", [["192.31.196.1", 80]], "ConnectionRefusedError: Connection refused"),
        ("sendto", "SOCK_DGRAM", ["hello", ["8.8.8.8", 53]], "OSError: Network is unreachable"),
    ],
)
def test_no_other_address_can_be_reached(functions, operation, type_, arguments, expected):
    assert network(functions, operation, *arguments, family="AF_INET", type=type_) == expected
