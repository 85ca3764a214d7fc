"""python -m telegram_playground."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process

import aiohttp
import pytest

from telegram_playground.__main__ import main
from telegram_playground.client import PlaygroundClient


async def _started(*arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "telegram_playground", *arguments, stdout=PIPE, stderr=PIPE
    )


async def _address(process: Process) -> str:
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    return line[line.index("http") :].strip()


async def test_it_prints_its_address_and_ends_in_order() -> None:
    process = await _started("--port", "0")
    url = await _address(process)
    async with PlaygroundClient(url) as people:
        options = await people.set()

    process.send_signal(signal.SIGTERM)

    await asyncio.wait_for(process.communicate(), 60)  # its pipes too: one left open is told of in another test
    assert process.returncode == 0
    assert (options["latency_s"], options["jitter_s"]) == (0.08, 0.03)


async def test_with_lint_it_ends_with_a_report() -> None:
    process = await _started("--port", "0", "--lint")
    url = await _address(process)
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}bot42:{'A' * 35}/setWebhook?url=ftp://x") as answer,
    ):
        assert answer.status == 400

    process.send_signal(signal.SIGTERM)

    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert "refused × 1  setWebhook" in said.decode()


def test_a_taken_port_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        assert main(["--port", str(port)]) == 2

    assert capsys.readouterr().err.splitlines() == [f"cannot listen on 127.0.0.1:{port}: Address already in use"]
