"""Retrying: a provider is asked again as long as that may help and nothing was shown."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from random import Random

from bot.clock import Clock
from bot.process.spans import note
from bot.work.fold import Fold
from bot.work.stream import NO_OPTIONS, stream
from bot.work.window.window import legible, shorten
from providers.base import NO_FILES, Alive, AsyncGeneratorProvider, Leisure, Message, Reasoning
from providers.blocks import Audio, Document, ToolCall
from providers.care.patience import Timeouts
from providers.errors import NotTaken, ProviderError, RateLimited, TimedOut, TooLong
from providers.tools import Tool

log = logging.getLogger(__name__)

RETRIES_S = (0.5, 1.5)  # pauses before an unavailable service is asked again, at the longest
JITTER = 0.3  # of a pause: all that met the same outage do not come back at once
TOLD_S = 8.0  # after the first failure it is told, so that the user reads it within 10 s
SILENT_WAIT_S = 5.0  # of a Retry-After; a longer one is told


class Retrying:
    """Asks a provider for one answer; `show` is told of new text, `think` of a thought before it (None: none is
    wanted), `wait` that the model is being loaded. `leisure`: for how long nobody looks at new text.
    """

    def __init__(
        self,
        provider: AsyncGeneratorProvider,
        model: str | None,
        *,
        clock: Clock,
        timeouts: Timeouts,
        show: Callable[[], None],
        wait: Callable[[], None],
        think: Callable[[], None] | None = None,
        leisure: Leisure | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        options: Mapping[str, object] = NO_OPTIONS,
        random: Random | None = None,
    ) -> None:
        self._provider = provider
        self._model = model
        self._clock = clock
        self._timeouts = timeouts
        self._show = show
        self._wait = wait
        self._think = think
        self._leisure = leisure
        self._files = files
        self._options = {**options, "answering": self._answering}
        self._random = random or Random()
        self.sent: Sequence[Message] = ()  # at last
        self.first_text_s: float | None = None  # since the service was asked
        self._asked_at = clock.now()
        self._is_told = False  # that the model is being loaded
        self._tools: Sequence[Tool] = ()
        self._may_call = True
        self.maker: tuple[str, str] | None = None  # the id and the model of who answers, where the provider is several

    @property
    def seconds(self) -> float:
        """How long ago the service was asked, at last."""
        return self._clock.now() - self._asked_at

    def _answering(self, provider: str, model: str) -> None:
        self.maker = provider, model

    async def ask(
        self, messages: Sequence[Message], fold: Fold, *, tools: Sequence[Tool] = (), may_call: bool = True
    ) -> None:
        """Stream one answer, or one round of it, into `fold`, until that is full. Raises ProviderError.

        `tools` are offered; with `may_call` the model may call some now.
        """
        self._tools, self._may_call = tools, may_call
        told_at: float | None = None
        pauses = [pause * (1 - JITTER * self._random.random()) for pause in RETRIES_S]
        while True:
            left_s = told_at - self._clock.now() if told_at is not None else None
            self.sent = messages
            try:
                await self._noted(messages, fold, left_s)
                return
            except TooLong:
                if fold.round_text:
                    raise
                messages = shorten(messages)
            except NotTaken as error:
                if {Audio, Document} & error.kinds:  # they can be put into words
                    raise
                fewer = legible(messages, self._provider.takes(self._model))
                if fewer == messages and not self._tools:
                    raise
                self._tools = () if ToolCall in error.kinds else self._tools
                messages = fewer
            except ProviderError as error:
                told_at = told_at or self._clock.now() + TOLD_S
                pause = _pause(error, pauses)
                if fold.round_text or fold.pictures or pause is None or self._clock.now() + pause >= told_at:
                    raise
                log.warning("asking again provider=%s pause=%s error=%s", self._provider.id, pause, error)
                await self._clock.sleep(pause)

    async def _noted(self, messages: Sequence[Message], fold: Fold, left_s: float | None) -> None:
        """Ask once, and note how long it took."""
        began_at, had_text, error = self._clock.now(), self.first_text_s is not None, ""
        try:
            await self._stream(messages, fold, left_s)
        except ProviderError as raised:
            error = type(raised).__name__
            raise
        finally:
            if self.first_text_s is not None and not had_text:
                note("first text", began_at, began_at + self.first_text_s)
            about = {"provider": self._provider.id, "model": self._model or "", "error": error}
            note("provider", began_at, self._clock.now(), **about)

    async def _stream(self, messages: Sequence[Message], fold: Fold, left_s: float | None) -> None:
        """Ask once; `left_s` for the first delta, where an earlier failure is to be told by then."""
        fold.begin()
        thoughts = self._think is not None
        self._asked_at = self._clock.now()
        try:
            async with (
                asyncio.timeout(left_s) as patience,
                aclosing(
                    stream(
                        self._provider,
                        self._model,
                        messages,
                        self._timeouts,
                        self._files,
                        thoughts=thoughts,
                        tools=self._tools,
                        may_call=self._may_call,
                        options=self._options,
                        leisure=self._leisure,
                    )
                ) as deltas,
            ):
                async for delta in deltas:
                    if patience.when() is not None:
                        patience.reschedule(None)  # it is at work: what it costs is spent
                    if fold.add(delta):
                        if self.first_text_s is None:
                            self.first_text_s = self.seconds
                        self._show()
                    elif isinstance(delta, Reasoning) and fold.thinks and self._think:
                        self._think()
                    elif isinstance(delta, Alive) and delta.loading and not self._is_told:
                        self._is_told = True
                        self._wait()
                    if fold.full:
                        return
        except TimeoutError:
            raise TimedOut("no text after a failure", provider=self._provider.id) from None


def _pause(error: ProviderError, pauses: list[float]) -> float | None:
    """Return how long to wait before the service is asked again, None where that is no use."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None and error.retry_after_s <= SILENT_WAIT_S:
        return max(error.retry_after_s, pauses.pop(0)) if pauses else None
    return pauses.pop(0) if error.retryable and pauses else None
