"""Links stay links among brackets that are none."""

import pytest

from bot.reply.layout import Layout


@pytest.mark.parametrize(
    "piece",
    [
        "fact [1], see [docs](http://a.b/c). ",
        "fact ![1] [docs](http://a.b/c). ",
        "for x[i] = y[j] [docs](http://a.b/c) ",
        "in [0, 1) [docs](http://a.b/c) ",
        "a [b*c*] [docs](http://a.b/c) ",
        "the same [words*] [docs](http://a.b/c)\n\n",
    ],
)
def test_each_link_beside_brackets_is_one(piece: str) -> None:
    frames = Layout(1, max_parts=5).final(piece * 40)

    assert sum(entity.type == "text_link" for frame in frames for entity in frame.text.entities) == 40
