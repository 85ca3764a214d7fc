"""Calls that a budget grants, made in no time."""

from bot.delivery.budget.budget import Budget
from bot.delivery.priority import Priority

PRIVATE, GROUP = 7, -7
FAR = 1e6  # a bot rate that is never short


def make_call(budget: Budget, chat_id: int, now: float, priority: Priority = Priority.FINAL) -> None:
    """Make a call that takes no time."""
    budget.spend(chat_id, priority, now)
    budget.ended(chat_id, 0.0, now)


def refuse(budget: Budget, chat_id: int, retry_after_s: float, now: float, priority: Priority = Priority.FINAL) -> None:
    """Make a call that is refused at once."""
    make_call(budget, chat_id, now, priority)
    budget.refused(chat_id, retry_after_s, now)


def granted(budget: Budget, chat_id: int, now: float) -> int:
    """Count the calls that are granted at one moment, and make them."""
    count = 0
    while budget.ready_in(chat_id, Priority.FINAL, now) == 0:
        make_call(budget, chat_id, now)
        count += 1
    return count
