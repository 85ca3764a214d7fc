"""How a provider is asked; its limits are in tests/providers/care/test_patience.py."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.work.stream import stream
from providers.base import AsyncGeneratorProvider, Delta, Message
from providers.care.patience import Timeouts
from providers.errors import TimedOut
from tests.leap import leap

HELLO: list[Message] = [{"role": "user", "content": "Hello"}]


class Silent(AsyncGeneratorProvider):
    """Says one word, then nothing."""

    id = "silent"

    def __init__(self) -> None:
        self.options: dict[str, object] = {}

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
        yield "Hel"
        await asyncio.sleep(3_600)


def test_a_provider_is_told_how_long_it_is_waited_for_and_not_waited_for_longer() -> None:
    provider = Silent()

    async def read() -> list[Delta]:
        return [delta async for delta in stream(provider, None, HELLO, Timeouts(7, 3))]

    with pytest.raises(TimedOut, match="silent for 3 s") as caught:
        leap(read())

    assert (provider.options["first_token_s"], provider.options["token_s"]) == (7, 3)
    assert caught.value.provider == "silent"
