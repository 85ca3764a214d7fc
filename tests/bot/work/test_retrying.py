"""When a provider is asked again, and when its failure is told at once."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from bot.work.fold import Fold
from bot.work.retrying import SILENT_WAIT_S, Retrying
from providers.base import Alive, AsyncGeneratorProvider, Delta, Message
from providers.care.patience import Timeouts
from providers.errors import NoConnection, ProviderError, RateLimited, Refused, TooLong
from tests.clock import FakeClock

DOWN = NoConnection("connection refused", provider="scripted")
HISTORY: list[Message] = [
    {"role": "user", "content": "one"},
    {"role": "assistant", "content": "two"},
    {"role": "user", "content": "three"},
]


class Scripted(AsyncGeneratorProvider):
    """Plays one script for each time that it is asked: deltas and errors."""

    id = "scripted"

    def __init__(self, *scripts: Sequence[Delta | ProviderError]) -> None:
        self._scripts = list(scripts)
        self.asked: list[list[object]] = []

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append([message["content"] for message in messages])
        for step in self._scripts.pop(0):
            if isinstance(step, ProviderError):
                raise step
            yield step


async def ask(provider: Scripted, clock: FakeClock, waits: list[str] | None = None) -> str:
    """Ask, the clock advancing by itself; return the text. Raises ProviderError."""
    fold = Fold(limit=1_000)
    told = waits if waits is not None else []
    retrying = Retrying(
        provider,
        None,
        clock=clock,
        timeouts=Timeouts(60, 30),
        show=lambda: None,
        wait=lambda: told.append("loading"),
    )
    asking = asyncio.ensure_future(retrying.ask(HISTORY, fold))
    while not asking.done():
        await clock.advance(0.1)
    await asking
    return fold.text


async def test_a_service_that_is_away_for_a_moment_is_asked_again(clock: FakeClock) -> None:
    provider = Scripted([DOWN], [DOWN], ["Hello."])

    assert await ask(provider, clock) == "Hello."
    assert len(provider.asked) == 3


async def test_one_that_stays_away_is_told_after_three_tries(clock: FakeClock) -> None:
    provider, began = Scripted([DOWN], [DOWN], [DOWN], ["never"]), clock.now()

    with pytest.raises(NoConnection):
        await ask(provider, clock)

    assert len(provider.asked) == 3
    assert clock.now() - began < 10


async def test_once_there_is_text_nothing_is_asked_again(clock: FakeClock) -> None:
    provider = Scripted(["Once upon", DOWN], ["Another story"])

    with pytest.raises(NoConnection):
        await ask(provider, clock)

    assert len(provider.asked) == 1


@pytest.mark.parametrize(("wait_s", "asked"), [(2.0, 2), (SILENT_WAIT_S, 2), (SILENT_WAIT_S + 1, 1), (None, 1)])
async def test_a_short_wait_that_the_service_names_is_kept_and_a_long_one_told(
    wait_s: float | None, asked: int, clock: FakeClock
) -> None:
    provider = Scripted([RateLimited("429", provider="scripted", retry_after_s=wait_s)], ["Hello."])

    try:
        text = await ask(provider, clock)
    except RateLimited:
        text = ""

    assert (len(provider.asked), text) == (asked, "Hello." if asked > 1 else "")


async def test_what_is_too_long_is_asked_again_with_less_of_the_history(clock: FakeClock) -> None:
    provider = Scripted([TooLong("context", provider="scripted")], ["Hello."])

    assert await ask(provider, clock) == "Hello."
    assert provider.asked == [["one", "two", "three"], ["three"]]


async def test_a_refusal_is_never_asked_again(clock: FakeClock) -> None:
    provider = Scripted([Refused("policy", provider="scripted")], ["Hello."])

    with pytest.raises(Refused):
        await ask(provider, clock)

    assert len(provider.asked) == 1


async def test_that_a_model_is_loaded_is_told_once(clock: FakeClock) -> None:
    waits: list[str] = []

    await ask(Scripted([Alive(loading=True), Alive(loading=True), "Hello."]), clock, waits)

    assert waits == ["loading"]
