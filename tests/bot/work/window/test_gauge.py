"""How long a conversation is, as estimated and as the services count it."""

import pytest

from bot.work.window.gauge import Gauge
from bot.work.window.tokens import tokens_in
from providers.base import Message, Usage
from tests.bot.fixed import Fixed

LONG: list[Message] = [Message(role="user", content="word " * 1_000)]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The quick brown fox jumps over the lazy dog, then it runs through the wood until night falls.", 18, 30),
        ("Быстрая рыжая лиса прыгает через ленивую собаку и бежит по лесу до самой ночи.", 18, 45),
        ("敏捷的棕色狐狸跳过懒狗，然后跑过树林直到夜幕降临。", 16, 30),
        ("तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर से कूदती है और जंगल में भागती है।", 18, 70),
        ("🦊🐕🌲🌙🦊🐕🌲🌙", 8, 24),
        ("", 0, 0),
    ],
)  # fmt: skip
def test_the_estimate_goes_by_the_writing(text: str, least: int, most: int) -> None:
    assert least <= tokens_in(text) <= most


def test_what_a_service_counts_corrects_the_estimate_of_its_model_alone() -> None:
    gauge, provider = Gauge(), Fixed("one", models=("a", "b"))
    before = gauge.room(provider, "a")

    for _ in range(20):
        gauge.note(provider, "a", LONG, Usage(2_500, 1))

    assert gauge.room(provider, "a") == pytest.approx(before / 2, rel=0.02)
    assert gauge.room(provider, "b") == before


@pytest.mark.parametrize("usage", [None, Usage(0, 5), Usage(-3, 5)])
def test_a_service_that_counts_nothing_teaches_nothing(usage: Usage | None) -> None:
    gauge, provider = Gauge(), Fixed("one")

    gauge.note(provider, None, LONG, usage)

    assert gauge.room(provider, None) == provider.context_tokens


def test_nonsense_is_believed_only_so_far() -> None:
    gauge, provider = Gauge(), Fixed("one")

    gauge.note(provider, None, LONG, Usage(2**50, 1))

    assert gauge.room(provider, None) == provider.context_tokens // 4


def test_a_short_question_teaches_nothing() -> None:
    gauge, provider = Gauge(), Fixed("one")

    gauge.note(provider, None, [Message(role="user", content="Hi")], Usage(90, 1))

    assert gauge.room(provider, None) == provider.context_tokens
