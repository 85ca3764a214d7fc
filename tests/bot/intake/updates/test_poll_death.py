"""Intake of updates that end the process or a handler."""

import contextlib
import json
import logging
from collections.abc import Callable

import pytest
from aiogram import F
from aiogram.methods import SendMessage
from sqlalchemy import select

from bot.catalog.catalog import Catalog
from bot.intake.updates.risks import MAX_DEATHS
from bot.settings import AccessMode, Settings
from bot.storage.engine.database import Sessions
from bot.storage.questions.taking import Hold, Taken
from bot.storage.tables import Risk
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.door import Door
from tests.bot.raw import BOT_NAME, GROUP, OLGA, message, pressed, said, update
from tests.clock import FakeClock


class Death(BaseException):
    """The process ends."""


class TestDeath:
    """The process dies of an update."""

    @pytest.fixture
    def start(self, db: Sessions, clock: FakeClock, settings: Settings, catalog: Catalog) -> Callable[[], Door]:
        """Start a process whose handler dies of "boom"."""

        async def handler(_event: object) -> None:
            raise Death

        def started() -> Door:
            door = Door(db, clock, settings, catalog)
            door.dispatcher.message.register(handler, F.text == "boom")
            return door

        return started

    async def test_an_update_that_kills_each_time_is_passed_over_and_told_while_all_others_are_taken(
        self, start: Callable[[], Door], caplog: pytest.LogCaptureFixture
    ) -> None:
        boom = said("boom", person=OLGA)
        updates = [said("one"), boom, said("two")]
        deaths = 0
        while True:
            door = start()
            try:
                await door.intake.receive(*updates)
                break
            except Death:
                deaths += 1

        assert deaths == MAX_DEATHS
        assert await door.asked() == ["one", "two"]
        assert door.outbox.methods == [SendMessage(chat_id=OLGA["id"], text=RU.unreadable)]
        assert any(f"update={boom['update_id']}" in line for line in caplog.messages)
        assert "boom" not in caplog.text
        assert await door.knock(boom) == []

    async def test_one_that_was_only_there_when_the_process_died_is_handled(self, start: Callable[[], Door]) -> None:
        other = said("one")
        for _ in range(MAX_DEATHS + 2):
            door = start()
            with contextlib.suppress(Death):
                await door.intake.receive(said("boom"), other)

        await start().intake.receive(other)

        assert await door.asked() == ["one"]

    async def test_one_that_came_to_nothing_is_not_passed_over_for_others(
        self, start: Callable[[], Door], caplog: pytest.LogCaptureFixture
    ) -> None:
        chatter = said("not for the bot", chat=GROUP)
        for _ in range(MAX_DEATHS):
            with pytest.raises(Death):
                await start().intake.receive(chatter, said("boom"))

        await start().intake.receive(chatter)

        assert not any("passed over" in line for line in caplog.messages)

    async def test_nothing_is_noted_when_no_process_can_have_died(
        self, start: Callable[[], Door], db: Sessions
    ) -> None:
        door = start()
        await door.knock(said("one"))
        await door.knock(said("two"))

        async with db() as session:
            assert (await session.scalars(select(Risk))).all() == []

    async def test_one_that_waited_for_the_admins_of_a_group_is_passed_over_too(
        self, start: Callable[[], Door]
    ) -> None:
        deadly = update(message=message("boom", chat=GROUP))
        door = start()
        hold = Hold(GROUP["id"], json.dumps(deadly))
        await door.store.taking.store([Taken(deadly["update_id"], hold)])
        for _ in range(MAX_DEATHS):
            with pytest.raises(Death):
                await start().intake.resume(hold.telegram_id)

        await door.intake.resume(hold.telegram_id)

        assert await door.store.taking.held() == []

    async def test_in_a_group_its_author_is_told_by_a_reply(self, start: Callable[[], Door]) -> None:
        boom = said(f"@{BOT_NAME} boom", person=OLGA, chat=GROUP)
        door = start()
        for _ in range(MAX_DEATHS):
            await door.updates.risk([boom["update_id"]])
            await door.updates.risk_again(boom["update_id"])

        (notice,) = await door.knock(boom)

        assert isinstance(notice, SendMessage)
        assert (notice.chat_id, notice.text) == (GROUP["id"], RU.unreadable)
        assert notice.reply_parameters
        assert notice.reply_parameters.message_id == boom["message"]["message_id"]

    async def test_a_stranger_is_not_written_to(self, start: Callable[[], Door], settings: Settings) -> None:
        settings.access = AccessMode.ALLOWLIST
        boom = said("boom", person=OLGA)
        door = start()
        for _ in range(MAX_DEATHS):
            await door.updates.risk([boom["update_id"]])
            await door.updates.risk_again(boom["update_id"])

        assert await door.knock(boom) == []


class TestBug:
    """A handler breaks."""

    @pytest.fixture
    def broken(self, door: Door) -> Door:
        async def handler(_event: object) -> None:
            raise KeyError("a bug")

        door.dispatcher.message.register(handler, F.text == "boom")
        door.dispatcher.callback_query.register(handler, F.data == "boom")
        return door

    async def test_the_chat_is_told_and_the_next_message_works(
        self, broken: Door, caplog: pytest.LogCaptureFixture
    ) -> None:
        boom = said("boom", person=OLGA)

        assert await broken.knock(boom) == [SendMessage(chat_id=OLGA["id"], text=RU.internal)]
        await broken.knock(said("Hello"))

        assert await broken.asked() == ["Hello"]
        assert any(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)

    async def test_it_is_told_once(self, broken: Door) -> None:
        boom = said("boom")
        await broken.knock(boom)

        assert await broken.knock(boom) == []

    async def test_a_press_is_answered(self, broken: Door) -> None:
        assert await broken.toast(pressed("boom")) == EN.internal
