"""python -m telegram_playground.model as a process."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process

import aiohttp

from telegram_playground.model import Answer, Model, Request
from tests.telegram_playground.model.client import Client


def shouting(request: Request) -> Answer:
    """A script that the process is told by its name."""
    return [request.prompt.upper()]


async def started(*arguments: str) -> Process:
    command = (sys.executable, "-m", "telegram_playground.model", *arguments)
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


async def test_it_prints_its_base_url_answers_by_a_script_and_ends_in_order(session: aiohttp.ClientSession) -> None:
    process = await started("--port", "0", "--models", "loud", "--script", f"{__name__}:shouting")
    assert process.stdout
    line = (await process.stdout.readline()).decode()
    client = Client(session, line[line.index("http") :].strip())
    got = await client.ask("hello", model="loud")

    process.send_signal(signal.SIGTERM)

    await asyncio.wait_for(process.communicate(), 60)  # to the end of its pipes, else one is told of in another test
    assert process.returncode == 0
    assert got.text == "HELLO"


async def test_a_taken_port_and_a_script_that_is_not_there_are_told_in_one_line(model: Model) -> None:
    port = model.url.rpartition(":")[2].removesuffix("/v1")

    taken, missing = await started("--port", port), await started("--script", "nowhere:script")
    errors = [(await process.communicate())[1].decode().splitlines() for process in (taken, missing)]

    assert (taken.returncode, missing.returncode) == (2, 2)
    assert errors[0] == [f"cannot listen on 127.0.0.1:{port}: Address already in use"]
    assert len(errors[1]) == 1
    assert "No module named 'nowhere'" in errors[1][0]
