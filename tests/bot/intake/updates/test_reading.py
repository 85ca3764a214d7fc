"""Whatever is strange in an update, the rest of it is read."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from aiogram import Bot

from bot.intake.message.mention import addressed, author
from bot.intake.updates.reading import Reading, read, update_id
from bot.texts.en import EN
from tests.bot.door import ME, TOKEN, Door
from tests.bot.raw import ANN, BOB, GROUP, THE_BOT, Raw, member, message, pressed, private, said, shown, update
from tests.thorough import IS_THOROUGH

TEXT = "@DeltaBot what is this?"
WRONG: list[Any] = [None, True, -1, 1.5, 2**70, float("nan"), "x", "\ud83d", [], [None], [[7]], {}, {"type": "new"}]
RICH: Raw = {
    "message_thread_id": 7,
    "is_topic_message": True,
    "forward_origin": {"type": "user", "sender_user": BOB, "date": 1_700_000_000},
    "reply_to_message": message(
        "Before", person=BOB, chat=GROUP, photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
    ),
    "quote": {"text": "Bef", "position": 0, "is_manual": True},
    "link_preview_options": {"url": "https://example.org", "is_disabled": False},
    "via_bot": {"id": 5, "is_bot": True, "first_name": "Via"},
    "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}, {"text": "c", "url": "https://e.org"}]]},
    "effect_id": "1",
    "sender_boost_count": 3,
}
BIG = said(
    TEXT,
    chat=GROUP,
    entities=[{"type": "mention", "offset": 0, "length": 9}, {"type": "bold", "offset": 1, "length": 2}],
    **RICH,
)
CHANGES = [
    ("forward_origin", {"type": "hologram", "from": 1}),
    ("paid_media", {"star_count": "many", "paid_media": [{"type": "new"}]}),
    ("checklist", {"title": 1}),
    ("photo", {"file_id": "not a list"}),
    ("entities", [{"type": "mention", "offset": "0", "length": None}]),
    ("reply_markup", {"inline_keyboard": [[{"text": "x", "pay": "?"}], 7]}),
    ("external_reply", {"origin": {"type": "new"}}),
    ("reply_to_message", {"message_id": "?"}),
    ("poll", {"id": 1, "type": []}),
    ("gift", {"gift": None}),
    ("voice", "a voice"),
]


@pytest.fixture
def bot() -> Bot:
    return Bot(TOKEN)


def paths(content: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Return where something stands in JSON."""
    items = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for step, inner in items:
        yield (*at, step)
        yield from paths(inner, (*at, step))


def corrupted(raw: Raw, path: tuple[str | int, ...], wrong: object, *, gone: bool = False) -> Raw:
    """Return an update with something else, or nothing, at a path."""
    found: Any = json.loads(json.dumps(raw))  # nothing in it is shared
    parent = found
    for step in path[:-1]:
        parent = parent[step]
    if gone:
        del parent[path[-1]]
    else:
        parent[path[-1]] = wrong
    result: Raw = found
    return result


def some(whole: Sequence[object], number: int) -> Sequence[object]:
    """Return every third one, for each path others; all of them where the proof is to be thorough."""
    return whole if IS_THOROUGH else whole[number % 3 :: 3]


def variants(raw: Raw) -> Iterator[tuple[str, Raw]]:
    for number, path in enumerate(paths(raw)):
        if path != ("update_id",):
            for wrong in some(WRONG, number):
                yield f"{path} {wrong!r}", corrupted(raw, path, wrong)
            yield f"{path} gone", corrupted(raw, path, None, gone=True)


NEEDED = {("message",), ("message", "text"), ("message", "chat"), ("message", "chat", "id"), ("message", "from")}
NEEDED |= {("message", "from", "id")}


# What is strange, but can be read: another bot, another kind of chat, a mention that is none or stands elsewhere.
SAYS_SOMETHING_ELSE: list[tuple[str | int, object]] = [
    ("is_bot", True),
    *[("type", text) for text in ("x", "\ud83d")],
    *[(name, number) for name in ("offset", "length") for number in (True, -1)],
]


def test_whatever_is_corrupted_the_question_its_author_and_its_place_are_read(bot: Bot) -> None:
    lost = []
    for number, path in enumerate(paths(BIG)):
        if path == ("update_id",) or path in NEEDED:
            continue
        for wrong in some(WRONG, number):
            reading = read(corrupted(BIG, path, wrong), bot)
            found = reading and reading.update.message
            asked = found and addressed(found, ME)
            who = found and author(found)
            is_whole = found and asked and "what is this?" in asked and found.chat.id == GROUP["id"]
            if not (is_whole and who and who.id == ANN["id"]) and (path[-1], wrong) not in SAYS_SOMETHING_ELSE:
                lost.append((path, wrong))

    assert lost == []


def test_in_private_the_author_is_read_off_the_chat_and_the_chat_off_the_author(bot: Bot) -> None:
    raw = said("Hello")
    for path in (("message", "from"), ("message", "from", "id"), ("message", "chat", "id")):
        for wrong in WRONG:
            if path[-1] == "id" and wrong in (True, -1):
                continue  # an id, though nobody's
            reading = read(corrupted(raw, path, wrong), bot)
            assert reading
            found = reading.update.message
            assert found
            assert found.text == "Hello"
            assert (found.chat.id, found.from_user and found.from_user.id) == (ANN["id"], ANN["id"]), (path, wrong)


@pytest.mark.parametrize(
    "raw",
    [
        BIG,
        said("Hello"),
        said(caption="Hello", photo=[{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]),
        update(edited_message=message("Hello", edit_date=1)),
        pressed("stop:1:0", under=shown(chat=GROUP, reply_markup=RICH["reply_markup"])),
        member("left", "administrator", chat=GROUP),
        update(stopped_message_generation={"chat": private(ANN), "draft_id": 5}),
    ],
    ids=["rich", "plain", "photo", "edited", "press", "member", "stopped"],
)
def test_nothing_that_can_be_corrupted_breaks_the_reading(bot: Bot, raw: Raw) -> None:
    for _, changed in variants(raw):
        reading = read(changed, bot)
        assert reading is None or isinstance(reading, Reading)


def test_a_press_is_read_whatever_is_strange_in_the_message_above_it(bot: Bot) -> None:
    raw = pressed("stop:1:0", under=shown(chat=GROUP, reply_markup=RICH["reply_markup"]))
    for path in paths(raw["callback_query"]["message"], ("callback_query", "message")):
        for wrong in WRONG:
            reading = read(corrupted(raw, path, wrong), bot)
            assert reading, (path, wrong)
            assert reading.update.callback_query, (path, wrong)
            assert reading.update.callback_query.data == "stop:1:0"


@pytest.mark.parametrize("status", ["guest", None, 7, "administrator", "restricted", "left"])
def test_a_membership_of_an_unknown_kind_is_one(bot: Bot, status: object) -> None:
    raw = member("left", "member", chat=GROUP)
    raw["my_chat_member"]["new_chat_member"] = {"status": status, "user": THE_BOT, "until_date": "soon"}

    reading = read(raw, bot)

    assert reading
    assert reading.update.my_chat_member
    expected = status if status in ("administrator", "restricted", "left") else "member"
    assert reading.update.my_chat_member.new_chat_member.status == expected


@pytest.mark.parametrize(("field", "strange"), CHANGES, ids=[field for field, _ in CHANGES])
async def test_a_question_with_a_strange_part_is_asked(door: Door, field: str, strange: object) -> None:
    fields: Raw = {field: strange}
    await door.knock(said("What is this?", **fields))

    (asked,) = await door.asked()
    assert asked.startswith("What is this?")


@pytest.mark.parametrize("wrong", [wrong for wrong in WRONG if not isinstance(wrong, str)])
@pytest.mark.parametrize("path", [("message", "text"), ("message", "chat")], ids=str)
async def test_who_sent_what_cannot_be_read_at_all_is_told(door: Door, path: tuple[str, ...], wrong: object) -> None:
    told = await door.told(corrupted(said("Hello"), path, wrong))

    assert told == [EN.unreadable]
    assert await door.asked() == []


async def test_a_new_kind_of_content_is_told_and_with_a_caption_asked(door: Door) -> None:
    assert await door.told(said(hologram={"file_id": "x"})) == [EN.unreadable]

    await door.knock(said(hologram={"file_id": "x"}, caption="What is this?"))

    assert await door.asked() == ["What is this?\n\n[The message also had an attachment that you cannot see.]"]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (7, 7), ("7", 7), (7.0, 7), (0, 0), (2**63 - 2, 2**63 - 2),
        (-1, None), (True, None), (2**63, None), (2**70, None), (7.5, None), ("x", None), ("-7", None), (None, None),
        ([], None), (float("inf"), None), ("²", None), ("9" * 5000, None),
    ],
)  # fmt: skip
def test_an_id_is_one_that_can_be_kept(given: object, found: int | None) -> None:
    assert update_id({"update_id": given}) == found


def test_what_is_nested_without_end_is_read_to_some_depth(bot: Bot) -> None:
    raw = said("Hello")
    inner = raw["message"]
    for _ in range(500):
        inner["reply_to_message"] = message("Before")
        inner = inner["reply_to_message"]

    reading = read(raw, bot)

    assert reading
    assert reading.update.message
    assert reading.update.message.text == "Hello"


def test_lists_in_lists_without_end_cost_nothing_of_the_question(bot: Bot) -> None:
    raw = said("Hello")
    lists: list[object] = []
    for _ in range(600):
        lists = [lists]
    raw["message"]["new_kind"] = lists

    reading = read(raw, bot)

    assert reading
    assert reading.update.message
    assert reading.update.message.text == "Hello"
