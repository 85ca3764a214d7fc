"""What is not read of a message is said, to the reader and to the model."""

import pytest

from bot.texts.en import EN
from tests.bot.door import Door
from tests.bot.raw import ANN, BOB, GROUP, THE_BOT, Raw, message, said

FILE = {"file_id": "f", "file_unique_id": "u"}
GIF = {**FILE, "width": 1, "height": 1, "duration": 1}
KINDS = [
    ("animation", GIF, "a video that you cannot see", EN.kind_video),
    ("voice", "strange", "a recording that you cannot hear", EN.kind_audio),
    ("audio", "strange", "a recording that you cannot hear", EN.kind_audio),
    ("document", "strange", "a file that you cannot open", EN.kind_file),
    ("hologram", FILE, "an attachment that you cannot see", EN.kind_other),
]


@pytest.mark.parametrize(("field", "content", "model", "reader"), KINDS)
async def test_a_caption_is_answered_with_a_line_about_the_rest(
    door: Door, field: str, content: object, model: str, reader: str
) -> None:
    fields: Raw = {field: content}
    await door.knock(said(caption="What is this?", **fields))

    assert await door.asked() == [f"What is this?\n\n[The message also had {model}.]"]
    assert [job.unread for job in await door.queue()] == [EN.only_words.format(what=reader)]


async def test_a_moving_picture_that_is_replied_to_counts_too_but_not_the_bots_own_file(door: Door) -> None:
    theirs = message(person=BOB, chat=GROUP, animation=GIF)
    ours = message(person=THE_BOT, chat=GROUP, document=FILE)

    await door.knock(said("@DeltaBot what is this?", chat=GROUP, reply_to_message=theirs))
    await door.knock(said("and this?", chat=GROUP, reply_to_message=ours))

    assert await door.asked() == [
        "Ann: what is this?\n\n[The message that it replies to had a video that you cannot see.]",
        "Ann: and this?",
    ]
    assert [bool(job.unread) for job in await door.queue()] == [True, False]


async def test_plain_words_carry_no_remark(door: Door) -> None:
    await door.knock(said("Hello", link_preview_options={"url": "https://example.org"}))

    assert [job.unread for job in await door.queue()] == [None]


class TestAlbums:
    """Several messages that are one to people."""

    @pytest.mark.parametrize("captioned", [0, 2])
    async def test_only_the_captioned_one_is_answered(self, door: Door, captioned: int) -> None:
        captions: list[Raw] = [{"caption": "What is this?"} if number == captioned else {} for number in range(4)]
        await door.intake.receive(*(said(animation=GIF, media_group_id="1", **caption) for caption in captions))

        assert len(await door.asked()) == 1
        assert door.outbox.methods == []

    async def test_without_a_caption_it_is_told_about_once_also_where_it_comes_piece_by_piece(self, door: Door) -> None:
        for _ in range(2):
            await door.intake.receive(*(said(animation=GIF, media_group_id="1") for _ in range(3)))

        assert [getattr(method, "text", None) for method in door.outbox.methods] == [EN.only_text]

    async def test_the_next_one_is_told_about_anew(self, door: Door) -> None:
        for album in ("1", "2"):
            assert await door.told(said(animation=GIF, media_group_id=album, person=ANN)) == [EN.only_text]
