"""What the messages are to show is what Telegram stores: nothing is cut, lost or counted otherwise there."""

from aiogram.types import MessageEntity
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.reply.layout import Layout
from bot.reply.markdown import render
from bot.reply.markdown.rendered import Rendered
from bot.reply.split import MAX_ENTITIES, split
from providers.visible import is_visible
from telegram_playground.text.message_text import parse, settle
from telegram_playground.text.normal import kept
from telegram_playground.text.spans import from_entities, to_entities
from tests.thorough import times

PIECES = [
    "\n**",
    "*",
    "***",
    "_",
    "~~",
    "||",
    "`",
    "``",
    "[",
    "](http://a.b/)",
    "![",
    "#",
    ">",
    "-",
    "1.",
    "|",
    "|-|-|",
    "```",
    "@someone_else",
    "a.com/x",
    "https://b.org",
    "#tag",
    "/start",
    "$USD",
    "word\nслово",
    "😀",
    "👩\u200d👩\u200d👧",
    "\u200e",
    "\u200f",
    "\u200e\u200f",
    "\u202e",
    "\u2028",
    "̊",
    "̳",
    "\u200b",
    "⠀",
    "\xad",
    "\t",
    "\x01",
    "$x^2$\n",
]
markdown = st.lists(
    st.sampled_from([*PIECES, " ", " ", "\n", "\n\n", "**b *i* b** ", "*a **b `c` d** e* "]), max_size=60
)
GIVEN = {"bold", "italic", "strikethrough", "spoiler", "code", "pre", "text_link"}
GIVEN |= {"blockquote", "expandable_blockquote"}
DENSE = "**bold `code` *both* bold** ||hidden *and* ~~gone~~|| [l **b** k](http://a.b/) "


@given(markdown.map("".join), st.booleans())
@settings(max_examples=times(20, 300))
@example("**see https://a.org and @someone** `@x`", False)
@example(DENSE * 200, False)
@example("> " + DENSE * 90, True)
@example("# Heading with `code` and *more*\n" * 120, False)
@example("\u200e**\u200fx**\u200e\u200e", False)
def test_what_telegram_stores_is_what_is_shown(text: str, partial: bool) -> None:
    for part in split(render(text, partial=partial)):
        assert stored(part) == part
        assert len(part.entities) <= MAX_ENTITIES


@given(markdown.map("".join))
@example("\u00ad\u3164")
@example("\u0301")
def test_every_final_message_can_be_sent_and_shows_something(text: str) -> None:
    for frame in Layout(7, max_parts=3).final(text):
        assert frame.document is not None or is_visible(frame.text.text)
        assert frame.document is not None or stored(frame.text) == frame.text


def stored(part: Rendered) -> Rendered:
    """Return what Telegram stores of a part, without what it finds in the text by itself and cuts styles at."""
    formatted = settle(parse(part.text, None, part.entities), lambda number: None)
    given = [MessageEntity(**entity) for entity in formatted.entities if entity["type"] in GIVEN]
    entities = to_entities(formatted.text, kept(from_entities(formatted.text, given)))
    return Rendered(formatted.text, tuple(MessageEntity(**entity) for entity in entities))
