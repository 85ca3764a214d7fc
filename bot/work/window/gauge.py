"""Gauge: by how much the estimate of a conversation is off at each model, learned from what its service counts."""

from collections.abc import Sequence

from bot.work.window.window import estimate
from providers.base import AsyncGeneratorProvider, Message, Usage

LEAST = 300  # estimated tokens; in less, what a service adds of its own would count for too much
NEWEST = 0.3  # the weight of the newest answer
BOUNDS = (0.5, 4.0)  # beyond these the service counts something else


class Gauge:
    """Corrects the estimate, per provider and model; what it has learned is learned again after a restart."""

    def __init__(self) -> None:
        self._factors: dict[tuple[str, str | None], float] = {}

    def room(self, provider: AsyncGeneratorProvider, model: str | None) -> int:
        """Return how many estimated tokens of a conversation a model takes, its answer included."""
        return int(provider.room(model) / self._factors.get((provider.id, model), 1.0))

    def note(
        self, provider: AsyncGeneratorProvider, model: str | None, messages: Sequence[Message], usage: Usage | None
    ) -> None:
        """Learn from what the service counted of the messages that were sent."""
        estimated = sum(map(estimate, messages))
        if usage is None or usage.prompt_tokens <= 0 or estimated < LEAST:
            return
        least, most = BOUNDS
        ratio = min(max(usage.prompt_tokens / estimated, least), most)
        key = (provider.id, model)
        self._factors[key] = self._factors.get(key, ratio) * (1 - NEWEST) + ratio * NEWEST
