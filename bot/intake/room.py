"""Room: what of an update's answers is said where too much waits in its chat already; pure."""

from dataclasses import replace

from aiogram.methods import AnswerCallbackQuery, SendMessage

from bot.intake.batch import Asked, Changed, Entry, Outcome
from bot.intake.notice import Method


def answers(entry: Entry, chat_id: int) -> list[SendMessage]:
    """Return the messages that an update is answered by where it happened; strangers are told once and last anyway."""
    match entry.outcome:
        case Asked(methods=methods, if_busy=if_busy):
            methods = (*methods, *if_busy)
        case Changed(methods=methods):
            pass
        case tuple() as methods:
            pass
        case _:
            methods = ()
    return [method for method in methods if isinstance(method, SendMessage) and method.chat_id == chat_id]


def cut(outcome: Outcome, chat_id: int, instead: tuple[Method, ...]) -> Outcome:
    """Say something else in place of all answers; a question is queued all the same, or told that it was too much."""

    def others(methods: tuple[Method, ...]) -> tuple[Method, ...]:
        left = tuple(method for method in methods if not _is_answer(method, chat_id))
        if left == methods:
            return methods
        if any(isinstance(each, AnswerCallbackQuery) for each in instead):  # a press is answered once
            left = tuple(each for each in left if not isinstance(each, AnswerCallbackQuery))
        return (*left, *instead)

    match outcome:
        case Asked(methods=methods, if_busy=if_busy):
            return replace(outcome, methods=others(methods), if_busy=others(if_busy))
        case Changed(methods=methods):
            return replace(outcome, methods=others(methods))
        case tuple() as methods:
            return others(methods)
        case _:
            return outcome


def _is_answer(method: Method, chat_id: int) -> bool:
    return isinstance(method, SendMessage) and method.chat_id == chat_id
