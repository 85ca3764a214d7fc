"""What a model thinks, as it is shown, and how it is told from the answer."""

import pytest

from bot.reply.layout import Layout
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR
from bot.reply.thought import FOLDED, LIVE, answer_in, below, folded, growing

THOUGHTS = {
    "markdown": "**Plan**\n\nFirst `look`, then *answer*.\n- one\n- two",
    "a block of code that stays open": "I write\n```py\nx = 1",
    "the address of a link": "[a]: https://example.org\nSee [a].",
    "one that is long": "I wonder. " * 10_000,
    "one word that is long": "é👨‍👩‍👧" * 10_000,
    "from right to left": "אני חושב על זה. " * 100,
    "many lines": "\n".join(f"step {number}" for number in range(100)),
    "its own mark": "💭 …",
}
ANSWERS = ["Hello [a] there.", "```\ncode\n```", "1. one\n2. two", "> quote\n\nafter", "# Head\n\ntext", "\n\nplain"]


@pytest.mark.parametrize("thought", THOUGHTS.values(), ids=THOUGHTS.keys())
def test_the_last_lines_stand_in_a_quotation_and_are_nothing_of_the_answer(thought: str) -> None:
    shown = growing(thought)

    assert shown.text.startswith("💭 ")
    assert len(shown.text) <= LIVE + 10
    assert [entity.type for entity in shown.entities] == ["blockquote"]
    assert answer_in(Rendered(shown.text + CURSOR, shown.entities)) == CURSOR


@pytest.mark.parametrize("thought", ["", " \n", "\u200b", "\n\n\n"])
def test_blanks_are_no_thought(thought: str) -> None:
    assert (growing(thought).text, folded(thought)) == ("", "")


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("thought", THOUGHTS.values(), ids=THOUGHTS.keys())
def test_what_is_thought_changes_nothing_of_the_answer_below(thought: str, answer: str) -> None:
    alone = Layout(1, max_parts=5).final(answer)[0].text

    (frame,) = Layout(1, max_parts=5).final(folded(thought) + answer.lstrip())

    quotation, *looks = frame.text.entities
    assert quotation.type == "expandable_blockquote"
    assert quotation.length <= FOLDED + 10
    assert answer_in(frame.text) == alone.text
    assert [entity.type for entity in looks] == [entity.type for entity in alone.entities]
    assert below(folded(thought) + answer) == answer
