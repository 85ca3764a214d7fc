"""Calling: what an answer may call, with all that is needed for it."""

from bot.clock import Clock
from bot.storage.answers.calls import Calls
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts
from bot.tools.toolbox import Toolbox
from bot.work.calls.asking import Asking
from bot.work.calls.rounds import Rounds, Works
from providers.base import AsyncGeneratorProvider
from providers.blocks import ToolCall
from providers.care.turns import Turns

READY_S = 5.0  # for servers to start, where a question comes in the first seconds
AT_ONCE = 1_000  # calls of all people; what a tool can do at once is its own matter
READY_AGAIN_S = 30.0  # where an answer is taken up that may have called some


class Calling:
    """Makes the rounds of answers."""

    def __init__(self, toolbox: Toolbox, calls: Calls, asking: Asking, clock: Clock) -> None:
        self._toolbox = toolbox
        self._calls = calls
        self._asking = asking
        self._clock = clock
        self._turns = Turns(AT_ONCE, each=1)

    async def rounds(
        self,
        job: Job,
        provider: AsyncGeneratorProvider,
        model: str | None,
        *,
        words: Texts,
        works: Works,
        has_foreign: bool,
    ) -> Rounds:
        """Return the rounds of an answer, with the tools that a model is offered."""
        await self._toolbox.ready(self._clock, READY_S if job.attempt == 1 else READY_AGAIN_S)
        takes = provider.capabilities(model).tools if ToolCall in provider.takes(model) else False
        return Rounds(
            job,
            self._toolbox.offered(takes),
            calls=self._calls,
            asking=self._asking,
            clock=self._clock,
            limits=self._toolbox.limits,
            words=words,
            works=works,
            has_foreign=has_foreign,
            turns=self._turns,
        )
