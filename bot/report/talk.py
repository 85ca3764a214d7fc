"""Talk: the running bot tells how it fares to whoever connects to a socket beside the database, for our user only.

No port is opened; there is one socket per database, and it works whatever is configured. What goes over it is one line
of JSON.
"""

import asyncio
import json
import logging
import os
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

log = logging.getLogger(__name__)

MINE = 0o600
LONGEST = 100  # bytes of a socket's path; unix(7): 108
TALK_S = 5.0
MAX_BYTES = 1 << 20
BACKLOG = 16


class NobodyThere(Exception):
    """No bot listens there."""


@asynccontextmanager
async def telling(path: Path, tell: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Tell until the end of the block; where that cannot be done the bot goes without. The database must be ours."""

    async def told(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(TALK_S):
                writer.write(json.dumps(await tell()).encode())
                await writer.drain()
        writer.close()

    try:
        listening = _bound(path)
    except OSError as error:
        log.warning("status cannot be asked for socket=%s error=%s", path, error.strerror or error)
        yield
        return
    server = await asyncio.start_unix_server(told, sock=listening, backlog=BACKLOG)
    try:
        yield
    finally:
        server.close()
        _remove(path)


def ask(path: Path) -> object:
    """Ask the bot that listens; blocks for some seconds at the most. Raises NobodyThere, OSError, ValueError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(TALK_S + 1)
        try:
            with _short(path) as name:
                one.connect(name)
        except (FileNotFoundError, ConnectionRefusedError):
            raise NobodyThere from None
        said = bytearray()
        while piece := one.recv(1 << 16):
            said += piece
            if len(said) > MAX_BYTES:
                raise ValueError("too much")
    return json.loads(said)


def is_deserted(path: Path) -> bool:
    """Tell whether surely no process of this machine listens any more, whose container may have another name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.setblocking(False)
        try:
            with _short(path) as name:
                one.connect(name)
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _bound(path: Path) -> socket.socket:
    """Bind a socket that only our user may connect to; it cannot be reached before that is so. Raises OSError."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(None, "something else lies there")
        path.unlink()  # of a process that was killed: the database is locked by us
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as name:
            one.bind(name)
        path.chmod(MINE)  # nobody can connect until somebody listens
    except OSError:
        one.close()
        raise
    return one


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """Give a name of a path that a socket takes, however long the path is (Linux: by its open folder)."""
    if len(os.fsencode(path)) <= LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
