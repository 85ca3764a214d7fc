"""Trouble: faults at random, of the kinds that a bot meets at Telegram."""

import asyncio
from collections import Counter
from random import Random
from typing import Any

from telegram_playground.client import PlaygroundClient
from telegram_playground.world.calls import Calls

METHODS = ("sendMessage", "sendMessage", "editMessageText", "editMessageText", "getUpdates", "answerCallbackQuery")
EVERY_S = 1.0
OUTAGE_EVERY_S = 60.0
OUTAGE_S = 6.0


async def make_trouble(people: PlaygroundClient, calls: Calls, random: Random, over: asyncio.Event) -> Counter[str]:
    """Put faults in force until it is over; return how many calls met which kind, and the outages."""
    clock = asyncio.get_running_loop().time
    next_outage = clock() + OUTAGE_EVERY_S / 2
    met: Counter[str] = Counter()
    seen = _last(calls)
    while not over.is_set():
        await asyncio.sleep(random.uniform(0, 2 * EVERY_S))
        if clock() > next_outage:
            next_outage += OUTAGE_EVERY_S
            await people.set(offline=True)
            await asyncio.sleep(random.uniform(1, OUTAGE_S))
            await people.set(offline=False)
            met["outage"] += 1
        else:
            await people.fault(**_fault(random))
        met.update(call.fault for call in calls.since(seen, lambda call: call.fault is not None) if call.fault)
        seen = _last(calls)
    await people.clear_faults()
    return met


def _last(calls: Calls) -> int:
    return next((call.id for call in calls.last(1)), 0)


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
        kinds += [{"kind": "duplicate"}, {"kind": "shuffle"}]
    else:
        kinds.append({"kind": "429", "seconds": random.randint(1, 5)})
    return {"method": method, **random.choice(kinds)}
