"""Supply: what a chat may spend, now and later."""

from dataclasses import dataclass

from bot.delivery.budget.allowance import Allowance
from bot.delivery.budget.bucket import Places


@dataclass(frozen=True, slots=True)
class Supply:
    """The input of `pace`: calls, and calls per second."""

    tokens: float
    rate: float
    burst: float
    bot_tokens: float
    bot_rate: float
    windows: tuple[Places, ...] = ()


def supply_of(allowance: Allowance, bot: Allowance, now: float) -> Supply:
    """Return what a chat may spend of its own and of the bot's."""
    allowance.creep(now)
    bot.creep(now)
    bucket = allowance.bucket
    windows = allowance.windows if allowance.strict and not allowance.invited else ()
    return Supply(
        tokens=bucket.burst if allowance.invited else bucket.level(now),
        rate=bucket.rate,
        burst=bucket.burst,
        bot_tokens=bot.bucket.level(now),
        bot_rate=bot.bucket.rate,
        windows=tuple(window.places(now) for window in windows),
    )
