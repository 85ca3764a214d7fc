"""What of a conversation is sent."""

import pytest

from bot.work.window import ANSWER_SHARE, estimate, fit, shorten
from providers.base import Message
from providers.errors import TooLong


def conversation(pairs: int, *, size: int = 40) -> list[Message]:
    messages = [Message(role="system", content="Be brief.")]
    for number in range(pairs):
        messages.append(Message(role="user", content=f"q{number} ".ljust(size, "x")))
        messages.append(Message(role="assistant", content=f"a{number} ".ljust(size, "y")))
    return [*messages, Message(role="user", content="and now?")]


def test_a_short_conversation_is_sent_whole() -> None:
    messages = conversation(3)

    assert fit(messages, 10_000) == messages


def test_a_conversation_ten_times_too_long_loses_its_oldest_pairs() -> None:
    messages = conversation(200)
    room = sum(map(estimate, messages)) // 10

    sent = fit(messages, room)

    assert sum(map(estimate, sent)) <= room * (1 - ANSWER_SHARE)
    assert sent[0] == messages[0]
    assert sent[1:] == messages[-len(sent) + 1 :]
    assert [message["role"] for message in sent[1:-1]] == ["user", "assistant"] * ((len(sent) - 2) // 2)
    assert len(sent) > 10


def test_the_newest_message_stays_even_if_nothing_else_fits() -> None:
    messages = [*conversation(2, size=400)[:-1], Message(role="user", content="x" * 200)]

    assert fit(messages, 100) == [messages[0], messages[-1]]


def test_a_message_that_alone_is_too_long_is_refused() -> None:
    with pytest.raises(TooLong):
        fit([Message(role="user", content="x" * 10_000)], 1_000)


def test_what_a_service_finds_too_long_is_halved_until_only_the_prompt_is_left() -> None:
    messages = conversation(5)

    lengths = []
    while len(messages) > 2:
        messages = shorten(messages)
        lengths.append(len(messages))

    assert lengths == [6, 4, 2]
    assert messages == [conversation(0)[0], conversation(0)[-1]]
    with pytest.raises(TooLong):
        shorten(messages)
