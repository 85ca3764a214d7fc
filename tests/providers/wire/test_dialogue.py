"""Conversations for services that are strict about roles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Role
from providers.blocks import Content, Image, Text, text_of
from providers.errors import NothingToSend
from providers.wire.dialogue import dialogue
from tests.signs import SIGNS

ROLES: list[Role] = ["system", "user", "assistant"]
CAT = Image("9f", "image/png", "", 1)


def talk(*said: tuple[Role, str]) -> list[tuple[Role, Content]]:
    return [(role, (Text(text),)) for role, text in said]


def test_system_prompts_are_kept_apart_and_neighbours_are_joined() -> None:
    found = dialogue(talk(("system", "A"), ("user", "b"), ("system", "C"), ("user", "d"), ("assistant", "e")))

    assert found.system == "A\n\nC"
    assert found.turns == talk(("user", "b\n\nd"), ("assistant", "e"))


def test_neighbours_with_pictures_keep_the_order_of_what_they_say() -> None:
    said: list[tuple[Role, Content]] = [("user", (CAT, Text("a"))), ("user", (Text("b"), CAT)), ("user", (CAT,))]

    assert dialogue(said).turns == [("user", (CAT, Text("a\n\nb"), CAT, CAT))]


def test_what_the_assistant_said_first_is_left_out() -> None:
    assert dialogue(talk(("assistant", "Welcome"), ("user", "Hi"))).turns == talk(("user", "Hi"))


def test_without_a_word_of_the_user_there_is_nothing_to_send() -> None:
    with pytest.raises(NothingToSend):
        dialogue(talk(("system", "A"), ("assistant", "b")))


@given(st.lists(st.tuples(st.sampled_from(ROLES), st.text(SIGNS, min_size=1))))
def test_roles_take_turns_and_no_words_of_the_user_are_lost(said: list[tuple[Role, str]]) -> None:
    words = [text for role, text in said if role == "user"]
    if not words:
        return

    turns = dialogue(talk(*said)).turns

    assert [role for role, _ in turns] == [("user", "assistant")[n % 2] for n in range(len(turns))]
    assert "\n\n".join(text_of(content) for role, content in turns if role == "user") == "\n\n".join(words)
