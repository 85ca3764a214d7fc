"""Stop: what SIGINT and SIGTERM do to the programs of this package."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def stopped() -> asyncio.Event:
    """Return what the first signal sets; a second one ends the process at once: nothing here outlives it.

    The event loop's own handlers would end with it, and a signal after that would be a traceback.
    """
    event, loop = asyncio.Event(), asyncio.get_running_loop()
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) > 1 or loop.is_closed():
            end(0)
        loop.call_soon_threadsafe(event.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return event


def until_stopped(work: Coroutine[Any, Any, T]) -> T | None:
    """Run something to its end and return what came of it; None where a signal has ended it, in order."""
    is_main = threading.current_thread() is threading.main_thread()  # signals reach no other one
    return asyncio.run(_until_stopped(work) if is_main else work)


async def _until_stopped(work: Coroutine[Any, Any, T]) -> T | None:
    stop, working = asyncio.ensure_future(stopped().wait()), asyncio.ensure_future(work)
    try:
        await asyncio.wait({stop, working}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for each in (stop, working):
            each.cancel()
        await asyncio.gather(stop, working, return_exceptions=True)


def end(code: int) -> None:
    """End the process: what the interpreter would tidy up is not worth the traceback of a late signal."""
    with suppress(OSError, RuntimeError, ValueError):  # nobody listens, or it is being written just now
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
