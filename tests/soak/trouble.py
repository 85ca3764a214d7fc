"""Trouble: faults at random, of the kinds that a bot meets at Telegram."""

import asyncio
from random import Random
from typing import Any

from playground.client import PlaygroundClient

METHODS = ("sendMessage", "sendMessage", "editMessageText", "editMessageText", "getUpdates", "answerCallbackQuery")
EVERY_S = 1.5
OUTAGE_EVERY_S = 60.0
OUTAGE_S = 6.0


async def make_trouble(people: PlaygroundClient, random: Random, over: asyncio.Event) -> int:
    """Put faults in force until it is over; return how many."""
    made, next_outage = 0, OUTAGE_EVERY_S / 2
    clock = asyncio.get_running_loop().time
    started = clock()
    while not over.is_set():
        await asyncio.sleep(random.uniform(0, 2 * EVERY_S))
        if clock() - started > next_outage:
            next_outage += OUTAGE_EVERY_S
            await people.set(offline=True)
            await asyncio.sleep(random.uniform(1, OUTAGE_S))
            await people.set(offline=False)
        else:
            await people.fault(**_fault(random))
        made += 1
    await people.clear_faults()
    return made


def _fault(random: Random) -> dict[str, Any]:
    method = random.choice(METHODS)
    kinds: list[dict[str, Any]] = [
        {"kind": "500"},
        {"kind": "502html"},
        {"kind": "reset"},
        {"kind": "lost"},
        {"kind": "delay", "seconds": random.uniform(0.5, 5)},
        {"kind": "hang", "seconds": random.uniform(0.5, 5), "execute": random.random() < 0.5},
    ]
    if method == "getUpdates":
        kinds.append({"kind": "duplicate"})
    else:
        kinds.append({"kind": "429", "seconds": random.randint(1, 5)})
    return {"method": method, **random.choice(kinds)}
