"""Apart: what blocks is done in a thread, and taken back where the program is to end."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import TypeVar

T = TypeVar("T")


async def apart(work: Callable[[Event], T]) -> T:
    """Do what blocks; it looks at the event now and then, and raises Abandoned where that is set."""
    stop = Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        with suppress(Exception):  # whatever came of it, the end was asked for
            await task
        raise
