"""Prompts become answers to be made; what cannot be one gets a sentence where that is meant for the bot."""

from typing import Any

import pytest
from aiogram.methods import DeleteMessage, SendMessage
from sqlalchemy import select

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.chats import Chats
from bot.storage.engine.database import Sessions
from bot.storage.questions.limits import MAX_WAITING, MAX_WAITING_PER_PERSON
from bot.storage.tables import Loose, Prompt, State
from bot.texts.en import EN
from bot.texts.ru import RU
from providers.blocks import Attached
from tests.bot.door import Door
from tests.bot.raw import (
    ANN,
    BOB,
    FORUM,
    GROUP,
    OLGA,
    OTHER_BOT,
    Raw,
    mentions,
    message,
    pressed,
    private,
    said,
    shown,
    update,
)
from tests.clock import FakeClock

PHOTO = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
STICKER = {
    "file_id": "f",
    "file_unique_id": "u",
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
}
GIF = {"file_id": "f", "file_unique_id": "u", "duration": 1, "width": 1, "height": 1}


async def test_a_text_is_queued_with_what_the_answer_needs(door: Door) -> None:
    update = said("Привет", person=OLGA)

    assert await door.knock(update) == []

    (job,) = await door.queue()
    assert job.message_id == update["message"]["message_id"]
    assert (job.user_id, job.language, job.state) == (OLGA["id"], "ru", State.QUEUED)
    assert await door.asked() == ["Привет"]


async def test_an_update_that_comes_again_is_queued_once(door: Door) -> None:
    update = said("Hello")

    await door.knock(update)
    await door.knock(update)

    assert await door.asked() == ["Hello"]


async def test_a_caption_is_a_prompt(door: Door) -> None:
    await door.knock(said(photo=PHOTO, caption="What is this?"))

    assert await door.asked() == ["What is this?"]
    assert [job.unread for job in await door.queue()] == [None]


async def test_what_has_no_text_gets_a_sentence_in_a_private_chat(door: Door) -> None:
    assert await door.told(said(person=OLGA, animation=GIF)) == [RU.only_text]
    assert await door.asked() == []


async def test_what_has_no_text_is_passed_over_in_a_group(door: Door) -> None:
    assert await door.knock(said(chat=GROUP, animation=GIF, reply_to_message=shown(chat=GROUP))) == []


async def test_a_sticker_is_told_in_words(door: Door) -> None:
    await door.knock(said(sticker=STICKER))

    assert await door.asked() == ["[Sticker: a picture]"]


@pytest.mark.parametrize(
    "content",
    [{"pinned_message": message("x")}, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 9}}],
)
async def test_service_messages_are_passed_over(door: Door, content: Raw) -> None:
    assert await door.knock(said(**content)) == []
    assert await door.asked() == []


async def test_in_a_group_the_prompt_says_who_asks(door: Door) -> None:
    await door.knock(said("@DeltaBot hello", chat=GROUP))
    await door.knock(said("And you?", person=BOB, chat=GROUP, reply_to_message=shown(chat=GROUP)))
    await door.knock(said("Among ourselves", chat=GROUP))

    assert await door.asked() == ["Ann: hello", "Bob: And you?"]


async def test_a_mention_without_words_is_asked_back(door: Door) -> None:
    assert await door.told(said("@DeltaBot", chat=GROUP)) == [
        "Yes? Write your question after @DeltaBot, in the same message."
    ]


async def test_a_mention_alone_under_somebodys_words_asks_about_them(door: Door) -> None:
    theirs = message("It is Paris.", person=BOB, chat=GROUP)

    assert await door.knock(said("@DeltaBot", chat=GROUP, reply_to_message=theirs)) == []
    assert await door.asked() == ["> Bob: It is Paris."]


async def test_a_picture_with_nothing_but_a_mention_is_a_question(door: Door) -> None:
    caption = "@DeltaBot"

    assert await door.told(said(chat=GROUP, photo=PHOTO, caption=caption, caption_entities=mentions(caption))) == []
    assert await door.asked() == [""]


async def test_other_bots_are_passed_over(door: Door) -> None:
    assert await door.knock(said("@DeltaBot hello", person=OTHER_BOT, chat=GROUP)) == []
    assert await door.asked() == []


async def test_an_edited_message_is_passed_over(door: Door) -> None:
    assert await door.knock(update(edited_message=message("Hello"))) == []
    assert await door.asked() == []


async def test_each_topic_is_a_conversation_of_its_own(door: Door) -> None:
    in_topic: Raw = {"message_thread_id": 7, "is_topic_message": True}
    await door.knock(said("@DeltaBot one", chat=FORUM, **in_topic))
    await door.knock(said("@DeltaBot two", chat=FORUM))
    await door.knock(said("@DeltaBot three", chat=FORUM, message_thread_id=55))  # a thread of replies is no topic

    one, two, three = await door.queue()
    assert [(chat.telegram_id, chat.thread_id) for chat in await door.rows()] == [(-1002, 7), (-1002, 0)]
    assert two.chat.id == three.chat.id != one.chat.id


async def test_an_unknown_command_gets_a_sentence_where_it_is_meant_for_the_bot(door: Door) -> None:
    sentence = "I do not know the command /nwe. /help lists my commands."

    assert await door.told(said("/nwe")) == [sentence]
    assert await door.told(said("/nwe@DeltaBot", chat=GROUP)) == [sentence]
    assert await door.told(said("/nwe", chat=GROUP)) == []
    assert await door.told(said("/new@other_bot", chat=GROUP)) == []
    assert await door.asked() == []


async def test_a_path_is_no_command(door: Door) -> None:
    await door.knock(said("/etc/passwd is what?"))

    assert await door.asked() == ["/etc/passwd is what?"]


async def test_too_many_waiting_messages_are_told_once(door: Door) -> None:
    for number in range(MAX_WAITING):
        assert await door.knock(said(f"{number}")) == []

    assert await door.told(said("one too many")) == [EN.busy]
    assert await door.told(said("two too many")) == []
    assert len(await door.asked()) == MAX_WAITING


async def test_the_notice_shows_which_message_was_not_taken(door: Door) -> None:
    for number in range(MAX_WAITING):
        await door.knock(said(f"{number}"))
    refused = said("one too many")

    (notice,) = await door.knock(refused)

    assert isinstance(notice, SendMessage)
    assert notice.reply_parameters is not None
    assert notice.reply_parameters.message_id == refused["message"]["message_id"]


async def test_a_person_in_a_group_leaves_places_for_others(door: Door) -> None:
    for number in range(MAX_WAITING_PER_PERSON):
        await door.knock(said(f"@DeltaBot {number}", chat=GROUP))

    assert await door.told(said("@DeltaBot more", chat=GROUP)) == [EN.busy]
    assert await door.told(said("@DeltaBot hi", chat=GROUP, person=BOB)) == []
    assert (await door.asked())[-1] == "Bob: hi"


async def test_a_provider_that_is_gone_is_told_once(door: Door, chats: Chats) -> None:
    await chats.get(ANN["id"], provider="vanished")

    first = await door.told(said("Hello"))
    second = await door.told(said("Hello again"))

    assert first == ["⚠️ The provider vanished is no longer available, so alpha answers. /provider lists them all."]
    assert second == []
    assert await door.asked() == ["Hello", "Hello again"]


async def test_a_reply_to_a_piece_that_a_crash_left_takes_it_away(door: Door, db: object, clock: FakeClock) -> None:
    await door.knock(said("Hello"))
    job = await door.store.begin(1, 1)
    assert job
    parts = door.store.parts
    await parts.intend(job.reply_id, 0, answer_id=job.id, after=100)
    await parts.opened(job.reply_id, 0, 5)
    keyboard = {"inline_keyboard": [[{"text": "⏹", "callback_data": f"stop:{job.id}:0"}]]}
    lost = shown("Hel ▌", chat=private(ANN), reply_markup=keyboard)
    real = {**lost, "message_id": 5}

    assert await door.knock(said("What?", reply_to_message=lost)) == [
        DeleteMessage(chat_id=ANN["id"], message_id=lost["message_id"])
    ]
    assert await door.knock(said("What?", reply_to_message=real)) == []


async def test_a_button_that_nobody_knows_any_more_is_answered(door: Door) -> None:
    assert await door.toast(pressed("something:old")) == EN.button_too_old


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("/ask what is up?", "Ann: what is up?"),
        ("/ask@DeltaBot what is up?", "Ann: what is up?"),
        ("/ASK  two\nlines", "Ann: two\nlines"),
    ],
)
async def test_ask_asks_in_a_group_without_a_mention(door: Door, text: str, asked: str) -> None:
    await door.knock(said(text, chat=GROUP))

    assert await door.asked() == [asked]


async def test_ask_asks_in_private_too_and_about_the_message_that_it_replies_to(door: Door) -> None:
    await door.knock(said("/ask what?"))
    await door.knock(said("/ask", chat=GROUP, reply_to_message=message("We meet at five.", person=BOB, chat=GROUP)))

    assert await door.asked() == ["what?", "> Bob: We meet at five."]
    assert await door.told(said("/ask", chat=GROUP)) == [EN.ask_how]
    assert await door.knock(said("/ask@other_bot hi", chat=GROUP)) == []


async def test_a_foreign_group_is_refused_an_ask_only_where_it_names_the_bot(
    db: Sessions, clock: FakeClock, catalog: Catalog
) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, access="allowlist"), catalog)

    assert await door.knock(said("/ask hi", chat=GROUP)) == []
    assert len(await door.told(said("/ask@DeltaBot hi", chat=GROUP))) == 1
    assert await door.asked() == []


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Hal, what is up?", "Ann: what is up?"),
        ("HAL what is up?", "Ann: what is up?"),
        ("  hal: what?", "Ann: what?"),
        ("Hal!what?", "Ann: what?"),
        ("Дельта, привет", "Ann: привет"),
        ("дельта — привет", "Ann: привет"),
        ("Hal  9000, open the door", "Ann: open the door"),
        ("Hal -5 or 5?", "Ann: -5 or 5?"),
        ("Hal .5?", "Ann: .5?"),
        ("Hal,\n\n- a\n- b", "Ann: - a\n- b"),
        ("@DeltaBot Hal, hi", "Ann: hi"),
        ("И\u0306од, hi", "Ann: hi"),
        ("Halo, what?", None),
        ("Hal's dog", None),
        ("Hal-like", None),
        ("hal.example is down", None),
        ("Дельтаплан летит", None),
        ("Ask Hal", None),
        ("@Hal hi", None),
        ("/Hal hi", None),
        ("Hal_2 hi", None),
    ],
)
async def test_a_name_at_the_beginning_calls_the_bot_in_a_group(
    db: Sessions, clock: FakeClock, catalog: Catalog, text: str, asked: str | None
) -> None:
    settings = Settings.load(_env_file=None, access="open", bot_names=" Hal, Дельта,Hal 9000, Йод ")
    door = Door(db, clock, settings, catalog)

    await door.knock(said(text, chat=GROUP))
    await door.knock(said("Hal, in private it stays", person=BOB))

    assert await door.asked() == [*([asked] if asked else []), "Hal, in private it stays"]


async def test_only_the_name_is_answered_with_how_to_ask(db: Sessions, clock: FakeClock, catalog: Catalog) -> None:
    door = Door(db, clock, Settings.load(_env_file=None, access="open", bot_names="Hal"), catalog)

    assert await door.told(said("Hal?", chat=GROUP)) == [
        "Yes? Write your question after @DeltaBot, in the same message."
    ]
    assert "my name: Hal" in (await door.told(said("/help@DeltaBot", chat=GROUP)))[0]


async def test_a_picture_in_a_group_is_asked_about_by_the_command_under_it(door: Door) -> None:
    await door.knock(said(chat=GROUP, photo=PHOTO, caption="/ask what is this?"))

    assert await door.asked() == ["Ann: what is this?"]


async def test_another_command_under_a_picture_is_words_about_it(door: Door) -> None:
    await door.knock(said(photo=PHOTO, caption="/new what is this?"))

    assert await door.asked() == ["/new what is this?"]


class TestPasteInAGroup:
    """A text that the client cut: only its first message says that it is for the bot."""

    FULL = "@DeltaBot " + "a" * 4_086

    async def test_what_follows_directly_belongs_to_the_question(self, door: Door) -> None:
        await door.knock(said(self.FULL, chat=GROUP, message_id=1))
        await door.knock(said("b" * 4_096, chat=GROUP, message_id=2))
        await door.knock(said("c", chat=GROUP, message_id=3))

        assert await door.asked() == ["Ann: " + "a" * 4_086 + "b" * 4_096 + "c"]
        assert len(await door.queue()) == 1

    async def test_in_one_batch_and_as_replies_too(self, door: Door) -> None:
        ours = shown("Hi.", chat=GROUP)
        first = said("a" * 4_096, chat=GROUP, message_id=901, reply_to_message=ours)
        await door.intake.receive(first, said("b", chat=GROUP, message_id=902, reply_to_message=ours))

        assert await door.asked() == ["Ann: " + "a" * 4_096 + "b"]

    async def test_a_process_that_began_between_them_knows(
        self, door: Door, db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog
    ) -> None:
        await door.knock(said(self.FULL, chat=GROUP, message_id=1))
        next_process = Door(db, clock, settings, catalog)

        await next_process.knock(said("b", chat=GROUP, message_id=2))

        assert await door.asked() == ["Ann: " + "a" * 4_086 + "b"]

    @pytest.mark.parametrize(
        "other",
        [
            {"person": BOB, "message_id": 2},
            {"message_id": 3},
            {"message_id": 2, "date": 1_800_000_006},
            {"message_id": 2, "chat": FORUM},
        ],
        ids=["another's", "not directly", "later", "another group"],
    )
    async def test_nothing_else_does(self, door: Door, clock: FakeClock, other: Raw) -> None:
        await door.knock(said(self.FULL, chat=GROUP, message_id=1))
        await clock.advance(60)

        where: Raw = {"chat": GROUP, **other}
        assert await door.knock(said("b", **where)) == []

        assert await door.asked() == ["Ann: " + "a" * 4_086]

    async def test_an_edited_piece_reads_as_before(self, door: Door) -> None:
        await door.knock(said(self.FULL, chat=GROUP, message_id=1))
        await door.knock(said("b", chat=GROUP, message_id=2))

        edited = message("B", chat=GROUP, message_id=2, edit_date=1_800_000_001)
        await door.knock(update(edited_message=edited))

        assert await door.asked() == ["Ann: " + "a" * 4_086 + "B"]

    async def test_one_in_private_is_not_looked_at_twice(self, door: Door) -> None:
        await door.knock(said("a" * 4_096))
        await door.knock(said("b"))

        assert await door.asked() == ["a" * 4_096 + "b"]


class TestAlbumInAGroup:
    """Telegram delivers an album message by message; its caption may come last, in a later batch."""

    def picture(self, file: str, number: int, **fields: Any) -> Raw:
        sizes = [{"file_id": file, "file_unique_id": file, "width": 90, "height": 90}]
        return said(None, chat=GROUP, message_id=number, media_group_id="7", photo=sizes, **fields)

    async def files(self, door: Door) -> list[str]:
        async with door.db() as session:
            (content,) = await session.scalars(select(Prompt.content))
        return [block.file_id for block in content if isinstance(block, Attached)]

    async def test_what_came_before_the_caption_is_of_the_question(self, door: Door) -> None:
        await door.knock(self.picture("one", 1))
        await door.knock(self.picture("two", 2))
        caption = "@DeltaBot which?"
        await door.knock(self.picture("three", 3, caption=caption, caption_entities=mentions(caption)))

        assert await self.files(door) == ["one", "two", "three"]
        assert await door.asked() == ["Ann: which?"]

    async def test_nothing_of_it_is_kept_where_nobody_asks(self, door: Door, clock: FakeClock) -> None:
        await door.knock(self.picture("one", 1))
        await clock.advance(61)
        await door.updates.prune()

        async with door.db() as session:
            assert list(await session.scalars(select(Loose))) == []
