"""Expense: who made an answer, and what it took: tokens and money; pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.storage.answers.ending import Ending
from bot.storage.people.usage import picodollars
from bot.work.fold import Fold
from bot.work.window.tokens import tokens_in
from bot.work.window.window import estimate
from providers.base import Message, Usage
from providers.capabilities import Capabilities
from providers.cost import cost_of


def expense(
    ended: Ending,
    fold: Fold,
    messages: Sequence[Message],
    maker: tuple[str, str | None],
    able: Capabilities,
) -> Ending:
    """Add who was asked and what it took: as the service told, else as estimated."""
    usage = fold.usage
    asked = usage.prompt_tokens if usage else sum(map(estimate, messages))
    said = usage.completion_tokens if usage else tokens_in(fold.text)
    return replace(
        ended,
        provider=maker[0],
        model=maker[1] or None,
        prompt_tokens=asked,
        completion_tokens=said,
        is_estimated=usage is None,
        cached_tokens=usage.cached_tokens if usage else None,
        cost=_cost(usage, Usage(asked, said), able),
    )


def _cost(usage: Usage | None, estimated: Usage, able: Capabilities) -> int | None:
    """Return what an answer cost, as the service told or by its prices; nothing is charged where nothing came."""
    if usage is None and not estimated.completion_tokens:
        return None
    return picodollars(cost_of(usage or estimated, able))
