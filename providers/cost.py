"""Cost: what an answer costs, in exact decimals of a dollar; pure."""

from decimal import Decimal

from providers.base import Usage
from providers.capabilities import MILLION, Capabilities


def cost_of(usage: Usage, able: Capabilities) -> Decimal | None:
    """Return dollars: as the service told them, else by the model's prices; None where neither is known.

    Tokens that the service held in its cache cost what is said of those, else as much as the others.
    """
    if usage.cost is not None:
        return usage.cost
    if able.input_price is None or able.output_price is None:
        return None
    cached = min(max(usage.cached_tokens, 0), usage.prompt_tokens)
    cached_price = able.input_price if able.cached_price is None else able.cached_price
    dollars = (usage.prompt_tokens - cached) * able.input_price + cached * cached_price
    return (dollars + usage.completion_tokens * able.output_price) / MILLION
