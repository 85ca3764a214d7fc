"""What becomes of a text on its way into a message."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.protocol.errors import ApiError
from telegram_playground.text.message_text import parse, settle
from tests.telegram_playground.raw_bot import RawBot


async def _sent(raw: RawBot, chat: Chat, text: str, **more: object) -> tuple[str, list[dict[str, object]]]:
    message = await raw("sendMessage", chat_id=chat.id, text=text, **more)
    return message["text"], message.get("entities", [])


@pytest.mark.parametrize(
    ("text", "mode", "description"),
    [
        ("", None, "Bad Request: message text is empty"),
        (None, None, "Bad Request: message text is empty"),
        (" \n\t", None, "Bad Request: text must be non-empty"),
        ("<b> </b>", "HTML", "Bad Request: text must be non-empty"),
        ("**", "MarkdownV2", "Bad Request: text must be non-empty"),
    ],
)
async def test_empty_and_blank_texts_are_refused_differently(
    raw: RawBot, chat: Chat, text: str | None, mode: str | None, description: str
) -> None:
    assert await raw.refused("sendMessage", chat_id=chat.id, text=text, parse_mode=mode) == description


async def test_a_text_is_cleaned_and_trimmed(raw: RawBot, chat: Chat) -> None:
    assert await _sent(raw, chat, "\n  a\tb\r\nc\u2028\x01  d \n ") == ("a b\nc   d", [])


async def test_leading_blanks_stay_where_an_entity_begins_there(raw: RawBot, chat: Chat) -> None:
    code = [{"type": "pre", "offset": 2, "length": 6}]

    assert await _sent(raw, chat, "\n     x \n", entities=[{"type": "pre", "offset": 0, "length": 7}]) == (
        "\n     x",
        [{"type": "pre", "offset": 0, "length": 7}],
    )
    assert await _sent(raw, chat, "\r\r\n  xyz", entities=code) == (
        "\n  xyz",
        [{"type": "pre", "offset": 0, "length": 6}],
    )


@pytest.mark.parametrize(
    ("unit", "text", "fits"),
    [
        ("utf16", "x" * 4096, True),
        ("utf16", "x" * 4097, False),
        ("utf16", "😀" * 2048, True),
        ("utf16", "😀" * 2049, False),
        ("codepoints", "😀" * 4096, True),
        ("codepoints", "😀" * 4097, False),
        ("utf16", "x" * 4096 + " \n" * 9, True),
    ],
)
async def test_a_text_has_at_most_4096_units(
    raw: RawBot, people: PlaygroundClient, chat: Chat, unit: str, text: str, fits: bool
) -> None:
    await people.set(length_unit=unit)

    answer = await raw.call("sendMessage", chat_id=chat.id, text=text)

    assert (answer.status == 200) is fits


async def test_too_long_texts_are_refused_differently_by_send_and_edit(raw: RawBot, chat: Chat) -> None:
    sent = await raw("sendMessage", chat_id=chat.id, text="x")
    place = {"chat_id": chat.id, "message_id": sent["message_id"]}

    assert await raw.refused("sendMessage", chat_id=chat.id, text="x" * 4097) == "Bad Request: message is too long"
    assert await raw.refused("editMessageText", text="x" * 4097, **place) == "Bad Request: MESSAGE_TOO_LONG"
    markup_heavy = "<b>x</b>" * 4097
    assert await raw.refused("sendMessage", chat_id=chat.id, text=markup_heavy, parse_mode="HTML") == (
        "Bad Request: text is too long"
    )
    assert await raw.refused("sendMessage", chat_id=chat.id, text="я" * 16385) == "Bad Request: text is too long"


def _entity(kind: str, offset: int, length: int, **more: str) -> dict[str, object]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("mode", "text", "shown", "entities"),
    [
        (
            "html",
            "😀 <b>x<i>y</i></b>",
            "😀 xy",
            [_entity("bold", 3, 1), _entity("bold", 4, 1), _entity("italic", 4, 1)],
        ),
        ("HTML", "a &lt;&amp;&#65; <code>c</code>", "a <&A c", [_entity("code", 6, 1)]),
        (
            "HTML",
            '<pre><code class="language-py">x = 1\n</code></pre>',
            "x = 1",
            [_entity("pre", 0, 5, language="py")],
        ),
        (
            "HTML",
            '<a href="http://example.com">l</a> <tg-spoiler>s</tg-spoiler>',
            "l s",
            [_entity("text_link", 0, 1, url="http://example.com/"), _entity("spoiler", 2, 1)],
        ),
        ("HTML", "<blockquote expandable>q</blockquote>", "q", [_entity("expandable_blockquote", 0, 1)]),
        (
            "MarkdownV2",
            "*b _i_* __u__ ~s~ ||p|| `c`",
            "b i u s p c",
            [
                _entity("bold", 0, 2),
                _entity("bold", 2, 1),
                _entity("italic", 2, 1),
                _entity("underline", 4, 1),
                _entity("strikethrough", 6, 1),
                _entity("spoiler", 8, 1),
                _entity("code", 10, 1),
            ],
        ),
        ("MarkdownV2", "1\\. \\*", "1. *", []),
        ("MarkdownV2", "```py\nx_y\n```", "x_y", [_entity("pre", 0, 3, language="py")]),
        ("MarkdownV2", ">q\n>r\nend", "q\nr\nend", [_entity("blockquote", 0, 4)]),
        ("MarkdownV2", ">q\n>r||\nend", "q\nr\nend", [_entity("expandable_blockquote", 0, 3)]),
        ("MarkdownV2", "[a](http://b.c/\\))", "a", [_entity("text_link", 0, 1, url="http://b.c/)")]),
        (
            "Markdown",
            "*b* _i_ `c` [l](http://b.c) \\*",
            "b i c l *",
            [
                _entity("bold", 0, 1),
                _entity("italic", 2, 1),
                _entity("code", 4, 1),
                _entity("text_link", 6, 1, url="http://b.c/"),
            ],
        ),
        ("none", "<b>", "<b>", []),
    ],
)
async def test_markup_becomes_entities(
    raw: RawBot, chat: Chat, mode: str, text: str, shown: str, entities: list[dict[str, object]]
) -> None:
    assert await _sent(raw, chat, text, parse_mode=mode) == (shown, entities)


@pytest.mark.parametrize(
    ("mode", "text", "reason"),
    [
        ("HTML", "я <b>x", "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        ("HTML", "я <x>", 'can\'t parse entities: Unsupported start tag "x" at byte offset 3'),
        (
            "HTML",
            "<b>x</i>",
            'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ("HTML", "я<b", "can't parse entities: Unclosed start tag at byte offset 2"),
        ("HTML", "x</b>", "can't parse entities: Unexpected end tag at byte offset 1"),
        ("MarkdownV2", "я *x", "can't parse entities: Can't find end of Bold entity at byte offset 3"),
        ("MarkdownV2", "```\nx", "can't parse entities: Can't find end of Pre entity at byte offset 0"),
        (
            "MarkdownV2",
            "1. x",
            "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
        ),
        ("MarkdownV2", "[x](http://a.b", "can't parse entities: Can't find end of a URL at byte offset 4"),
        ("Markdown", "я *x", "can't parse entities: Can't find end of the entity starting at byte offset 3"),
        ("Markup", "x", "unsupported parse_mode"),
    ],
)
async def test_bad_markup_is_refused_with_its_place(raw: RawBot, chat: Chat, mode: str, text: str, reason: str) -> None:
    assert await raw.refused("sendMessage", chat_id=chat.id, text=text, parse_mode=mode) == f"Bad Request: {reason}"


async def test_a_parse_mode_beats_entities(raw: RawBot, chat: Chat) -> None:
    beaten = [_entity("italic", 0, 1)]

    assert (await _sent(raw, chat, "<b>ab</b>", parse_mode="HTML", entities=beaten))[1] == [_entity("bold", 0, 2)]


async def test_entities_beyond_a_hundred_are_dropped_without_a_word(raw: RawBot, chat: Chat) -> None:
    entities = [_entity("code", 2 * number, 1) for number in range(120)]

    assert (await _sent(raw, chat, "x " * 120, entities=entities))[1] == entities[:100]


@pytest.mark.parametrize(
    ("offset", "length", "reason"),
    [
        (1, 1, "Bad Request: entity begins in a middle of a UTF-16 symbol"),
        (0, 1, "Bad Request: entity ends in a middle of a UTF-16 symbol"),
        (2, 9, "Bad Request: entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 11"),
        (-1, 1, "Bad Request: receive an entity with incorrect offset"),
    ],
)
async def test_entities_that_do_not_fit_the_text_are_refused(
    raw: RawBot, chat: Chat, offset: int, length: int, reason: str
) -> None:
    refused = await raw.refused("sendMessage", chat_id=chat.id, text="😀 x", entities=[_entity("bold", offset, length)])

    assert refused.startswith(reason)


async def test_links_to_invalid_hosts_stay_plain_and_users_are_mentioned_by_id(
    raw: RawBot, chat: Chat, ann: User
) -> None:
    text = f'<a href="http://localhost/x">a</a> <a href="tg://user?id={ann.id}">b</a> <a href="tg://user?id=1">c</a>'

    shown, entities = await _sent(raw, chat, text, parse_mode="HTML")

    assert shown == "a b c"
    assert [(entity["type"], entity["offset"]) for entity in entities] == [("text_mention", 2)]
    assert entities[0]["user"] == ann.raw
    assert (await _sent(raw, chat, "x", entities=[_entity("text_link", 0, 1, url="nowhere")]))[1] == []


async def test_what_telegram_finds_by_itself_becomes_entities(raw: RawBot, chat: Chat) -> None:
    text = "/go@test_bot @anna #tag $USD a@b.org example.com http://x.org/a_(b). 3.14 a/b"

    shown, entities = await _sent(raw, chat, text)

    found = [shown[int(str(e["offset"])) : int(str(e["offset"])) + int(str(e["length"]))] for e in entities]
    assert found == ["/go@test_bot", "@anna", "#tag", "$USD", "a@b.org", "example.com", "http://x.org/a_(b)"]
    assert (await _sent(raw, chat, "`@anna`", parse_mode="MarkdownV2"))[1] == [_entity("code", 0, 5)]


@given(
    st.text(alphabet="ab😀 \n\t*_`~|[]()<>/!>\\&;#.=\"'\u2028", max_size=60),
    st.sampled_from(["HTML", "MarkdownV2", "Markdown", None]),
)
def test_no_text_breaks_the_parser_and_every_entity_fits(text: str, mode: str | None) -> None:
    try:
        formatted = settle(parse(text, mode, None), lambda user: None)
    except ApiError:
        return

    units = len(formatted.text.encode("utf-16-le")) // 2
    assert formatted.text == formatted.text.rstrip(" \n")
    assert not re.search(r"[\t\r\u2028]", formatted.text)
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= units for e in formatted.entities)
