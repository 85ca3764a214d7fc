"""Addresses: which of them are of the internet, and none of the network in which the bot runs.

They come from strangers: from pages, from what models write, from services.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import AddressFamily
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

_EMBEDDING = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))  # IPv4 within IPv6: RFC 6052, RFC 8215


class Inner(OSError):
    """The address is of the inner network."""


def is_public(address: str) -> bool:
    """Tell whether an address is of the internet; one that holds another one must be so in both."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (found, *_within(found)))


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
    if not is_public(url.raw_host):
        raise Inner(url.raw_host)
    return url


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _EMBEDDING) or int(address) >> 32 == 0:
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
        if not all(is_public(each["host"]) for each in found):
            raise Inner(host)
        return found

    async def close(self) -> None:
        """Hold nothing."""
