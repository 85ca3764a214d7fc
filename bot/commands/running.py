"""Running: a program runs until it ends or a signal ends it in order."""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable, Coroutine
from types import FrameType

from bot.clock import Loop
from bot.process.stop import STOPPED, STOPS, Stop

YOUNG = 20_000  # new objects from one look for garbage to the next; of 700, as is usual, streams use nearly all
SETTLED_S = (10.0, 60.0)  # when the start is over; when most of what can be asked for was once

log = logging.getLogger("bot")


def interruptible(program: Callable[[], int], *, otherwise: str = "") -> int:
    """Run a program that waits for no loop; SIGINT and SIGTERM end it in order, and `otherwise` is said."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for each in STOPS:
            signal.signal(each, signal.SIG_IGN)  # the end takes a moment, and a second signal would cut it short
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in STOPS}
    try:
        return program()
    except KeyboardInterrupt:
        if otherwise:
            print(otherwise)
        return STOPPED
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def until_signal(program: Coroutine[None, None, int]) -> int:
    """Run a program; SIGINT and SIGTERM cancel it, and it ends in order."""
    stop = Stop()

    async def run() -> int:
        for after_s in SETTLED_S:
            asyncio.get_running_loop().call_later(after_s, gc.freeze)  # what those made stays: 20 ms a look
        task = asyncio.ensure_future(program)
        stop.cancels(task)
        try:
            return await task
        except asyncio.CancelledError:
            log.info("stopped reason=%s", ", ".join(number.name for number in stop.received))
            return STOPPED

    gc.collect()
    gc.freeze()  # a look at all that is loaded stops the loop for 0.1 s, again and again
    gc.set_threshold(YOUNG)
    with stop.installed(), asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(run())
