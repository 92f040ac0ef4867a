"""Which addresses are the open internet's, so that a URL of somebody's choosing reaches nothing else. Pure.

Not Python's `is_global`, whose tables are behind IANA's and other in each release: 3.11 calls 3fff::1, 5f00::1,
192.0.0.192, multicast, and NAT64's and 6to4's addresses global, whatever IPv4 address these lead to.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

# IANA IPv4 Special-Purpose Address Registry: what is not globally reachable, and multicast (RFC 5771).
NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network; Linux connects 0.0.0.0 to itself (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: AWS's metadata, time and DNS (RFC 3927)
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # IETF protocol assignments, with DS-Lite and NAT64 discovery (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # relays of 6to4, deprecated (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the limited broadcast
        "168.63.129.16/32",  # Azure's platform behind a public address (Microsoft, "What is IP address 168.63.129.16?")
    )
)
# All that is globally reachable unicast is here as yet (IANA IPv6 Address Space); so ::1, IPv4-mapped and -compatible
# addresses, NAT64 (64:ff9b::/96 and 64:ff9b:1::/48), fc00::/7 with AWS's fd00:ec2::254, fe80::/10, the old site-local
# fec0::/10, 5f00::/16 and ff00::/8 are not.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments, with Teredo, which wraps an IPv4 address, and ORCHID (RFC 2928)
        "2001:db8::/32",  # documentation (RFC 3849)
        "2002::/16",  # 6to4, which wraps an IPv4 address (RFC 3056)
        "3fff::/20",  # documentation (RFC 9637)
    )
)


def is_public(text: str) -> bool:
    """Whether this is an address, in its numbers, that anybody on the internet may reach."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in NOT_PUBLIC_4)
    if address.scope_id or address not in GLOBAL_UNICAST:
        return False
    return not any(address in network for network in NOT_PUBLIC_6)
