"""Run the bot as `python -m bot run` does, when a line comes in; kill its whole process group at a commit, if so asked.

The line is empty, or says where to die: "after 2 insert parts" is right after the second commit of a transaction with
such a statement. Where there is a file `boot_id`, the process believes itself on the machine that it names; a file
`pause` names the method before whose next call, after all checks, it stops itself until it is told to go on.
"""

import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from aiohttp import ClientRequest, ClientResponse, ClientSession
from aiohttp.connector import Connection as Connection_
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from bot.__main__ import main
from bot.process import identity
from tests.crash.point import STATES, CommitPoint

_STATEMENT = re.compile(r"(insert)(?: or \w+)? into (\w+)|(update) (\w+)|(delete) from (\w+)", re.IGNORECASE)


BOOT, PAUSE = Path("boot_id"), Path("pause")


class Pauses(ClientRequest):
    """A request that stops the process right before it is written, where the file says so."""

    async def send(self, conn: Connection_) -> ClientResponse:
        """Send it."""
        _stand_still_if_told(self.url.name)
        return await super().send(conn)


class Guillotine:
    """Watches the statements of each transaction."""

    def __init__(self, point: CommitPoint) -> None:
        self._point = point
        self._left = point.nth
        self._labels: set[str] = set()

    def install(self) -> None:
        """Listen to all engines and sessions."""
        event.listen(Engine, "begin", lambda _: self._labels.clear())
        event.listen(Engine, "before_cursor_execute", self._note)
        event.listen(Engine, "commit", self._before)
        event.listen(Session, "after_commit", self._after)

    def _note(
        self, _connection: Connection, _cursor: object, statement: str, parameters: object, *_context: object
    ) -> None:
        if match := _STATEMENT.match(statement):
            label = " ".join(word.lower() for word in match.groups() if word)
            self._labels.add(label)
            if isinstance(parameters, Sequence):
                self._labels.update(f"{label} {value}" for value in parameters if value in STATES)

    def _before(self, _connection: Connection) -> None:
        if self._point.label in self._labels:
            self._left -= 1
            if not self._left and not self._point.after:
                _die()

    def _after(self, _session: Session) -> None:
        if self._point.label in self._labels and not self._left and self._point.after:
            _die()


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
        PAUSE.unlink(missing_ok=True)
        (ClientSession.__init__.__kwdefaults__ or {})["request_class"] = Pauses
    import_module("bot.tools.client")  # as all modules: it is loaded before the process is to begin
    if line := sys.stdin.readline().strip():
        Guillotine(CommitPoint.read(line)).install()
    sys.exit(main(["run"]))
