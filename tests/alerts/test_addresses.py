"""Which addresses a webhook may reach."""

from __future__ import annotations

import ipaddress

import pytest

from monitor.alerts.addresses import is_allowed, is_public, networks
from monitor.errors import UsageError


@pytest.mark.parametrize(
    "text",
    ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public_addresses_are_public(text):
    """Plain and wrapped addresses of the internet may be reached."""
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "233.252.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "fc00::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_everything_else_is_not(text):
    """Private, shared, local, multicast, documentation: plain or wrapped."""
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_an_allowed_network_covers_wrapped_addresses(text):
    """What is allowed by its IPv4 network is allowed in each of its IPv6 forms."""
    assert is_allowed(ipaddress.ip_address(text), networks(["10.0.0.0/8", "127.0.0.0/8"], "here"))
    assert not is_allowed(ipaddress.ip_address(text), networks(["10.0.0.0/8", "fc00::/7"], "here"))


def test_a_network_that_is_none_is_named():
    """The bad text is in the message."""
    with pytest.raises(UsageError) as caught:
        networks(["intranet"], "allow_networks of sink 'ops'")
    assert caught.value.message == (
        "allow_networks of sink 'ops': 'intranet' does not appear to be an IPv4 or IPv6 network"
    )
    assert caught.value.hint == "write networks like 10.0.0.0/8 or ::1/128"
