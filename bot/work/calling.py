"""Calling: what an answer may call, with all that is needed for it."""

from bot.clock import Clock
from bot.storage.calls import Calls
from bot.storage.jobs import Job
from bot.texts import Texts
from bot.tools.toolbox import Toolbox
from bot.work.asking import Asking
from bot.work.making import CallLimits
from bot.work.rounds import Rounds, Works
from providers.base import AsyncGeneratorProvider
from providers.blocks import ToolCall


class Calling:
    """Makes the rounds of answers."""

    def __init__(
        self, toolbox: Toolbox, calls: Calls, asking: Asking, clock: Clock, limits: CallLimits | None = None
    ) -> None:
        self._toolbox = toolbox
        self._calls = calls
        self._asking = asking
        self._clock = clock
        self._limits = limits or CallLimits()

    def rounds(
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
        takes = provider.capabilities(model).tools if ToolCall in provider.takes(model) else False
        return Rounds(
            job,
            self._toolbox.offered(takes),
            calls=self._calls,
            asking=self._asking,
            clock=self._clock,
            limits=self._limits,
            words=words,
            works=works,
            has_foreign=has_foreign,
        )
