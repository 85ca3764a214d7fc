"""Streams: the replies that grow now, and what those before them have taught."""

import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.delivery.budget.noted import Kind, Note, Noted, forget
from bot.delivery.budget.supply import Supply
from bot.delivery.pace.habits import CHATS, HabitBook, Habits
from bot.delivery.pace.pauses import PAUSES_S
from bot.delivery.pace.prices import Prices, first_prices

SAME_RATE = 0.1  # shares by which a rate may differ, and prices hold


@dataclass(frozen=True, slots=True)
class _Known:
    """Prices, and what they were found for."""

    prices: Prices
    habits: Habits | None


class Streams:
    """Counts replies by chat, for budgets are shared by all of them, and learns from them."""

    def __init__(self, note: Note = forget) -> None:
        self._note = note
        self._growing: Counter[int] = Counter()
        self._book = HabitBook()
        self._begun: Counter[int] = Counter()  # replies by chat that have a first delta, and no end
        self._ended_at: OrderedDict[int, float] = OrderedDict()  # by chat, of its last reply
        self._prices: OrderedDict[tuple[int, float], _Known] = OrderedDict()  # by chat and burst

    @contextmanager
    def streaming(self, chat_id: int) -> Iterator[None]:
        """Count a reply that streams, as long as it does."""
        self._growing[chat_id] += 1
        try:
            yield
        finally:
            self._growing[chat_id] -= 1
            if not self._growing[chat_id]:
                del self._growing[chat_id]
                self._begun.pop(chat_id, None)  # one may have come to nothing

    def total(self) -> int:
        """Return how many grow in all chats."""
        return self._growing.total()

    def of(self, chat_id: int) -> int:
        """Return how many grow in a chat."""
        return self._growing[chat_id]

    def begun(self, chat_id: int, now: float) -> None:
        """Learn how long after the answer before it an answer has begun to come."""
        self._note(Kind.BEGUN, chat_id, None)
        self._settle(now)
        if self._begun[chat_id]:
            self._book.paused(chat_id, 0.0)
        elif chat_id in self._ended_at:
            self._book.paused(chat_id, now - self._ended_at.pop(chat_id))
        self._begun[chat_id] += 1

    def lasted(self, chat_id: int, seconds: float, now: float) -> None:
        """Learn how long an answer took from its first delta to its last, which came now."""
        self._note(Kind.ENDED, chat_id, None)
        self._book.lasted(chat_id, seconds)
        self._begun[chat_id] -= 1
        if self._begun[chat_id] <= 0:
            del self._begun[chat_id]
        self._ended_at[chat_id] = now
        self._ended_at.move_to_end(chat_id)
        if len(self._ended_at) > CHATS:
            self._ended_at.popitem(last=False)

    def _settle(self, now: float) -> None:
        """Learn that chats have paused which have not asked again for long."""
        silent = itertools.takewhile(lambda chat_id: now - self._ended_at[chat_id] >= PAUSES_S[-1], self._ended_at)
        for chat_id in list(silent):
            self._book.paused(chat_id, now - self._ended_at.pop(chat_id))

    def recall(self, noted: Iterable[Noted], now: float, wall: float) -> None:
        """Learn from the answers that earlier processes noted; one that was cut off has neither length nor end."""
        begun_at: dict[int, float] = {}
        for each in sorted(noted, key=lambda each: each.at):
            at = now + min(0.0, each.at - wall)
            if each.kind is Kind.BEGUN:
                begun_at[each.chat_id] = at
                if each.chat_id in self._ended_at:
                    self._book.paused(each.chat_id, at - self._ended_at[each.chat_id])
            elif each.kind is Kind.ENDED:
                if each.chat_id in begun_at:
                    self._book.lasted(each.chat_id, at - begun_at.pop(each.chat_id))
                self._ended_at[each.chat_id] = at

    def habits(self, chat_id: int) -> Habits:
        """Return how replies come in a chat."""
        return self._book.of(chat_id)

    def prices(self, chat_id: int, supply: Supply) -> Prices:
        """Return what a call of such a supply is worth in a chat later; better with each reply that is noted."""
        key, habits = (chat_id, supply.burst), self.habits(chat_id)
        known = self._prices.get(key)
        if known is None:
            known = _Known(first_prices(supply.rate, supply.burst), None)
        elif abs(known.prices.rate - supply.rate) > SAME_RATE * supply.rate:
            known = _Known(known.prices.at_rate(supply.rate), None)
        if known.habits is not habits:
            known = _Known(known.prices.rethought(habits.lengths, habits.gaps), habits)
        self._prices[key] = known
        self._prices.move_to_end(key)
        if len(self._prices) > CHATS:
            self._prices.popitem(last=False)
        return known.prices
