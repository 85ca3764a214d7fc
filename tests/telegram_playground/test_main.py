"""python -m telegram_playground as a process."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

from telegram_playground.client import PlaygroundClient
from telegram_playground.server import Playground


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

    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert (options["latency_s"], options["jitter_s"]) == (0.08, 0.03)


async def test_a_taken_port_is_told_in_one_line(playground: Playground) -> None:
    port = playground.url.rpartition(":")[2]

    process = await _started("--port", port)
    _, errors = await process.communicate()

    assert process.returncode == 2
    assert errors.decode().splitlines() == [f"cannot listen on 127.0.0.1:{port}: Address already in use"]
