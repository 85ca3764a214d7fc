"""Child: a program that we have started, and that ends when we want it to."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).parents[2]
KNOWN = {"PYTHONPATH": os.pathsep.join([str(_ROOT), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}  # and no secret
LINE = 64 << 10  # bytes that it may say before they are read


@asynccontextmanager
async def running(
    command: Sequence[str],
    env: Mapping[str, str],
    *,
    stdin: int | IO[bytes] = PIPE,
    cwd: str | None = "/",
    limit: int = LINE,
    own_group: bool = False,
) -> AsyncIterator[Process]:
    """Run a program, whose output is to be read, until the end of the block: it is killed unless it is over then.

    Raises OSError where it cannot be started.
    """
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        partial(SubprocessStreamProtocol, limit, loop),
        *command,
        stdin=stdin,
        stdout=PIPE,
        stderr=DEVNULL,
        env=env,
        cwd=cwd,
        start_new_session=own_group,
    )
    child = Process(transport, protocol, loop)
    try:
        yield child
    finally:
        try:
            await _over(child, transport)
        finally:
            transport.close()


async def _over(child: Process, transport: asyncio.SubprocessTransport) -> None:
    """Kill a program, and wait until it is over, though we are given up again meanwhile: it does not take long."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
    # asyncio takes a program for over once its pipes are, which children of its own may hold.
    given, output = map(transport.get_pipe_transport, (0, 1))
    if output:
        output.close()
    if isinstance(given, asyncio.WriteTransport) and (not given.is_closing() or given.get_write_buffer_size()):
        given.abort()
    over = asyncio.ensure_future(child.wait())
    try:
        await asyncio.shield(over)
    finally:
        while not over.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({over})
