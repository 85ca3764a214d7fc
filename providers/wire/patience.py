"""Patience: how long a member of a fallback may be silent before the next one is asked."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from providers.base import Alive, Delta, Revised
from providers.errors import TimedOut

SHORTEST_S = 10.0  # a member's patience at the least
HIDDEN_S = 600.0  # signs of life alone are believed for so long


def share(patience_s: object, otherwise_s: float, members: int) -> float:
    """Return a member's part of the caller's patience; `otherwise_s` where the caller does not tell it."""
    whole_s = patience_s if isinstance(patience_s, (int, float)) else otherwise_s
    return max(SHORTEST_S, whole_s / members)


async def patient(
    answer: AsyncGenerator[Delta, None], provider: str, first_s: float, next_s: float
) -> AsyncGenerator[Delta, None]:
    """Yield the deltas of an answer; until its first text a silence, or mere signs of life, must not last too long.

    Raises ProviderError.
    """
    now = asyncio.get_running_loop().time
    limit_s: float | None = first_s
    hidden_until = now() + max(first_s, HIDDEN_S)
    async with aclosing(answer):
        while True:
            left_s = min(limit_s, hidden_until - now()) if limit_s else None
            try:
                async with asyncio.timeout(left_s):
                    delta = await anext(answer)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise TimedOut(f"silent for {left_s:.0f} s", provider=provider) from None
            if isinstance(delta, (str, Revised)):
                limit_s = None
            elif limit_s and not isinstance(delta, Alive):
                limit_s, hidden_until = next_s, now() + HIDDEN_S
            yield delta
