"""What the playground itself costs: `python -m bench.playground`.

It prints the processor time of 500 chats in which a reply grows, the time of a reset between two tests, and the memory
after every 20,000 calls, in one chat and in 500. The calls come over no network: it is the server without HTTP.
"""

import argparse
import asyncio
import gc
import resource
import sys
import time
from pathlib import Path

from telegram_playground.api.endpoint import Api
from telegram_playground.api.request import Received
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.server import Playground
from telegram_playground.world.people import Bot

TOKEN = "42:" + "A" * 35
CHATS, SECONDS = 500, 20.0
CALLS, STEP = 200_000, 20_000
GROWTH_MB = 10  # that the last quarter of the calls may bring
RESETS = 200
WORDS = "word " * 400


def main() -> int:
    """Print the figures; 1 where one of them is over its bound."""
    parser = argparse.ArgumentParser(prog="python -m bench.playground", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    given = parser.parse_args()
    return asyncio.run(_run(given.calls, given.seconds))


async def _run(calls: int, seconds: float) -> int:
    async with Playground(limits=Limits.off()) as playground:
        share = await _growing(playground, seconds)
        print(f"500 chats growing, an edit a second each   {share:6.1%} of a core   (under 50 %)", flush=True)
        reset_ms = await _resets(playground)
        print(f"a reset between two tests                  {reset_ms:6.2f} ms         (under 5 ms)", flush=True)
    grows = False
    for chats in (1, 500):
        async with Playground(limits=Limits.off()) as playground:
            sizes = await _many(playground, calls, chats)
        shown = " ".join(f"{size:.0f}" for size in sizes)
        print(f"MB after every {STEP:,} calls in {chats:3} chats  {shown}", flush=True)
        grows = grows or sizes[-1] - sizes[len(sizes) * 3 // 4] > GROWTH_MB
    return int(share > 0.5 or reset_ms > 5 or grows)


async def _growing(playground: Playground, seconds: float) -> float:
    """Return the share of a core that 500 growing replies take."""
    bot, chats = _filled(playground, CHATS)
    sent = [await _call(playground, bot, "sendMessage", chat_id=chat, text="…") for chat in chats]
    begun, spent = time.monotonic(), time.process_time()
    rounds = 0
    while (now := time.monotonic()) - begun < seconds:
        rounds += 1
        for chat, message in zip(chats, sent, strict=True):
            text = WORDS[: 40 * rounds] + str(rounds)
            await _call(playground, bot, "editMessageText", chat_id=chat, message_id=message, text=text)
        await asyncio.sleep(max(0.0, 1.0 - (time.monotonic() - now)))
    return (time.process_time() - spent) / max(rounds, 1)


async def _resets(playground: Playground) -> float:
    """Return the milliseconds of a reset of a server in which a test has left something."""
    total = 0.0
    stage = playground.stage
    for _ in range(RESETS):
        bot, chats = _filled(playground, 3)
        for chat in chats:
            await _call(playground, bot, "sendMessage", chat_id=chat, text="hello")
        begun = time.perf_counter()
        for part in (stage.faults, stage.calls, stage.deeds):
            part.clear()
        stage.lint.forget()
        stage.floods.forget()
        playground.world.reset()
        total += time.perf_counter() - begun
    return 1000 * total / RESETS


async def _many(playground: Playground, calls: int, count: int) -> list[float]:
    """Return the megabytes of the process at the start and after every so many calls."""
    bot, chats = _filled(playground, count)
    sizes = [_megabytes()]
    for number in range(calls):
        text = f"message {number} " + WORDS[: number % 2000]
        await _call(playground, bot, "sendMessage", chat_id=chats[number % count], text=text)
        bot.updates.clear()
        if (number + 1) % STEP == 0:
            sizes.append(_megabytes())
    return sizes


def _filled(playground: Playground, count: int) -> tuple[Bot, list[int]]:
    world = playground.world
    bot = world.roster.bot(TOKEN)
    if bot is None:
        raise RuntimeError("the bot has another token")
    users = [world.roster.add_user(f"Person {number}") for number in range(count)]
    return bot, [world.private(user, bot, started=True).id for user in users]


async def _call(playground: Playground, bot: Bot, method: str, **parameters: object) -> int:
    api: Api = playground.api
    answer = await api.answer(bot, method, Received(dict(parameters)))
    return int(answer.body["result"]["message_id"])


def _megabytes() -> float:
    """Return what the process holds now; its peak where the system does not tell."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


if __name__ == "__main__":
    sys.exit(main())
