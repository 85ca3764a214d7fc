"""Making: one call is made, and what it gave is stored.

It is stored as begun before, so that no later process makes it again.
"""

import asyncio
import logging
from collections.abc import Coroutine

from bot.clock import Clock
from bot.process.spans import note
from bot.reply.marks import WORKS
from bot.storage.answers.calls import Calls
from bot.storage.exchanges.jobs import Job
from bot.storage.people.usage import Charge, Took, picodollars
from bot.storage.tables import Call, CallState
from bot.tools.offer import CallFailed, Offer, Result
from bot.tools.wanted import ToolLimits
from bot.work.calls.foreign import between_marks
from providers.care.patience import CLOSE_S
from providers.care.turns import Turns
from providers.tools import arguments_in

log = logging.getLogger(__name__)

UNKNOWN = (
    "It is not known whether this was carried out: the program was stopped, or the time was over, while it ran. "
    "Do not repeat it unless the user asks for it; say that the outcome is unknown."
)
NO_TOOL = "There is no tool of this name."
BROKE = "The tool broke."


class Making:
    """Makes the calls of one answer; `seconds` is how long they took.

    `turns`: those of one person, of however many answers, are made one after the other, so that nobody's hold others'.
    """

    def __init__(self, job: Job, calls: Calls, clock: Clock, limits: ToolLimits, turns: Turns) -> None:
        self._job = job
        self._calls = calls
        self._clock = clock
        self._limits = limits
        self._turns = turns
        self.seconds = 0.0

    async def make(self, call: Call, offer: Offer | None, written: str) -> None:
        """Make one call with the arguments that a model has `written`, and store what it gave.

        `offer`: None where its tool was configured before a restart.
        """
        if offer is None:
            await self._end(call, CallState.FAILED, NO_TOOL)
            return
        async with self._turns.place(self._job.user_id):
            await self._make(call, offer, written)

    async def _make(self, call: Call, offer: Offer, written: str) -> None:
        took = Took(f"{WORKS} {offer.by}", 0, picodollars(offer.price)) if offer.price else None
        charge = Charge(took, self._clock.wall()) if took else None
        if not await self._calls.start(self._job, call, charge):  # a commit of which nobody learned
            await self._end(call, CallState.UNKNOWN, UNKNOWN)
            return
        began_at, otherwise = self._clock.now(), CallState.UNKNOWN if offer.changes else CallState.FAILED
        left_s = max(1.0, self._limits.seconds - self.seconds)
        try:
            result = await self._within(min(offer.seconds, left_s), offer.call(arguments_in(written) or {}))
        except TimeoutError:
            await self._end(call, otherwise, UNKNOWN if offer.changes else "It gave nothing in time.")
        except CallFailed as error:
            is_known = error.is_known or not offer.changes
            state = CallState.FAILED if is_known else CallState.UNKNOWN
            back = charge if error.is_known else None
            said = between_marks(error.said) if error.is_theirs else error.said
            await self._end(call, state, said if is_known else f"{UNKNOWN} ({said})", back)
        except Exception:
            log.exception("tool bug answer=%s call=%s", self._job.id, call.id)
            await self._end(call, otherwise, UNKNOWN if offer.changes else BROKE)
        else:
            state = CallState.FAILED if result.is_error else CallState.DONE
            await self._end(call, state, self._readable(result, offer))
        finally:
            ended_at = self._clock.now()
            self.seconds += ended_at - began_at
            note("tool", began_at, ended_at, tool=call.name, state=call.state)

    async def _within(self, seconds: float, calling: Coroutine[None, None, Result]) -> Result:
        """Wait for a call for so long. Raises TimeoutError, and what the call raises."""
        call, timer = asyncio.ensure_future(calling), asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({call, timer}, return_when=asyncio.FIRST_COMPLETED)
            if not call.done():
                raise TimeoutError
            return call.result()
        finally:
            timer.cancel()
            if not call.done():
                call.cancel()
                await asyncio.wait({call}, timeout=CLOSE_S)

    async def _end(self, call: Call, state: CallState, result: str, back: Charge | None = None) -> None:
        await self._calls.end(self._job, call, state, result, back)
        call.state, call.result = state, result
        log.info("call ended answer=%s call=%s state=%s", self._job.id, call.id, state)

    def _readable(self, result: Result, offer: Offer) -> str:
        """Return a result as a model reads it: not beyond the limit, between marks where others wrote it."""
        text, limit = result.text, self._limits.characters
        if len(text) > limit:
            text = f"{text[:limit]}\n[the first {limit} of {len(text)} characters]"
        return between_marks(text) if offer.is_marked or offer.is_foreign else text
