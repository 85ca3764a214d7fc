"""A silent provider is left; one that shows life, thinks or has begun is waited for. Blanks are no beginning."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from providers.base import Alive, Delta, Reasoning, Revised
from providers.care.patience import MAX_BLANK, Timeouts, patient
from providers.errors import EmptyAnswer, Incomplete, ProviderError, TimedOut
from tests.leap import leap

LIFE = (40.0, Alive())


async def answer_of(*steps: Delta | float | ProviderError) -> AsyncGenerator[Delta, None]:
    for step in steps:
        if isinstance(step, float):
            await asyncio.sleep(step)
        elif isinstance(step, ProviderError):
            raise step
        else:
            yield step


def read(answer: AsyncGenerator[Delta, None], timeouts: Timeouts, *, until_text: bool = False) -> list[Delta]:
    async def all_of_it() -> list[Delta]:
        return [delta async for delta in patient(answer, timeouts, provider="a", until_text=until_text)]

    return leap(all_of_it())


def shown(*steps: Delta | float) -> list[Delta]:
    return [delta for delta in read(answer_of(*steps), Timeouts(60, 60)) if not isinstance(delta, Alive)]


def test_signs_of_life_before_the_first_text_restart_its_limit() -> None:
    assert read(answer_of(*LIFE * 5, 40.0, "Hi"), Timeouts(60, 60))[-1] == "Hi"


def test_signs_of_life_between_two_texts_restart_the_limit_between_them() -> None:
    assert shown("Hel", *LIFE * 5, 40.0, "lo") == ["Hel", "lo"]


def test_signs_of_life_alone_are_believed_for_so_long_and_no_longer() -> None:
    with pytest.raises(TimedOut, match="nothing but signs of life"):
        read(answer_of(*LIFE * 100), Timeouts(60, 60, hidden_s=590))


def test_what_can_be_shown_is_no_mere_sign_of_life() -> None:
    steps: list[Delta | float] = [*LIFE, 40.0, Reasoning("Hm")] * 30

    assert read(answer_of(*steps, "Hi"), Timeouts(60, 60, hidden_s=100))[-1] == "Hi"


@pytest.mark.parametrize("steps", [(61.0, "late"), (Alive(), 61.0, "late"), ("Hel", 61.0, "lo")])
def test_a_silence_is_told_and_nobody_is_to_ask_again(steps: tuple[Delta | float, ...]) -> None:
    with pytest.raises(TimedOut, match="silent for 60 s") as caught:
        read(answer_of(*steps), Timeouts(60, 60))

    assert not caught.value.retryable
    assert caught.value.provider == "a"


@pytest.mark.parametrize("beginning", ["Hel", Revised("Hel")])
def test_until_text_the_limits_end_with_the_first_text(beginning: Delta) -> None:
    assert read(answer_of(beginning, 3_600.0, "lo"), Timeouts(30, 30), until_text=True) == [beginning, "lo"]


def test_until_text_a_thought_or_a_blank_does_not_end_them() -> None:
    for delta in (Reasoning("Hm"), " "):
        with pytest.raises(TimedOut):
            read(answer_of(delta, 31.0, "late"), Timeouts(30, 30), until_text=True)


@pytest.mark.parametrize(("first_token_s", "members", "share_s"), [(60, 2, 30), (60, 3, 20), (15, 3, 10)])
def test_the_callers_patience_is_shared_out(first_token_s: float, members: int, share_s: float) -> None:
    assert Timeouts(first_token_s, 60, 7).shared(members) == Timeouts(share_s, 60 / members, 7)


def test_blanks_wait_for_the_first_text() -> None:
    assert shown("\n", "\u200b", "  ", "Hi", "\n", " there") == ["\n\u200b  Hi", "\n", " there"]
    assert shown("\n", Revised(" "), Revised(" Hi"), Revised("")) == [Revised(" Hi"), Revised("")]
    assert shown("\ud83e", "\udd8a") == ["\ud83e", "\udd8a"]  # halves of a character that is seen
    assert shown(*["\n" * 700] * 3, "Hi") == ["\n" * MAX_BLANK + "Hi"]


@pytest.mark.parametrize("steps", [(), (" ", "\u2800\u200b"), (Revised("\n"),), (Reasoning("Hm"), "\n")])
def test_an_answer_of_blanks_is_none(steps: tuple[Delta, ...]) -> None:
    with pytest.raises(EmptyAnswer) as caught:
        read(answer_of(*steps), Timeouts(60, 60))

    assert caught.value.provider == "a"
    assert caught.value.retryable == (steps == ())  # the model wanted the blanks


def test_blanks_without_end_are_signs_of_life_alone() -> None:
    steps: list[Delta | float] = [20.0, " "] * 100

    with pytest.raises(TimedOut, match="nothing but signs of life"):
        read(answer_of(*steps), Timeouts(60, 60))


def test_a_failure_is_passed_on() -> None:
    with pytest.raises(Incomplete):
        read(answer_of("Hel", Incomplete("x")), Timeouts(60, 60))


def test_closing_it_closes_the_provider_but_does_not_wait_for_ever() -> None:
    closed = []

    async def slow_to_close() -> AsyncGenerator[Delta, None]:
        try:
            yield "Hi"
        finally:
            closed.append(True)
            await asyncio.sleep(3_600)

    async def close() -> float:
        answer = patient(slow_to_close(), Timeouts(60, 60), provider="a")
        await anext(answer)
        await answer.aclose()
        return asyncio.get_running_loop().time()

    assert leap(close()) < 10
    assert closed
