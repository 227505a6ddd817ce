"""Which addresses a webhook may reach: public ones, and those the user allows by name."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from monitor.errors import UsageError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_LOW_32 = 0xFFFFFFFF


def networks(texts: Sequence[str], what: str) -> tuple[Network, ...]:
    """`texts` such as `10.0.0.0/8` as networks, or UsageError naming the bad one."""
    found = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise UsageError(
                f"{what}: {error}", "write networks like 10.0.0.0/8 or ::1/128"
            ) from None
    return tuple(found)


def is_public(address: Address) -> bool:
    """Whether `address`, and the IPv4 address it may wrap, is one of the public internet.

    >>> is_public(ipaddress.ip_address("::ffff:10.0.0.1"))
    False
    """
    inner = unwrapped(address)
    local = isinstance(inner, ipaddress.IPv6Address) and inner.is_site_local
    return inner.is_global and not (inner.is_multicast or inner.is_reserved or local)


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether one of the networks `allowed` holds `address` or the IPv4 address it wraps.

    >>> is_allowed(ipaddress.ip_address("127.0.0.1"), networks(["127.0.0.0/8"], "here"))
    True
    """
    return any(address in network or unwrapped(address) in network for network in allowed)


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside a mapped, compatible, NAT64, 6to4 or Teredo address, else itself.

    RFC 4291 section 2.5.5, RFC 6052, RFC 3056, RFC 4380.

    >>> unwrapped(ipaddress.ip_address("64:ff9b::a00:1"))
    IPv4Address('10.0.0.1')
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour or address
    if address.teredo:
        return address.teredo[1]
    if address in _NAT64 or address in _V4_COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & _LOW_32)
    # Where the IPv4 address sits in a local NAT64 prefix is the operator's choice (RFC 8215).
    return ipaddress.IPv4Address(0) if address in _NAT64_LOCAL else address
