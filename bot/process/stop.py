"""Stop: what SIGINT, SIGTERM and SIGHUP do to a program."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

STOPS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 0
END_S = 9.0  # contract: an orderly end takes 10 s at the most


class Stop:
    """Cancels a task at the first signal. A second one, or the end of the time, ends the process at once.

    That is no harm: all that was taken is stored, and the next start goes on with it. The event loop's own handlers
    would be taken away with it, and a signal after that would be a traceback.
    """

    def __init__(self) -> None:
        self.received: list[signal.Signals] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Future[int] | None = None
        self._last = threading.Timer(END_S, end, (STOPPED,))
        self._last.daemon = True

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Take the signals over until the end of the block."""
        before = {number: signal.signal(number, self._receive) for number in STOPS}
        try:
            yield
        finally:
            self._last.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    def cancels(self, task: "asyncio.Future[int]") -> None:
        """Cancel this task at a signal, and now if there was one."""
        self._loop, self._task = asyncio.get_running_loop(), task
        if self.received:
            task.cancel()

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.received.append(signal.Signals(number))
        if len(self.received) > 1:
            end(STOPPED)
        self._last.start()
        if self._loop is not None and self._task is not None:
            with suppress(RuntimeError):  # the loop is closed: the end is near
                self._loop.call_soon_threadsafe(self._task.cancel)


@contextmanager
def hangups(then: Callable[[], None]) -> Iterator[None]:
    """Do something at each SIGHUP until the end of the block, in the running event loop."""
    if not hasattr(signal, "SIGHUP"):
        yield
        return
    loop = asyncio.get_running_loop()

    def receive(_number: int, _frame: FrameType | None) -> None:
        with suppress(RuntimeError):  # the loop is closed: the end is near
            loop.call_soon_threadsafe(then)

    before = signal.signal(signal.SIGHUP, receive)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def end(code: int) -> None:
    """End the process at once: what the interpreter would tidy up is not worth the traceback of a late signal."""
    with suppress(OSError, RuntimeError, ValueError):  # nobody listens, or it is being written just now
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
