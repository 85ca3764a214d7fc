"""Limits on a provider's silence, and what counts as none."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.work.stream import Timeouts, stream
from providers.base import Alive, AsyncGeneratorProvider, Delta, Message, Reasoning
from providers.errors import TimedOut
from tests.leap import leap

HELLO: list[Message] = [{"role": "user", "content": "Hello"}]


class Paced(AsyncGeneratorProvider):
    """Yields its deltas, each after so many seconds."""

    id = "paced"

    def __init__(self, *steps: tuple[float, Delta]) -> None:
        self.options: dict[str, object] = {}
        self._steps = steps

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        self.options = options
        for pause_s, delta in self._steps:
            await asyncio.sleep(pause_s)
            yield delta


def read(provider: Paced, timeouts: Timeouts) -> list[Delta]:
    async def all_of_it() -> list[Delta]:
        return [delta async for delta in stream(provider, None, HELLO, timeouts)]

    return leap(all_of_it())


def test_signs_of_life_before_the_first_text_restart_its_limit() -> None:
    found = read(Paced(*[(40, Alive())] * 5, (40, "Hi")), Timeouts(60, 60))

    assert found[-1] == "Hi"


def test_signs_of_life_between_two_texts_restart_the_limit_between_them() -> None:
    found = read(Paced((0, "Hel"), *[(40, Alive())] * 5, (40, "lo")), Timeouts(60, 60))

    assert [delta for delta in found if isinstance(delta, str)] == ["Hel", "lo"]


def test_signs_of_life_alone_are_believed_for_so_long_and_no_longer() -> None:
    with pytest.raises(TimedOut, match="nothing but signs of life"):
        read(Paced(*[(20, Alive())] * 100), Timeouts(60, 60, hidden_s=600))


def test_what_can_be_shown_is_no_mere_sign_of_life() -> None:
    steps: list[tuple[float, Delta]] = [(40, Alive()), (40, Reasoning("Hm"))] * 30
    found = read(Paced(*steps, (0, "Hi")), Timeouts(60, 60, hidden_s=100))

    assert found[-1] == "Hi"


@pytest.mark.parametrize("steps", [[(61, "late")], [(0, Alive()), (61, "late")], [(0, "Hel"), (61, "lo")]])
def test_a_silence_is_told_and_nobody_is_to_ask_again(steps: list[tuple[float, Delta]]) -> None:
    with pytest.raises(TimedOut, match="silent for") as caught:
        read(Paced(*steps), Timeouts(60, 60))

    assert not caught.value.retryable
    assert caught.value.provider == "paced"


def test_a_provider_is_told_how_long_it_is_waited_for() -> None:
    provider = Paced((0, "Hi"))

    read(provider, Timeouts(7, 3))

    assert (provider.options["first_token_s"], provider.options["token_s"]) == (7, 3)
