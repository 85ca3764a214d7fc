"""Handover: bots go from one process to another while both live."""

import asyncio
from collections.abc import Collection

from bot.members.lease import Lease

HAND_OVER_S = 0.5  # for calls that are under way: the next process waits for it


async def hand_over(some: Collection[tuple[Lease, "asyncio.Task[None]"]]) -> None:
    """End what is done for some bots, and give each back as soon as that is over, and soon in any case.

    What is left then writes nothing any more, and calls that are still under way are confessed.
    """
    for _, task in some:
        task.cancel()
    if some:
        await asyncio.wait({task for _, task in some}, timeout=HAND_OVER_S)
        await asyncio.gather(*(lease.give_back() for lease, task in some if not task.done()))
