from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from lambdas.connect.public_address import is_public

PRIVATE = [
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255"),
    *("100.64.0.0", "100.100.100.200", "100.127.255.255"),
    *("127.0.0.1", "127.255.255.255", "168.63.129.16"),
    *("169.254.0.0", "169.254.169.123", "169.254.169.254", "169.254.170.2", "169.254.255.255"),
    *("172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1"),
    *("192.168.0.0", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8"),
    *("64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1"),
    *("100::1", "100:0:0:1::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:1ff:ffff::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "3fff:fff:ffff::1", "5f00::1"),
    *("fc00::1", "fd00:ec2::254", "fd00:ec2::23", "fdff::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1"),
    *("ff02::1", "ff0e::1", "1fff:ffff::1", "4000::1"),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"),
    *("128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0"),
    *("192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255"),
    *("2000::1", "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1"),
    *("2600:1f18::1", "2a00:1450:4001::1", "3ffe:ffff::1", "3fff:1000::1"),
]
NO_ADDRESS = [
    *("", " ", "localhost", "example.org", "127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "010.8.8.8"),
    *("8.8.8.8 ", "8.8.8.8\n", "8.8.8", "8.8.8.8.8", "8.8.8.8/32", "[2600::1]", "2600::1%eth0", "8.8.8.٨", "1.1.1.1%x"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_the_internets_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_the_internets_addresses_are_public_up_to_the_edges(address):
    assert is_public(address)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_address_in_its_numbers_is_not_public(text):
    assert not is_public(text)


@given(some.ip_addresses(v=4))
def test_no_way_to_wrap_an_ipv4_address_in_ipv6_is_public(inner: IPv4Address):
    number = int(inner)
    teredo = (0x20010000 << 96) | (number ^ 0xFFFFFFFF)
    for wrapped in (number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, teredo):
        assert not is_public(str(IPv6Address(wrapped)))


@given(some.ip_addresses().filter(lambda address: not address.is_global))
def test_nothing_is_public_that_python_knows_not_to_be(address):
    assert not is_public(str(address))


@given(some.text())
def test_no_text_crashes_it(text):
    assert is_public(text) in {True, False}
