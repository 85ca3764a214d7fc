"""Ask a provider, with limits on its silence."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from providers.base import AsyncGeneratorProvider, Delta, Message
from providers.errors import TimedOut

CLOSE_S = 5.0  # for a provider to close


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a provider may take for its first delta and between two; there is no limit for the whole."""

    first_token_s: float
    token_s: float


async def stream(
    provider: AsyncGeneratorProvider, model: str | None, messages: Sequence[Message], timeouts: Timeouts
) -> AsyncGenerator[Delta, None]:
    """Yield a provider's deltas; use it inside `aclosing`, which closes the provider's connection.

    Raises ProviderError.
    """
    deltas = provider.create_async_generator(model, messages)
    limit_s = timeouts.first_token_s
    try:
        while True:
            try:
                async with asyncio.timeout(limit_s):
                    delta = await anext(deltas)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise TimedOut(f"silent for {limit_s:.0f} s", provider=provider.id) from None
            yield delta
            limit_s = timeouts.token_s
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await deltas.aclose()
