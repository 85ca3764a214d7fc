"""Unless: work that is ended when somebody wants no more of it."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from providers.care.patience import CLOSE_S

T = TypeVar("T")


async def unless(stopped: asyncio.Event, work: Coroutine[None, None, T]) -> T | None:
    """Do `work` unless `stopped` is set before it ends; return what it returns, None where it did not end by itself."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        ended = task.done()
        if not ended:
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
    return await task if ended else None


async def done(work: Coroutine[None, None, None]) -> bool:
    """Do `work`, and say that it is done."""
    await work
    return True
