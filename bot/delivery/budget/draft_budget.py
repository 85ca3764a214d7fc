"""How many chat actions and native drafts Telegram allows to each chat: pure, as `budget`."""

from bot.delivery.budget.allowance import Allowance, Allowances
from bot.delivery.budget.bucket import Bucket, Window
from bot.delivery.budget.noted import NOTED_S, Kind, Note, Noted, forget
from bot.delivery.budget.supply import Supply, supply_of

DRAFT_WINDOWS = ((20, 5.0), (40, 30.0))  # calls in seconds, for messages.setTyping: core.telegram.org/api/bots/ai


class DraftBudget:
    """Chat actions and native drafts, apart from sends and edits; used as `Budget` is."""

    def __init__(self, note: Note = forget) -> None:
        self._note = note
        self._chats = Allowances(_draft_allowance)

    def ready_in(self, chat_id: int, now: float) -> float:
        """Return the seconds until a call may be made; 0 = now."""
        return self._chats.at(chat_id, now).ready_in(now)

    def supply(self, chat_id: int, now: float) -> Supply:
        """Return what this chat may spend on drafts, for `pace.wait_s`."""
        allowance = self._chats.at(chat_id, now)
        return supply_of(allowance, allowance, now)

    def spend(self, chat_id: int, now: float) -> None:
        """Hold what a call costs that starts now."""
        self._note(Kind.DRAFT, chat_id, None)
        self._chats.at(chat_id, now).take(now)

    def ended(self, chat_id: int, now: float) -> None:
        """Charge a call that has been answered or given up."""
        self._chats.at(chat_id, now).settle(now, made=True)

    def refused(self, chat_id: int, retry_after_s: float, now: float) -> None:
        """Pause a chat's drafts and actions after a 429."""
        self._note(Kind.DRAFTS_PAUSED, chat_id, retry_after_s)
        self._chats.at(chat_id, now).pause(retry_after_s, now)

    def recall(self, noted: Noted, at: float, now: float) -> None:
        """Take up what an earlier process noted, for a time in the past, or a pause that lasts until one to come."""
        since = now - NOTED_S
        if noted.kind is Kind.DRAFT:
            self._chats.at(noted.chat_id, since).recall(at, since)
        elif now < at:
            self._chats.at(noted.chat_id, now).pause(at - now, now)


def _draft_allowance(chat_id: int, now: float) -> Allowance:
    windows = [Window(calls, span_s) for calls, span_s in DRAFT_WINDOWS]
    calls, span_s = DRAFT_WINDOWS[-1]
    return Allowance(Bucket(calls / span_s, calls, now), windows)
