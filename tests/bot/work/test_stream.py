"""Limits on a provider's silence, and what counts as none."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.work.stream import Timeouts, stream
from providers.base import Alive, AsyncGeneratorProvider, Delta, Message, Reasoning
from providers.errors import TimedOut

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


async def read(provider: Paced, timeouts: Timeouts) -> list[Delta]:
    return [delta async for delta in stream(provider, None, HELLO, timeouts)]


async def test_signs_of_life_before_the_first_text_restart_its_limit() -> None:
    found = await read(Paced(*[(0.04, Alive())] * 5, (0.04, "Hi")), Timeouts(0.1, 0.1))

    assert found[-1] == "Hi"


async def test_signs_of_life_between_two_texts_restart_the_limit_between_them() -> None:
    found = await read(Paced((0, "Hel"), *[(0.04, Alive())] * 5, (0.04, "lo")), Timeouts(0.1, 0.1))

    assert [delta for delta in found if isinstance(delta, str)] == ["Hel", "lo"]


async def test_signs_of_life_alone_are_believed_for_so_long_and_no_longer() -> None:
    with pytest.raises(TimedOut, match="nothing but signs of life"):
        await read(Paced(*[(0.02, Alive())] * 100), Timeouts(0.1, 0.1, hidden_s=0.2))


async def test_what_can_be_shown_is_no_mere_sign_of_life() -> None:
    steps: list[tuple[float, Delta]] = [(0.02, Alive()), (0.02, Reasoning("Hm"))] * 8
    found = await read(Paced(*steps, (0, "Hi")), Timeouts(0.1, 0.1, hidden_s=0.1))

    assert found[-1] == "Hi"


@pytest.mark.parametrize("steps", [[(1.0, "late")], [(0.0, Alive()), (1.0, "late")], [(0.0, "Hel"), (1.0, "lo")]])
async def test_a_silence_is_told_and_nobody_is_to_ask_again(steps: list[tuple[float, Delta]]) -> None:
    with pytest.raises(TimedOut, match="silent for") as caught:
        await read(Paced(*steps), Timeouts(0.05, 0.05))

    assert not caught.value.retryable
    assert caught.value.provider == "paced"


async def test_a_provider_is_told_how_long_it_is_waited_for() -> None:
    provider = Paced((0, "Hi"))

    await read(provider, Timeouts(7, 3))

    assert (provider.options["first_token_s"], provider.options["token_s"]) == (7, 3)
