"""Pipe: an MCP server as a process of its own, spoken to over its input and output, which are bounded.

The package's own transport keeps a line of any length and copies it again and again; here a line that is too long ends
the server, which is killed with all that it has started.
"""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import anyio
import mcp_types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.client._transport import TransportStreams
from mcp.client.stdio import get_default_environment
from mcp.shared.message import SessionMessage

from bot.clock import Clock
from bot.process.child import running
from bot.tools.bounds import MAX_MESSAGE, Pace, TooMuch, readable

GRACE_S = 1.0  # for the server to end by itself once its input is closed


@asynccontextmanager
async def pipe(
    command: Sequence[str], env: Mapping[str, str], cwd: str | None, ended: Callable[[], None], clock: Clock
) -> AsyncIterator[TransportStreams]:
    """Start a server and give the streams of its messages; of our environment it gets what is harmless.

    `ended` is told that no more will come.

    Raises OSError where it cannot be started.
    """
    known = get_default_environment() | dict(env)
    async with running(command, known, cwd=cwd, limit=MAX_MESSAGE, own_group=True) as process:
        came, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write, goes = anyio.create_memory_object_stream[SessionMessage](0)
        reading = asyncio.ensure_future(_read(process, came, Pace(clock)))
        reading.add_done_callback(lambda _: ended())
        writing = asyncio.ensure_future(_write(process, goes))
        try:
            yield read, write
        finally:
            for stream in (read, write, came, goes):
                stream.close()
            for task in (reading, writing):
                task.cancel()
            with anyio.CancelScope(shield=True):  # the package's own scopes cancel again and again what waits in them
                await asyncio.gather(reading, writing, return_exceptions=True)
                await _end(process)


async def _read(process: Process, came: MemoryObjectSendStream[SessionMessage | Exception], pace: Pace) -> None:
    """Pass on what the server says, line by line; what is no message is passed over."""
    with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
        try:
            while process.stdout and (line := await process.stdout.readuntil(b"\n")):
                await pace.take(len(line))
                with suppress(ValueError):
                    message = mcp_types.jsonrpc_message_adapter.validate_json(readable(line), by_name=False)
                    await came.send(SessionMessage(message))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TooMuch):
            _kill(process)
        finally:
            came.close()


async def _write(process: Process, goes: MemoryObjectReceiveStream[SessionMessage]) -> None:
    with suppress(ConnectionError, anyio.ClosedResourceError, anyio.EndOfStream):
        async for each in goes:
            if not process.stdin:
                return
            process.stdin.write(each.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
            await process.stdin.drain()


async def _end(process: Process) -> None:
    """Close the server's input, and kill it and what it has started where it does not end by itself."""
    if process.stdin:
        process.stdin.close()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S):
                await process.wait()
    finally:
        _kill(process)


def _kill(process: Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
