"""What people send beside words becomes blocks of their question, or a line of it."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.storage.tables import Prompt
from providers.blocks import Attached, Content, Text, text_of
from tests.bot.door import Door
from tests.bot.raw import BOB, GROUP, THE_BOT, Raw, message, said

FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 7}
SIZES = [{**FILE, "file_id": str(side), "width": side, "height": side // 2} for side in (90, 800, 1600, 2560)]
PICTURE = Attached("1600", is_picture=True, name="", size=7)
PDF = {**FILE, "file_name": "a.pdf", "mime_type": "application/pdf"}


async def contents(door: Door) -> list[Content]:
    async with door.db() as session:
        return list(await session.scalars(select(Prompt.content).order_by(Prompt.id)))


async def test_of_a_photo_the_smallest_size_is_taken_that_no_model_scales_down(door: Door) -> None:
    await door.knock(said(photo=SIZES, caption="What is this?"))

    assert await contents(door) == [(PICTURE, Text("What is this?"))]


async def test_a_photo_without_words_is_a_question(door: Door) -> None:
    await door.knock(said(photo=SIZES[:2]))

    assert await contents(door) == [(Attached("800", is_picture=True, name="", size=7),)]


async def test_a_document_is_kept_with_its_name(door: Door) -> None:
    await door.knock(said(document=PDF))

    assert await contents(door) == [(Attached("f", is_picture=False, name="a.pdf", size=7),)]


async def test_a_picture_that_is_replied_to_counts_but_not_the_bots_own(door: Door) -> None:
    theirs = message("Look", person=BOB, chat=GROUP, photo=SIZES)
    ours = message("Done", person=THE_BOT, chat=GROUP, document=PDF)

    await door.knock(said("@DeltaBot what is this?", chat=GROUP, reply_to_message=theirs))
    await door.knock(said("@DeltaBot", chat=GROUP, reply_to_message=message(person=BOB, chat=GROUP, photo=SIZES)))
    await door.knock(said("and this?", chat=GROUP, reply_to_message=ours))

    found = await contents(door)
    assert [content[0] for content in found[:2]] == [PICTURE, PICTURE]
    assert found[2] == (Text("Ann: and this?"),)


async def test_a_picture_in_a_group_that_is_not_meant_for_the_bot_is_passed_over(door: Door) -> None:
    await door.knock(said(chat=GROUP, photo=SIZES, caption="Among ourselves"))
    await door.knock(said(chat=GROUP, photo=SIZES, media_group_id="1", caption="Among ourselves"))

    assert await contents(door) == []


WORDS: list[tuple[Raw, str]] = [
    ({"location": {"latitude": 52.5, "longitude": 13.4}}, "[Location: 52.5, 13.4]"),
    ({"contact": {"phone_number": "+49", "first_name": "Eve", "last_name": "Li"}}, "[Contact: Eve Li, +49]"),
    ({"dice": {"emoji": "🎲", "value": 4}}, "[🎲 shows 4]"),
    (
        {
            "venue": {"location": {"latitude": 1.5, "longitude": 2}, "title": "Café", "address": "Rue 1"},
            "location": {"latitude": 1.5, "longitude": 2},
        },
        "[Venue: Café, Rue 1 (1.5, 2.0)]",
    ),
    (
        {
            "sticker": {
                **FILE,
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
                "emoji": "😀",
            }
        },
        "[Sticker: 😀]",
    ),
]


@pytest.mark.parametrize(("fields", "words"), WORDS)
async def test_what_is_no_file_is_told_in_words(door: Door, fields: dict[str, Any], words: str) -> None:
    await door.knock(said(**fields))

    assert list(map(text_of, await contents(door))) == [words]


class TestAlbums:
    """Several messages that are one question."""

    @pytest.mark.parametrize("captioned", [0, 2, None])
    async def test_its_pictures_and_its_caption_are_one_question(self, door: Door, captioned: int | None) -> None:
        captions: list[Raw] = [{"caption": "Compare"} if number == captioned else {} for number in range(4)]
        await door.intake.receive(*(said(photo=SIZES, media_group_id="1", **caption) for caption in captions))

        words = () if captioned is None else (Text("Compare"),)
        assert await contents(door) == [(*[PICTURE] * 4, *words)]
        assert door.outbox.methods == []

    async def test_what_comes_later_is_added_as_long_as_the_question_waits(self, door: Door) -> None:
        pieces = [said(photo=SIZES, media_group_id="1") for _ in range(3)]
        for piece in pieces:
            await door.knock(piece)

        assert await contents(door) == [(PICTURE,) * 3]
        assert [job.message_id for job in await door.queue()] == [pieces[-1]["message"]["message_id"]]

    async def test_a_piece_that_comes_twice_is_added_once(self, door: Door) -> None:
        pieces = [said(photo=SIZES, media_group_id="1") for _ in range(2)]
        for piece in (*pieces, *pieces):
            await door.knock(piece)

        assert await contents(door) == [(PICTURE,) * 2]

    @pytest.mark.parametrize("captioned", [0, 2])
    async def test_in_a_group_all_of_it_counts_where_one_mentions_the_bot(self, door: Door, captioned: int) -> None:
        caption: Raw = {
            "caption": "@DeltaBot compare",
            "caption_entities": [{"type": "mention", "offset": 0, "length": 9}],
        }
        pieces = [
            said(chat=GROUP, photo=SIZES, media_group_id="1", **(caption if number == captioned else {}))
            for number in range(3)
        ]
        await door.intake.receive(*pieces)

        assert await contents(door) == [(*[PICTURE] * 3, Text("Ann: compare"))]

    async def test_two_of_them_are_two_questions(self, door: Door) -> None:
        for album in ("1", "2", "1"):
            await door.knock(said(photo=SIZES, media_group_id=album))

        assert await contents(door) == [(PICTURE,) * 2, (PICTURE,)]
