"""Lines that differ from the one before in one text: what is read of them is what parsing finds."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.wire.chat_completion import ChatCompletion
from providers.wire.repeats import LONG, TRIES, Repeats

TEXTS = st.text(max_size=12) | st.sampled_from(["", " ", '"', "\\", '\\"', "content", "x7", '"}', "\ud83e", "🦊"])
FINISH = st.none() | st.just("stop")
IDS = st.sampled_from(["x7", '"', "🦊"])


def text_in(item: Mapping[str, object]) -> str | None:
    return ChatCompletion().text_alone(item)


def chunk(text: object, finish: str | None = None, **more: object) -> dict[str, object]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {"id": "x7", "choices": [choice], **more}


def line(item: Mapping[str, object], *, is_ascii: bool = True) -> str:
    return f"data: {json.dumps(item, ensure_ascii=is_ascii)}"


def knows(*items: Mapping[str, object]) -> Repeats:
    repeats = Repeats(text_in)
    for item in items:
        repeats.learn(line(item), item)
    return repeats


@given(st.lists(st.tuples(TEXTS, TEXTS, FINISH, IDS, st.booleans())))
def test_a_text_is_only_found_where_parsing_finds_it_alone(
    said: list[tuple[str, str, str | None, str, bool]],
) -> None:
    repeats = Repeats(text_in)
    for text, beside, finish, id_, is_ascii in said:
        item = chunk(text, finish, id=id_, beside=beside)
        written = line(item, is_ascii=is_ascii)

        found = repeats.text(written)
        repeats.learn(written, item)

        assert found is None or found == text == text_in(item)


@given(TEXTS, st.booleans())
def test_a_line_like_the_one_before_is_not_parsed(text: str, is_ascii: bool) -> None:
    repeats = knows(chunk("x7"))

    assert repeats.text(line(chunk(text), is_ascii=is_ascii)) == (text or None)


def test_it_learns_anew_where_something_else_changes() -> None:
    repeats = knows(chunk("Hel"), chunk("lo", created=2))

    assert repeats.text(line(chunk("!"))) is None
    assert repeats.text(line(chunk("!", created=2))) == "!"


def test_it_does_not_learn_for_ever_where_each_line_is_another_one() -> None:
    repeats = knows(*(chunk("word", n=number) for number in range(TRIES + 1)))

    assert repeats.text(line(chunk("word", n=TRIES))) is None
    assert repeats.text(line(chunk("word", n=TRIES - 1))) == "word"


def test_it_goes_on_to_learn_where_that_was_of_use() -> None:
    repeats = knows(chunk("Hel"))
    for number in range(TRIES + 1):
        item = chunk("word", n=number)
        repeats.learn(line(item), item)

        assert repeats.text(line(item)) == "word"


def test_a_long_line_is_not_learned_from() -> None:
    item = chunk("Q", more=["Q"] * LONG)

    assert knows(item).text(line(item)) is None


def test_what_is_nested_too_deeply_is_none() -> None:
    head = line(chunk("\n")).partition('"\\n')[0]

    assert knows(chunk("Hel")).text(head + "[" * 100_000) is None


@pytest.mark.parametrize(
    "end", ['}, "finish_reason": "stop"}]}', '"}, "finish_reason": null}]}', '"}, "finish_reason": null}], "error": 1}']
)
def test_what_does_not_end_like_the_one_before_is_parsed(end: str) -> None:
    repeats = knows(chunk("Hel"))
    head = line(chunk("\n")).partition("\\n")[0]

    assert repeats.text(head + '"lo' + end) is None
    assert repeats.text(head + "lo" + end[1:]) is None
