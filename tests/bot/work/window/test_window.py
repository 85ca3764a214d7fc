"""What of a conversation is sent."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.work.window.window import ANSWER_SHARE, TOKENS_PER_IMAGE, estimate, fit, legible, shorten, untaken
from providers.base import Message, Role
from providers.blocks import Block, Image, Text, Unknown
from providers.errors import NotTaken, TooLong
from tests.signs import SIGNS

CAT = Image("9f", "image/jpeg", "cat.jpg", 5120)


def conversation(pairs: int, *, size: int = 40) -> list[Message]:
    messages = [Message(role="system", content="Be brief.")]
    for number in range(pairs):
        messages.append(Message(role="user", content=f"q{number} ".ljust(size, "x")))
        messages.append(Message(role="assistant", content=f"a{number} ".ljust(size, "y")))
    return [*messages, Message(role="user", content="and now?")]


def test_a_short_conversation_is_sent_whole() -> None:
    messages = conversation(3)

    assert fit(messages, 10_000) == messages


def test_a_conversation_ten_times_too_long_loses_its_oldest_exchanges() -> None:
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


def say(role: Role, text: str) -> Message:
    return Message(role=role, content=text)


def test_a_question_goes_with_all_that_was_said_to_it() -> None:
    unanswered = say("user", "q1 ".ljust(400, "x"))
    twice = [say("user", "q2"), say("assistant", "a2 ".ljust(400, "y")), say("assistant", "more")]
    messages = [say("assistant", "Welcome"), unanswered, *twice, say("user", "q3"), say("user", "and now?")]

    sizes = {estimate(unanswered), sum(map(estimate, twice))}

    sent = {
        tuple(str(message["content"])[:2] for message in fit(messages, context_tokens))
        for context_tokens in range(8, 400)
    }
    assert min(sizes) > 100
    assert sent == {
        ("an",),
        ("q3", "an"),
        ("q2", "a2", "mo", "q3", "an"),
        ("q1", "q2", "a2", "mo", "q3", "an"),
        ("We", "q1", "q2", "a2", "mo", "q3", "an"),
    }


ROLES: st.SearchStrategy[Role] = st.sampled_from(["user", "assistant"])


@given(st.lists(st.builds(say, ROLES, st.text(SIGNS, max_size=90))), st.integers(20, 400))
def test_whatever_was_said_what_is_dropped_are_the_oldest_exchanges_and_no_more_than_needed(
    earlier: list[Message], context_tokens: int
) -> None:
    messages = [say("system", "Be brief."), *earlier, say("user", "and now?")]
    starts = [n for n, message in enumerate(messages) if message["role"] == "user" or n == 1]
    room = context_tokens * (1 - ANSWER_SHARE)

    sent = fit(messages, context_tokens)

    cut = len(messages) - len(sent) + 1
    assert sent == [messages[0], *messages[cut:]]
    assert cut in starts
    assert sum(map(estimate, sent)) <= room
    for longer, kept in pairwise(starts):
        if kept == cut:
            assert sum(map(estimate, sent)) + sum(map(estimate, messages[longer:cut])) > int(room)


def test_unanswered_questions_count_as_exchanges_where_a_service_finds_all_too_long() -> None:
    messages = [say("user", "q1"), say("user", "q2"), say("assistant", "a2"), say("user", "q3"), say("user", "now?")]

    assert shorten(messages) == messages[3:]
    assert shorten(messages[3:]) == messages[4:]


def test_a_picture_takes_room() -> None:
    message = Message(role="user", content=[CAT, Text("What is this?")])

    assert estimate(message) == estimate(say("user", "What is this?")) + TOKENS_PER_IMAGE


@pytest.mark.parametrize(
    ("takes", "newest", "missed"),
    [
        (frozenset(), "[image: cat.jpg]\nAnd this?\n[hologram]", {Image, Unknown}),
        ({Image}, (CAT, Text("And this?\n[hologram]", is_foreign=True)), {Unknown}),
    ],
)
def test_a_line_stands_for_what_the_model_does_not_take_and_that_is_known(
    takes: frozenset[type[Block]], newest: object, missed: set[type[Block]]
) -> None:
    older = Message(role="user", content=(CAT, Text("What is this?")))
    asked = Message(role="user", content=(CAT, Text("And this?"), Unknown("hologram", "{}")))

    sent = legible([older, say("assistant", "A cat."), asked], takes)

    assert sent[-1]["content"] == newest
    assert isinstance(sent[0]["content"], str) == (not takes)
    assert untaken(asked, takes) == missed
    assert untaken(say("user", "Hi"), takes) == frozenset()


def test_a_question_that_is_nothing_but_what_the_model_does_not_take_is_not_sent() -> None:
    asked = Message(role="user", content=(CAT, Text(" ")))

    with pytest.raises(NotTaken) as caught:
        legible([say("user", "Hi"), asked], frozenset())

    assert caught.value.kinds == {Image}
    assert legible([asked, say("user", "Hi")], frozenset())[-1] == say("user", "Hi")
    assert legible([asked], {Image}) == [Message(role="user", content=(CAT,))]
    assert legible([say("user", " ")], frozenset()) == [say("user", " ")]
