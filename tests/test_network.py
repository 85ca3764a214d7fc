"""The suite itself: no test reaches the network by accident."""

import asyncio
import socket

import pytest


def test_a_name_of_the_internet_is_not_resolved() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("api.telegram.org", 443)


async def test_an_address_of_the_internet_is_not_connected_to() -> None:
    with pytest.raises(OSError, match="no network in tests"):
        await asyncio.open_connection("149.154.167.220", 443)


async def test_loopback_is_free() -> None:
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "localhost", 0)

    async with server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
