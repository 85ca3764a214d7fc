"""The contract's own parts: models, messages, prompts."""

import pytest

from providers.base import Message, ProviderModelMixin, as_taken, content_text, contents_of, format_prompt, texts_of
from providers.blocks import Image, Text
from providers.errors import ModelNotSupported, NothingToSend


class Models(ProviderModelMixin):
    id = "some"
    default_model = "big"
    models = ("big", "small")
    model_aliases = {"b": "big"}  # noqa: RUF012 - read only


class OneModel(ProviderModelMixin):
    id = "one"
    default_model = "only"


class AnyModel(ProviderModelMixin):
    id = "any"


@pytest.mark.parametrize(("name", "model"), [(None, "big"), ("", "big"), ("b", "big"), ("small", "small")])
def test_a_name_an_alias_or_nothing_is_resolved_to_a_model(name: str | None, model: str) -> None:
    assert Models().get_model(name) == model


def test_an_unknown_model_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ModelNotSupported) as caught:
        Models().get_model("huge")

    assert (caught.value.model, caught.value.models, caught.value.provider) == ("huge", ["big", "small"], "some")
    assert "huge" in caught.value.reason
    assert "huge" not in str(caught.value)


def test_without_a_list_the_default_model_is_the_only_one() -> None:
    assert OneModel().get_models() == ["only"]


def test_a_provider_that_lists_no_models_takes_any() -> None:
    assert AnyModel().get_model("whatever") == "whatever"
    assert AnyModel().get_models() == []


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("x", "x"),
        (None, ""),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}, {"type": "text"}], "ab"),
    ],
)
def test_the_text_of_a_content_is_its_text_parts(content: object, text: str) -> None:
    assert content_text(content) == text  # type: ignore[arg-type]  # parametrize knows no types


HELLO: Message = {"role": "user", "content": "Hello"}


@pytest.mark.parametrize(
    ("messages", "prompt"),
    [
        ([HELLO], "Hello"),
        ([{"role": "system", "content": " x\ny "}], " x\ny "),
        ([{"role": "assistant", "content": ""}, {"role": "user", "content": "Hi"}], "User: Hi\nAssistant:"),
        (
            [{"role": "system", "content": "Be brief"}, HELLO, {"role": "assistant", "content": " Hi!\n"}, HELLO],
            "System: Be brief\nUser: Hello\nAssistant:  Hi!\n\nUser: Hello\nAssistant:",
        ),
    ],
)
def test_a_conversation_becomes_one_prompt(messages: list[Message], prompt: str) -> None:
    assert format_prompt(messages) == prompt


@pytest.mark.parametrize(
    "messages", [[], [{"role": "user", "content": " \n"}], [{"role": "user", "content": None}] * 2]
)
def test_without_text_there_is_nothing_to_send(messages: list[Message]) -> None:
    with pytest.raises(NothingToSend):
        format_prompt(messages)
    with pytest.raises(NothingToSend):
        texts_of(messages)


def test_messages_without_text_are_left_out_of_a_conversation() -> None:
    assert texts_of([HELLO, {"role": "assistant", "content": " "}, HELLO]) == [("user", "Hello")] * 2


CAT = Image("9f", "image/png", "cat.png", 3)
SEEN: list[Message] = [
    {"role": "user", "content": [CAT, Text("What is "), Text("this?")]},
    {"role": "assistant", "content": [Text("A cat."), CAT]},
    {"role": "user", "content": [CAT]},
    {"role": "user", "content": "Sure?"},
]


def test_a_provider_of_texts_reads_a_line_in_the_place_of_a_picture() -> None:
    line = "[image: cat.png]"

    assert texts_of(SEEN) == [
        ("user", f"{line}\nWhat is this?"),
        ("assistant", f"A cat.\n{line}"),
        ("user", line),
        ("user", "Sure?"),
    ]
    assert format_prompt(SEEN[2:3]) == line
    assert content_text(SEEN[0]["content"]) == f"{line}\nWhat is this?"
    assert [message["content"] for message in as_taken(SEEN, ())] == [text for _, text in texts_of(SEEN)]


def test_a_provider_that_takes_pictures_gets_those_of_the_user() -> None:
    assert as_taken(SEEN, {Image}) == [
        {"role": "user", "content": (CAT, Text("What is this?"))},
        {"role": "assistant", "content": "A cat.\n[image: cat.png]"},
        {"role": "user", "content": (CAT,)},
        SEEN[3],
    ]


def test_a_picture_whose_bytes_are_not_there_is_a_line() -> None:
    assert contents_of(SEEN[2:], {Image}, {"9f": b"cat"})[0] == ("user", (CAT,))
    assert contents_of(SEEN[2:], {Image}, {})[0] == ("user", (Text("[image: cat.png]", is_foreign=True),))
