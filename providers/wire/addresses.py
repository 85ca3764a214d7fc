"""Addresses: which of them are of the internet, and none of the network in which the bot runs.

They come from strangers: from pages, from what models write, from services.
"""

import asyncio
import socket
from contextlib import closing
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from socket import AddressFamily
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_EMBEDDING = (  # IPv4 within IPv6: RFC 6052, RFC 8215, RFC 7915
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("::ffff:0:0:0/96"),
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # before an IPv4 address, whatever the network: RFC 5214
_NOBODYS = (  # that ipaddress takes for the internet's, or did in the Python 3.11 of some
    IPv4Network("192.0.0.0/24"),  # protocols' own: Oracle's machines are told their secrets at 192.0.0.192
    IPv4Network("168.63.129.16/32"),  # Azure tells its machines there
    IPv4Network("192.88.99.0/24"),  # relays of old
    IPv6Network("fec0::/10"),  # a site's own
    IPv6Network("5f00::/16"),  # segments within a network: RFC 9602
    IPv6Network("3fff::/20"),  # documentation
)
_ANY_PORT = 9


class Inner(OSError):
    """The address is of the inner network."""


def is_public(address: str) -> bool:
    """Tell whether an address is of the internet; one that holds another one must be so in both."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_internets(each) for each in (found, *_within(found)))


def is_ours(address: str) -> bool:
    """Tell whether an address is one of this machine, on which others are shut out and we are not; sends nothing."""
    bare = address.partition("%")[0]
    try:
        family = socket.AF_INET6 if ip_address(bare).version == 6 else socket.AF_INET
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.connect((bare, _ANY_PORT))
            return ip_address(probe.getsockname()[0]) == ip_address(bare)  # what is sent here comes from here
    except (OSError, ValueError):
        return False  # there is no way to it


def opened(address: str) -> URL:
    """Return an address of the web as it may be asked. Raises Inner, ValueError where it is no such address.

    It is read by what asks, so that what is checked is what is asked: a host in digits of another script
    (`１２７.0.0.1`) is no number until it is made one. A host with a name is looked at by `PublicResolver`.
    """
    url = URL(address)
    if url.scheme not in ("http", "https") or not url.raw_host:
        raise ValueError("no address of the web")
    try:
        ip_address(url.raw_host.partition("%")[0])
    except ValueError:
        return url
    if not is_public(url.raw_host) or is_ours(url.raw_host):
        raise Inner(url.raw_host)
    return url


def _is_internets(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in each for each in _NOBODYS)


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    embeds = any(address in network for network in _EMBEDDING) or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP
    if embeds or int(address) >> 32 == 0:
        found.append(low)
    return [each for each in found if each is not None]


class PublicResolver(AbstractResolver):
    """Looks names up, and gives only what is public: the address that was checked is the one that is asked."""

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a name. Raises Inner where one of them is of the inner network, OSError."""
        infos: list[Any] = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, family=family
        )
        found = [
            ResolveResult(
                hostname=host, host=address[0], port=address[1], family=kind, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for kind, _, proto, _, address in infos
        ]
        if not all(is_public(each["host"]) and not is_ours(each["host"]) for each in found):
            raise Inner(host)
        return found

    async def close(self) -> None:
        """Hold nothing."""
