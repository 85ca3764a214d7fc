"""Cost: what an answer costs, or a picture, a transcript, a text read aloud, in exact decimals of a dollar; pure.

Prices are no constants: a service's list of models tells them (`capabilities.py`), and before it counts what the
operator writes in providers.toml (`prices`, `model_prices`, `media_prices` in `care/arrangement.py`).
"""

from decimal import Decimal

from providers.base import Usage
from providers.capabilities import MILLION, Capabilities
from providers.care.arrangement import MediaPrices, Prices


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


def cost_of_media(
    prices: Prices | None,
    media: MediaPrices,
    usage: Usage | None = None,
    *,
    pictures: int = 0,
    seconds: float | None = None,
    characters: int = 0,
) -> Decimal | None:
    """Return dollars for what was made or written down beside the chat: as the service told them, else by the prices
    of it, else by those of its tokens; None where neither is known.
    """
    if usage is not None and usage.cost is not None:
        return usage.cost
    if pictures and media.picture is not None:
        return pictures * media.picture
    if seconds is not None and media.minute is not None:
        return round(Decimal(str(seconds)), 3) * media.minute / 60
    if characters and media.characters is not None:
        return characters * media.characters / MILLION
    if usage is None or prices is None:
        return None
    return cost_of(
        usage, Capabilities(input_price=prices.input, output_price=prices.output, cached_price=prices.cached)
    )
