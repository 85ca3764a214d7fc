"""Denials: what one person is refused again and again in a group is told once a minute."""

from bot.clock import Clock, Seldom

MANY = 1_024  # persons and groups that are remembered


class Denials:
    """Remembers who was told what; whatever else somebody is told makes all of it news again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[tuple[int, int], Seldom] = {}

    def are_news(self, chat_id: int, person: int, wish: str, words: str) -> bool:
        """Note that a person is told this of what they wrote; False where the same was told within a minute."""
        told = self._told.pop((chat_id, person), None) or Seldom(self._clock)
        if len(self._told) >= MANY:
            del self._told[next(iter(self._told))]  # who was refused longest ago
        self._told[chat_id, person] = told
        return told.due((wish, words))

    def forget(self, chat_id: int, person: int) -> None:
        """Note that what a person wished for was done, or told."""
        self._told.pop((chat_id, person), None)
