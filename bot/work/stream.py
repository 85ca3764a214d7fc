"""Ask a provider, with limits on its silence."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from providers.base import Alive, AsyncGeneratorProvider, Delta, Message
from providers.errors import TimedOut

CLOSE_S = 5.0  # for a provider to close
HIDDEN_S = 600.0  # signs of life alone, with nothing to show, are believed for so long


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a provider may take for its first delta and between two; there is no limit for the whole.

    A sign of life that shows nothing restarts them, for `hidden_s` at the most.
    """

    first_token_s: float
    token_s: float
    hidden_s: float = HIDDEN_S


async def stream(
    provider: AsyncGeneratorProvider, model: str | None, messages: Sequence[Message], timeouts: Timeouts
) -> AsyncGenerator[Delta, None]:
    """Yield a provider's deltas; use it inside `aclosing`, which closes the provider's connection.

    Raises ProviderError.
    """
    deltas = provider.create_async_generator(
        model, messages, first_token_s=timeouts.first_token_s, token_s=timeouts.token_s
    )
    limit_s = left_s = timeouts.first_token_s
    now = asyncio.get_running_loop().time
    hidden_until = now() + max(limit_s, timeouts.hidden_s)
    try:
        while True:
            try:
                async with asyncio.timeout(left_s):
                    delta = await anext(deltas)
            except StopAsyncIteration:
                return
            except TimeoutError:
                cause = f"silent for {limit_s:.0f} s" if left_s == limit_s else "nothing but signs of life"
                raise TimedOut(cause, provider=provider.id) from None
            yield delta
            if not isinstance(delta, Alive):
                limit_s = timeouts.token_s
                hidden_until = now() + max(limit_s, timeouts.hidden_s)
            left_s = min(limit_s, hidden_until - now())
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await deltas.aclose()
