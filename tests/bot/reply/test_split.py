"""How a long answer is cut into messages."""

import regex  # type: ignore[import-untyped]  # it ships no types
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bench import stability
from bot.reply.markdown import Renderer, render
from bot.reply.markdown.rendered import Rendered, clip, spans, to_units
from bot.reply.split import MAX_ENTITIES, MAX_PART, split
from tests.bot.looks import check, marked
from tests.thorough import times

ANSWERS = [path.read_text(encoding="utf-8") for path in sorted(stability.ANSWERS.glob("*.md"))]
PIECES = [
    "word ",
    "слово",
    "😀",
    "👩‍👩‍👧‍👦",
    "e\u0301",
    "。",
    ". ",
    "\n",
    "\n\n",
    "**bold** ",
    "`code` ",
    "[link](http://a.b) ",
]
PIECES += ["\n```py\n", "\n\n> ", "\n- ", "\n## ", "    ", "x" * 30]
texts = st.lists(st.sampled_from(PIECES), max_size=80).map("".join).map(render)
limits = st.integers(2, 120)


def test_a_short_text_is_one_part_as_it_is() -> None:
    text = render("**short**")

    assert split(text) == [text]


def test_nothing_is_no_part() -> None:
    assert split(Rendered("")) == []


def test_4096_units_are_one_part_and_one_more_are_two() -> None:
    assert [len(part.text) for part in split(Rendered("x" * 4096))] == [4096]
    assert [len(part.text) for part in split(Rendered("x" * 4097))] == [4096, 1]


def test_an_emoji_counts_as_two_units_and_is_not_cut() -> None:
    assert [part.text for part in split(Rendered("😀" * 5), limit=5)] == ["😀😀", "😀😀", "😀"]


def test_a_family_is_not_torn_apart() -> None:
    family = "👨‍👩‍👧‍👦"

    assert [part.text for part in split(Rendered(family * 3), limit=30)] == [family * 2, family]


def test_a_letter_keeps_its_accents_and_a_flag_both_its_halves() -> None:
    assert [part.text for part in split(Rendered("e\u0301" * 3), limit=3)] == ["e\u0301", "e\u0301", "e\u0301"]
    assert [part.text for part in split(Rendered("🇩🇪" * 3), limit=7)] == ["🇩🇪", "🇩🇪", "🇩🇪"]


def test_the_break_falls_at_a_paragraph_then_a_line_then_a_sentence_then_a_word() -> None:
    assert texts_of("one two. three four\n\nfive\nsix. seven eight", limit=30)[0] == "one two. three four"
    assert texts_of("one two. three four\nfive six. seven eight", limit=30)[0] == "one two. three four"
    assert texts_of("one two three four. five six seven eight", limit=30)[0] == "one two three four."
    assert texts_of("one two three four five six seven eight", limit=30)[0] == "one two three four five six"
    assert texts_of("x" * 40, limit=30) == ["x" * 30, "x" * 10]


def test_a_part_is_at_least_half_full_where_a_worse_break_allows_it() -> None:
    assert texts_of("one\n\n" + "two " * 20, limit=40)[0] == "one\n\n" + "two " * 8 + "two"


def test_a_heading_stays_with_its_text_and_an_introduction_with_its_code() -> None:
    assert texts_of("one two three four\n## Head\nfive six seven", limit=30)[0] == "one two three four"
    assert texts_of("one two three four\n\nLike this:\n```\ncode code\n```", limit=36)[0] == "one two three four"


def test_a_link_is_not_cut_if_it_can_go_to_the_next_part() -> None:
    parts = split(render("one two three [four five six](http://a.b)"), limit=20)

    assert [marked(part) for part in parts] == ["one two three", "[text_link http://a.b]four five six[/]"]


def test_a_code_block_is_opened_again_with_its_language_and_keeps_its_indentation() -> None:
    parts = split(render("```python\nif one:\n    two()\n    three()\n```"), limit=20)

    assert [marked(part) for part in parts] == ["[pre python]if one:\n    two()[/]", "[pre python]    three()[/]"]


def test_a_quote_and_a_style_are_opened_again() -> None:
    parts = split(render("> one **two three** four"), limit=10)

    assert [marked(part) for part in parts] == [
        "[blockquote]one [bold]two[/][/]",
        "[blockquote][bold]three[/] four[/]",
    ]


def test_no_part_has_more_than_100_entities() -> None:
    parts = split(render("`a` " * 250))

    assert [len(part.entities) for part in parts] == [100, 100, 50]


def test_a_blank_page_is_no_part() -> None:
    code = "```\na\n" + " " * 5000 + "b\n```"

    assert [part.text.strip() for part in split(render(code), limit=100)] == ["a", "b"]


def test_an_answer_of_100000_characters_is_cut_into_full_parts() -> None:
    answer = render("\n\n".join(ANSWERS * 12)[:100_000])

    parts = split(answer)

    assert without_blanks("".join(part.text for part in parts)) == without_blanks(answer.text)
    assert len(parts) < 2 * len(to_units(answer.text)) / MAX_PART + sum(len(part.entities) == 100 for part in parts)


def test_full_parts_stay_as_they_are_while_an_answer_grows() -> None:
    answer = "\n\n".join(ANSWERS)
    renderer = Renderer()
    shown: list[Rendered] = []
    changed = 0
    for end in range(60, len(answer), 60):
        parts = split(renderer.render(answer[:end], partial=True), limit=1000)
        changed += sum(before != after for before, after in zip(shown, parts, strict=False))
        shown = parts[:-1]

    assert len(shown) > 5
    assert changed == 0


@given(texts, limits)
@settings(max_examples=times(20, 300))
def test_parts_are_valid_short_and_hold_the_whole_text(text: Rendered, limit: int) -> None:
    parts = split(text, limit=limit)

    for part in parts:
        check(part)
        assert part.text.strip()
        assert len(to_units(part.text)) <= limit
        assert len(part.entities) <= MAX_ENTITIES
    assert without_blanks("".join(part.text for part in parts)) == without_blanks(text.text)


@given(texts, limits, st.data())
@settings(max_examples=times(20, 300))
def test_text_added_at_the_end_changes_no_full_part(text: Rendered, limit: int, data: st.DataObject) -> None:
    units = to_units(text.text)
    end = data.draw(st.integers(0, len(units)))
    assume(not "\udc00" <= units[end : end + 1] <= "\udfff")
    full = split(clip(units, spans(text), 0, end), limit=limit)[:-1]

    assert split(text, limit=limit)[: len(full)] == full


@given(texts, st.integers(60, 200))
@settings(max_examples=times(13, 200))
def test_no_grapheme_is_cut(text: Rendered, limit: int) -> None:
    graphemes = regex.findall(r"\X", text.text)

    assert [each for part in split(text, limit=limit) for each in regex.findall(r"\X", part.text) if each.strip()] == [
        each for each in graphemes if each.strip()
    ]


def texts_of(markdown: str, *, limit: int) -> list[str]:
    return [part.text for part in split(render(markdown), limit=limit)]


def without_blanks(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, " \n\u200d")))
