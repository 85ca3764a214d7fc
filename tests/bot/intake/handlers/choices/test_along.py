"""Reading along in a group: only where admins wish it, said aloud, kept no longer than it is needed."""

from typing import Any

import pytest
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from sqlalchemy import select

from bot.catalog.catalog import Catalog
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.overheard import KEPT_S, MAX_TEXT
from bot.storage.tables import Overheard, Rule, Update
from bot.texts.en import EN
from tests.bot.door import ME, Door, buttons
from tests.bot.raw import ANN, BOB, BOT_ID, FORUM, GROUP, THE_BOT, Raw, member, message, pressed, said, shown, update
from tests.clock import FakeClock

NOW = 1_800_000_060  # no rest of what a former process took


def chatter(text: str | None, number: int = 0, *, person: Raw = BOB, chat: Raw = GROUP, **fields: Any) -> Raw:
    numbered = {"message_id": number} if number else {}
    return said(text, person=person, chat=chat, **{"date": NOW, **numbered, **fields})


async def kept(door: Door) -> list[str]:
    async with door.db() as session:
        rows = await session.scalars(select(Overheard).order_by(Overheard.message_id))
        return [f"{row.name}: {row.text}" for row in rows]


@pytest.fixture
async def reading(door: Door, clock: FakeClock) -> Door:
    door.group_admins = [ANN]
    await clock.advance(60)
    await door.knock(said("/settings along 20", chat=GROUP))
    return door


class TestSwitch:
    """Who has the bot read along, and what people learn of it."""

    async def test_it_is_off_until_an_admin_presses_and_goes_round(self, door: Door, clock: FakeClock) -> None:
        door.group_admins = [ANN]
        await clock.advance(60)
        await door.knock(chatter("Among ourselves"))
        (menu,) = await door.knock(said("/settings", chat=GROUP))
        assert [key.callback_data for key in buttons(menu)][-1] == "set:along:20"
        assert [key.text for key in buttons(menu)][-1] == "Read along: off"

        labels = []
        for count in (20, 50, 0):
            _, edited, aloud = await door.knock(pressed(f"set:along:{count}", under=shown(chat=GROUP)))
            assert isinstance(edited, EditMessageText)
            labels.append([key.text for key in buttons(edited)][-1])
            assert isinstance(aloud, SendMessage)
            assert ("I keep the last " in aloud.text) is (count > 0)

        assert labels == ["Read along: 20 messages", "Read along: 50 messages", "Read along: off"]
        assert await kept(door) == []

    async def test_how_it_is_said_names_what_is_kept_and_who_gets_it(self, door: Door) -> None:
        door.group_admins = [ANN]

        menu, aloud = await door.told(said("/settings along 50", chat=GROUP))

        assert menu == EN.settings
        assert "the last 50 messages" in aloud
        assert "two days" in aloud
        assert "alpha" in aloud
        (help_,) = await door.told(said("/help@DeltaBot", chat=GROUP, person=BOB))
        assert aloud in help_

    async def test_a_member_cannot_even_where_all_may_choose(self, door: Door) -> None:
        door.group_admins = [ANN]
        await door.knock(said("/settings open on", chat=GROUP))

        assert await door.told(said("/settings along 20", chat=GROUP, person=BOB)) == [EN.group_switch_only]
        assert await door.toast(pressed("set:along:20", person=BOB, under=shown(chat=GROUP))) == EN.group_switch_only
        assert await door.told(said("/settings open off", chat=GROUP, person=BOB)) == [EN.group_switch_only]

    @pytest.mark.parametrize("value", ["-1", "1000", "mitlesen", "٢٠"])
    async def test_no_other_number_is_taken(self, door: Door, value: str) -> None:
        door.group_admins = [ANN]

        assert await door.told(said(f"/settings along {value}", chat=GROUP)) == [EN.setting_unknown]

    async def test_there_is_none_in_private(self, door: Door) -> None:
        assert await door.told(said("/settings along 20")) == [EN.setting_of_groups]
        _, edited = await door.knock(pressed("set:overview"))
        assert all("along" not in (key.callback_data or "") for key in buttons(edited))

    async def test_it_holds_in_all_topics(self, door: Door, clock: FakeClock) -> None:
        door.group_admins = [ANN]
        await clock.advance(60)
        await door.knock(said("/settings along 20", chat=FORUM, message_thread_id=7, is_topic_message=True))

        await door.knock(chatter("elsewhere", chat=FORUM, message_thread_id=8, is_topic_message=True))

        assert await kept(door) == ["Bob: elsewhere"]


class TestPrivacyMode:
    """Telegram shows the bot only what is meant for it."""

    @pytest.fixture
    async def door(self, db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Door:
        return Door(db, clock, settings, catalog, me=ME.model_copy(update={"can_read_all_group_messages": False}))

    async def test_it_is_not_switched_on_and_told_how_to(self, door: Door) -> None:
        door.group_admins = [ANN]

        assert await door.told(said("/settings along 20", chat=GROUP)) == [EN.along_unheard]
        answer, told = await door.knock(pressed("set:along:20", under=shown(chat=GROUP)))

        assert isinstance(answer, AnswerCallbackQuery)
        assert isinstance(told, SendMessage)
        assert (answer.text, told.text) == (EN.along_unheard_toast, EN.along_unheard)
        assert [row.read_along for row in await door.rows()] == [0]

    async def test_as_an_admin_of_the_group_it_sees_all(self, door: Door) -> None:
        door.group_admins = [ANN, THE_BOT]
        assert THE_BOT["id"] == BOT_ID

        await door.knock(said("/settings along 20", chat=GROUP))

        assert [row.read_along for row in await door.rows()] == [20]


class TestKept:
    """What is kept of what people say, and until when."""

    async def test_what_is_not_for_the_bot_with_its_author(self, reading: Door) -> None:
        await reading.knock(chatter("Pizza on Friday?", 901))
        await reading.knock(chatter(None, 902, caption="the menu", photo=[PHOTO]))
        await reading.knock(chatter("@DeltaBot which pizza is best?", 903, person=ANN))
        await reading.knock(chatter("/roll@other_bot", 904))
        await reading.knock(chatter("from a bot", 905, person={**BOB, "is_bot": True}))
        await reading.knock(chatter(None, 906, new_chat_title="Pizza"))

        assert await kept(reading) == ["Bob: Pizza on Friday?", "Bob: [photo] the menu"]
        assert await reading.asked() == ["Ann: which pizza is best?"]

    async def test_what_might_have_been_the_rest_of_a_question_too(self, reading: Door, clock: FakeClock) -> None:
        next_process = Door(reading.db, clock, reading.settings, reading.catalog)

        await next_process.knock(chatter("Pizza on Friday?", 901))
        await next_process.knock(chatter("@DeltaBot " + "a" * 4_086, 902))
        await next_process.knock(chatter("b", 903))

        assert await kept(reading) == ["Bob: Pizza on Friday?"]
        assert await reading.asked() == ["Bob: " + "a" * 4_086 + "b"]

    async def test_only_the_newest_ones_and_of_each_only_so_much(self, reading: Door) -> None:
        await reading.intake.receive(*(chatter(f"m{number}", 900 + number) for number in range(25)))
        await reading.knock(chatter("x" * 4_000, 950))

        found = await kept(reading)
        assert (len(found), found[0], len(found[-1])) == (20, "Bob: m6", len("Bob: ") + MAX_TEXT)

    async def test_an_edit_changes_what_is_kept_and_keeps_nothing_new(self, reading: Door) -> None:
        await reading.knock(chatter("Pizza on Firday?", 901))
        for number in (901, 902):
            edited = message("Pizza on Friday?", person=BOB, chat=GROUP, message_id=number, date=NOW, edit_date=NOW)
            await reading.knock(update(edited_message=edited))

        assert await kept(reading) == ["Bob: Pizza on Friday?"]

    async def test_they_are_gone_when_it_is_switched_off_also_in_one_batch(self, reading: Door) -> None:
        await reading.knock(chatter("one", 901))
        off = said("/settings along off", chat=GROUP, date=NOW)
        await reading.intake.receive(chatter("two", 902), off, chatter("three", 904))

        assert await kept(reading) == []

    async def test_they_are_gone_with_forget(self, reading: Door) -> None:
        await reading.knock(chatter("one", 901))
        (chat, *_) = await reading.rows()

        await reading.store.conversations.delete(chat.id)

        assert await kept(reading) == []

    async def test_those_of_all_topics_are_gone_with_forget_in_one(self, door: Door, clock: FakeClock) -> None:
        door.group_admins = [ANN]
        await clock.advance(60)
        for topic in (5, 6):
            at: dict[str, Any] = {"message_thread_id": topic, "is_topic_message": True}
            await door.knock(said("/settings along 20", chat=FORUM, **at))
            await door.knock(chatter("one", 900 + topic, chat=FORUM, **at))
        (chat, *_) = await door.rows()

        await door.store.conversations.delete(chat.id)

        assert await kept(door) == []

    async def test_they_are_gone_after_two_days(self, reading: Door, clock: FakeClock) -> None:
        await reading.knock(chatter("one", 901))
        await clock.advance(KEPT_S + 1)

        await reading.store.overhearing.prune()

        assert await kept(reading) == []

    async def test_they_are_gone_when_the_group_becomes_a_supergroup_and_reading_goes_on(self, reading: Door) -> None:
        await reading.knock(chatter("one", 901))
        await reading.store.chats.migrate(GROUP["id"], -1009)

        await reading.knock(chatter("two", 5, chat={**GROUP, "id": -1009}))

        assert await kept(reading) == ["Bob: two"]

    async def test_other_groups_cost_no_row(self, reading: Door) -> None:
        async with reading.db() as session:
            before = len(list(await session.scalars(select(Update))))

        await reading.knock(chatter("one", chat=FORUM))

        async with reading.db() as session:
            assert len(list(await session.scalars(select(Update)))) == before

    async def test_who_was_kept_out_is_not_heard(self, reading: Door) -> None:
        await reading.accesses.set(999_001, BOB["id"], Rule.DENY, by=ANN["id"])

        await reading.knock(chatter("one", 901))

        assert await kept(reading) == []

    async def test_a_group_that_the_bot_comes_back_to_is_told(self, reading: Door) -> None:
        await reading.knock(member("left", "member", chat=GROUP))
        assert reading.outbox.methods[-1].text.endswith(EN.along_still)  # type: ignore[attr-defined]


class TestAnswer:
    """What a model is told of it."""

    async def test_a_question_comes_with_what_was_said_before_it(self, reading: Door) -> None:
        await reading.knock(chatter("Pizza on Friday?", 901))
        await reading.knock(chatter("@DeltaBot what did I miss?", 902, person=ANN))
        await reading.knock(chatter("later", 903))

        (claimed,) = (await reading.store.backlog.claim(places=9, places_per_provider=9)).claimed

        assert [(each.name, each.text) for each in claimed.context.overheard] == [("Bob", "Pizza on Friday?")]

    async def test_another_topic_is_another_talk(self, door: Door, clock: FakeClock) -> None:
        door.group_admins = [ANN]
        await clock.advance(60)
        topics: list[Raw] = [{"message_thread_id": number, "is_topic_message": True} for number in (7, 8)]
        await door.knock(said("/settings along 20", chat=FORUM, **topics[0]))
        await door.knock(chatter("secret of seven", 901, chat=FORUM, **topics[0]))
        await door.knock(chatter("@DeltaBot what did I miss?", 902, chat=FORUM, **topics[1]))

        (claimed,) = (await door.store.backlog.claim(places=9, places_per_provider=9)).claimed

        assert claimed.context.overheard == []


PHOTO: Raw = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
