"""Run the bot as `python -m bot run` does, when a line comes in; kill its whole process group at a commit, if so asked.

The line is empty, or says where to die: "after 2 insert parts" is right after the second commit of a transaction with
such a statement. Where there is a file `boot_id`, the process believes itself on the machine that it names, and
`ahead` says by how many seconds that machine's wall clock is wrong; a file `pause` names the method before whose next
call, after all checks, it stops itself until it is told to go on, and `commit` the commit at which it dies.
"""

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from aiohttp import ClientRequest, ClientResponse, ClientSession
from aiohttp.connector import Connection as Connection_
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from bot.__main__ import main
from bot.process import identity
from tests.crash.point import STATES, CommitPoint

_STATEMENT = re.compile(r"(insert)(?: or \w+)? into (\w+)|(update) (\w+)|(delete) from (\w+)", re.IGNORECASE)


BOOT, AHEAD, PAUSE, COMMIT = Path("boot_id"), Path("ahead"), Path("pause"), Path("commit")
LABELS = "labels"


class Pauses(ClientRequest):
    """A request that stops the process right before it is written, where the file says so."""

    async def send(self, conn: Connection_) -> ClientResponse:
        """Send it."""
        _stand_still_if_told(self.url.name)
        return await super().send(conn)


class Guillotine:
    """Watches the statements of each transaction; `read`: which commit to die at, None: at none as yet."""

    def __init__(self, read: Callable[[], CommitPoint | None]) -> None:
        self._read = read
        self._point: CommitPoint | None = None
        self._left = 0

    def watch(self, engines: Engine | type[Engine]) -> None:
        """Listen to an engine or, by the class, to all."""
        event.listen(engines, "begin", self._begin)
        event.listen(engines, "before_cursor_execute", self._note)
        event.listen(engines, "commit", self._commit)

    def _begin(self, connection: Connection) -> None:
        connection.info[LABELS] = set[str]()  # each connection's own: on a server transactions run side by side

    def _note(
        self, connection: Connection, _cursor: object, statement: str, parameters: object, *_context: object
    ) -> None:
        if match := _STATEMENT.match(statement):
            label = " ".join(word.lower() for word in match.groups() if word)
            labels = connection.info[LABELS]
            labels.add(label)
            if isinstance(parameters, Sequence):
                labels.update(f"{label} {value}" for value in parameters if value in STATES)

    def _commit(self, connection: Connection) -> None:
        if self._point is None and (point := self._read()):
            self._point, self._left = point, point.nth
        if self._point and self._point.label in connection.info[LABELS]:
            self._left -= 1
            if not self._left:
                if self._point.after:
                    connection.dialect.do_commit(connection.connection)
                _die()


def _told() -> CommitPoint | None:
    with suppress(OSError):
        return CommitPoint.read(COMMIT.read_text(encoding="ascii"))
    return None


def _be_ahead(seconds: float) -> None:
    right = time.time
    time.time = lambda: right() + seconds


def _stand_still_if_told(method: str) -> None:
    with suppress(OSError):
        if PAUSE.read_text(encoding="ascii") == method:
            PAUSE.unlink()
            os.killpg(0, signal.SIGSTOP)


def _die() -> None:
    os.killpg(0, signal.SIGKILL)
    signal.pause()


if __name__ == "__main__":
    if BOOT.exists():
        identity.BOOT = BOOT.absolute()
        for each in (PAUSE, COMMIT):
            each.unlink(missing_ok=True)
        if AHEAD.exists():
            _be_ahead(float(AHEAD.read_text(encoding="ascii")))
        (ClientSession.__init__.__kwdefaults__ or {})["request_class"] = Pauses
    import_module("bot.tools.client")  # as all modules: it is loaded before the process is to begin
    if line := sys.stdin.readline().strip():
        point = CommitPoint.read(line)
        Guillotine(lambda: point).watch(Engine)
    elif BOOT.exists():
        Guillotine(_told).watch(Engine)
    sys.exit(main(["run"]))
