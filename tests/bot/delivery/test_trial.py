"""When a call that fails again and again is taken for refused."""

import pytest
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge, TelegramServerError
from aiogram.methods import SendMessage

from bot.delivery.backoff import BACKOFF_S
from bot.delivery.refusal import Failure, Rejected, TooLarge
from bot.delivery.trial import Trial

SEND = SendMessage(chat_id=1, text="x")


def failures(error: Failure, *, others_pass: bool, is_itself: bool) -> int | None:
    """Return the failure at which a call is taken for refused, None where it never is."""
    trial = Trial()
    for number in range(1, 100):
        if trial.blame(error, number if others_pass else 0, is_itself=is_itself):
            return number
    return None


@pytest.mark.parametrize(
    ("error", "others_pass", "is_itself", "count"),
    [
        (TelegramEntityTooLarge(SEND, "too large"), False, True, 3),
        (TelegramEntityTooLarge(SEND, "too large"), False, False, None),
        (TelegramBadRequest(SEND, "what is this"), True, False, 4),
        (TelegramBadRequest(SEND, "what is this"), False, True, 15),
        (TelegramServerError(SEND, "oops"), True, True, 31),
        (TelegramServerError(SEND, "oops"), False, True, None),
    ],
)
def test_evidence_is_what_others_and_getme_meet(
    error: Failure, others_pass: bool, is_itself: bool, count: int | None
) -> None:
    assert failures(error, others_pass=others_pass, is_itself=is_itself) == count


def test_what_is_too_large_is_said_to_be_so() -> None:
    trial = Trial()
    blamed = [trial.blame(TelegramEntityTooLarge(SEND, "x"), 0, is_itself=True) for _ in range(3)]

    assert [type(each) for each in blamed] == [type(None), type(None), TooLarge]
    assert isinstance(blamed[-1], Rejected)


def test_pauses_grow_and_a_refusal_begins_them_anew() -> None:
    trial, pauses = Trial(), []
    for _ in range(5):
        trial.failed(100)
        pauses.append(trial.not_before - 100)

    trial.refused()
    trial.failed(100)

    assert pauses == pytest.approx([*BACKOFF_S, BACKOFF_S[-1]])
    assert trial.not_before - 100 == pytest.approx(BACKOFF_S[0])
