"""How replies come in each chat: how long they last, and how soon the next one begins."""

from collections import OrderedDict
from dataclasses import dataclass

from bot.delivery.pace.lengths import Lengths
from bot.delivery.pace.pauses import Pauses

CHATS = 2000


@dataclass(frozen=True, slots=True)
class Habits:
    """What is believed of a chat."""

    lengths: Lengths = Lengths()  # noqa: RUF009
    gaps: Pauses = Pauses()  # noqa: RUF009


class HabitBook:
    """The belief for each chat; those that answered longest ago are forgotten."""

    def __init__(self) -> None:
        self._all = Habits()
        self._chats: OrderedDict[int, Habits] = OrderedDict()

    def of(self, chat_id: int) -> Habits:
        """Return what is believed of a chat."""
        return self._chats.get(chat_id, self._all)

    def lasted(self, chat_id: int, duration_s: float) -> None:
        """Learn from a reply that came to its end."""
        known, all_ = self._of(chat_id), self._all
        self._put(chat_id, Habits(known.lengths.after(duration_s), known.gaps))
        self._all = Habits(all_.lengths.after(duration_s), all_.gaps)

    def paused(self, chat_id: int, gap_s: float) -> None:
        """Learn from the time between a reply and the next one."""
        known, all_ = self._of(chat_id), self._all
        self._put(chat_id, Habits(known.lengths, known.gaps.after(gap_s)))
        self._all = Habits(all_.lengths, all_.gaps.after(gap_s))

    def _of(self, chat_id: int) -> Habits:
        lengths, gaps = self._all.lengths, self._all.gaps
        start = Habits(Lengths(lengths.median_s, lengths.sigma), Pauses(gaps.shares))
        return self._chats.get(chat_id, start)

    def _put(self, chat_id: int, habits: Habits) -> None:
        self._chats[chat_id] = habits
        self._chats.move_to_end(chat_id)
        if len(self._chats) > CHATS:
            self._chats.popitem(last=False)
