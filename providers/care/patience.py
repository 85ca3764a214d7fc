"""Patience: how long a provider may be silent, what counts as none, and when an answer has begun.

An answer begins with the first text of which a person sees anything. Blanks before it are held back, so that nobody
takes them for an answer: they neither bind a fallback to its member nor keep a failed call from being repeated.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from providers.base import Alive, Delta, Media, Revised
from providers.blocks import ToolCall
from providers.care.watchdog import Watchdog
from providers.errors import EmptyAnswer, TimedOut
from providers.surrogates import whole_characters
from providers.visible import is_visible

CLOSE_S = 5.0  # for a provider to close
HIDDEN_S = 600.0  # signs of life alone, with nothing to show, are believed for so long
SHORTEST_S = 10.0  # a member's part of a chain's patience, at the least
MAX_BLANK = 1_000  # characters that are kept of blanks before the first text, for the indentation of its first line


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a provider may take for its first delta and between two; there is no limit for the whole.

    A sign of life that shows nothing restarts them, for `hidden_s` at the most.
    """

    first_token_s: float
    token_s: float
    hidden_s: float = HIDDEN_S

    def shared(self, members: int) -> Self:
        """Return the part that a member of a chain has before the next one is asked."""
        return replace(
            self,
            first_token_s=max(SHORTEST_S, self.first_token_s / members),
            token_s=max(SHORTEST_S, self.token_s / members),
        )


async def patient(
    deltas: AsyncGenerator[Delta, None], timeouts: Timeouts, *, provider: str, until_text: bool = False
) -> AsyncGenerator[Delta, None]:
    """Yield the deltas of an answer; use it inside `aclosing`, which closes the provider's connection.

    `until_text`: the limits hold until the answer has begun. Raises ProviderError, also where it never begins.
    """
    now = asyncio.get_running_loop().time
    limit_s = timeouts.first_token_s
    hidden_until = now() + max(limit_s, timeouts.hidden_s)
    left_s: float | None = limit_s
    beginning, watchdog = _Beginning(), Watchdog()
    try:
        while True:
            try:
                watchdog.until(None if left_s is None else now() + left_s)
                delta = beginning.take(await anext(deltas))
            except StopAsyncIteration:
                break
            except (TimeoutError, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and not watchdog.has_bitten():
                    raise
                cause = f"silent for {limit_s:.0f} s" if left_s == limit_s else "nothing but signs of life"
                raise TimedOut(cause, provider=provider) from None
            watchdog.rest()
            yield delta
            if not isinstance(delta, Alive):
                limit_s = timeouts.token_s
                hidden_until = now() + max(limit_s, timeouts.hidden_s)
            left_s = None if until_text and beginning.is_over else min(limit_s, hidden_until - now())
    finally:
        watchdog.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await deltas.aclose()
    if not beginning.is_over:
        raise EmptyAnswer("no text", provider=provider, is_blank=beginning.is_blank)


class _Beginning:
    """Holds text back until a person sees anything of it; `is_over` from then on. `is_blank`: some is held."""

    def __init__(self) -> None:
        self.is_over = False
        self.is_blank = False
        self._held = ""

    def take(self, delta: Delta) -> Delta:
        """Return what to pass on: a sign of life in the place of blanks, then the text with those before it."""
        if isinstance(delta, ToolCall) or (isinstance(delta, Media) and delta.final):  # says something, if not a word
            self.is_over = True
        if self.is_over or not isinstance(delta, str | Revised):
            return delta
        text = delta.text if isinstance(delta, Revised) else self._held + delta
        if is_visible(whole_characters(text)):
            self.is_over = True
            return delta if isinstance(delta, Revised) else text
        self._held = text[-MAX_BLANK:]
        self.is_blank = True
        return Alive()
