"""The built-in provider: what it says and how fast."""

import asyncio
from random import Random

import pytest

from providers.base import Message
from providers.errors import Incomplete, ModelNotSupported
from providers.guide.topics import text_on
from providers.services.demo import Demo, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import Outcome, outcome


class HurriedClock(FakeClock):
    """Nobody waits: each sleep moves the time."""

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> HurriedClock:
    return HurriedClock()


@pytest.fixture
def demo(http: Http, clock: HurriedClock) -> Demo:
    return Demo(Settings(), http=http, clock=clock, random=Random(1))


def user(*texts: str) -> list[Message]:
    return [{"role": "user", "content": text} for text in texts]


async def ask(demo: Demo, *texts: str, model: str | None = None) -> Outcome:
    return await outcome(demo.create_async_generator(model, user(*texts)))


async def test_the_deltas_make_the_guides_text_and_are_small(demo: Demo) -> None:
    found = await ask(demo, "table")

    assert found.text == text_on("table", "en").rstrip("\n")
    assert max(len(delta) for delta in found.deltas if isinstance(delta, str)) < 12


async def test_the_same_question_gets_the_same_answer(demo: Demo) -> None:
    assert (await ask(demo, "groups")).deltas == (await ask(demo, "groups")).deltas


async def test_it_streams_at_the_configured_speed(http: Http, clock: HurriedClock) -> None:
    demo = Demo(Settings(tokens_per_second=10, first_token_s=2), http=http, clock=clock, random=Random(1))
    start = clock.now()

    found = await ask(demo, "hello")

    assert clock.now() - start == pytest.approx(2 + (len(found.deltas) - 1) / 10)


async def test_a_slow_reader_does_not_add_to_its_pauses(demo: Demo, clock: HurriedClock) -> None:
    answer = demo.create_async_generator(None, user("hello"))
    await anext(answer)
    clock._now += 1000
    late = clock.now()

    rest = [delta async for delta in answer]

    assert len(rest) > 10
    assert clock.now() == late


async def test_slow_begins_late_and_is_slow(demo: Demo, clock: HurriedClock) -> None:
    start = clock.now()
    answer = demo.create_async_generator(None, user("slow"))

    await anext(answer)
    first = clock.now() - start
    rest = [delta async for delta in answer]

    assert first >= 3
    assert (clock.now() - start - first) / len(rest) == pytest.approx(1 / 8)


async def test_its_models_differ_in_speed(demo: Demo, clock: HurriedClock) -> None:
    seconds = {}
    for model in demo.get_models():
        start = clock.now()
        await ask(demo, "hello", model=model)
        seconds[model] = clock.now() - start

    assert seconds["guide-fast"] < seconds["guide"] < seconds["guide-slow"]


async def test_an_unknown_model_is_refused(demo: Demo) -> None:
    assert isinstance((await ask(demo, "hello", model="gpt-5")).error, ModelNotSupported)


async def test_the_last_message_counts(demo: Demo) -> None:
    assert (await ask(demo, "code", "Привет")).text == text_on("hello", "ru").rstrip("\n")


async def test_it_remembers_what_was_said_before(demo: Demo) -> None:
    messages: list[Message] = [
        *user("I like\nfoxes {and} braces"),
        {"role": "assistant", "content": "Fine."},
        *user("what did I say before?"),
    ]

    found = await outcome(demo.create_async_generator(None, messages))

    assert "> I like foxes {and} braces" in found.text
    assert "first message" in (await ask(demo, "what did I say before?")).text


async def test_error_breaks_off_in_mid_sentence(demo: Demo) -> None:
    found = await ask(demo, "error")

    assert found.text.endswith("And now the")
    assert isinstance(found.error, Incomplete)


async def test_reasoning_comes_before_the_answer(demo: Demo) -> None:
    found = await ask(demo, "reasoning")

    assert found.reasoning.startswith("The user wants")
    assert found.text.startswith("Reasoning models")


async def test_system_prompts_and_blank_messages_do_not_confuse_it(demo: Demo) -> None:
    messages: list[Message] = [{"role": "system", "content": "Таблица"}, *user("🦊")]

    found = await outcome(demo.create_async_generator(None, messages))

    assert found.text == text_on("unknown", "en").rstrip("\n")
