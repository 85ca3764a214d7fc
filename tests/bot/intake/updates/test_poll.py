"""Intake: every update is stored before it is acknowledged, and none holds up the others."""

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import SendMessage
from aiohttp import web
from sqlalchemy import event, select, text

from bot.catalog.catalog import Catalog
from bot.intake.updates.poll import AT_ONCE, Intake
from bot.intake.updates.risks import MAX_DEATHS
from bot.settings import AccessMode, ConfigurationError, Settings
from bot.storage.engine.database import Sessions
from bot.storage.engine.faults import DatabaseDamaged
from bot.storage.questions.questions import MAX_WAITING
from bot.storage.questions.taking import Hold, Taken
from bot.storage.tables import Risk, State
from bot.tally import Tally
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.api import Answer, Api, error, page
from tests.bot.door import TOKEN, Door, buttons
from tests.bot.raw import ANN, BOB, BOT_NAME, GROUP, OLGA, message, pressed, said, update
from tests.clock import FakeClock

AT_START = 2  # commits around the first updates of a process
CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"

Poll = Callable[..., AbstractAsyncContextManager[asyncio.Future[None]]]


@asynccontextmanager
async def bot_at(url: str) -> AsyncIterator[Bot]:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    try:
        yield bot
    finally:
        await bot.session.close()


@pytest.fixture
def poll(door: Door, clock: FakeClock, settings: Settings) -> Poll:
    """Let intake poll a server; the task is given, and ended with the block."""

    @asynccontextmanager
    async def polling(api: Api, *script: Answer) -> AsyncIterator[asyncio.Future[None]]:
        api.script += script
        async with api.server() as server, bot_at(f"http://127.0.0.1:{server.port}") as bot:
            task = asyncio.ensure_future(_intake(bot, door, clock, settings).poll())
            try:
                yield task
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    return polling


def _intake(bot: Bot, door: Door, clock: FakeClock, settings: Settings) -> Intake:
    return Intake(bot, door.dispatcher, door.saying, settings, door.risks, Tally(), clock)


class TestPoll:
    """The walk of a batch."""

    async def test_an_update_is_stored_before_the_work_of_many_answers(self, door: Door) -> None:
        done = [0]

        async def work() -> None:
            while not await door.asked():
                done[0] += 1

        answers = [asyncio.ensure_future(work()) for _ in range(20)]
        await asyncio.sleep(0)

        await door.intake.receive(said("Hello"))

        assert done[0] < 3 * len(answers)  # two for each of its own transactions; in one line, one of each answer
        await asyncio.gather(*answers)

    async def test_an_update_is_stored_before_it_is_acknowledged(self, door: Door, poll: Poll) -> None:
        api, hello = Api(), said("Hello")
        stored: list[list[str]] = []

        async def look(_params: dict[str, Any]) -> None:
            stored.append(await door.asked())

        api.before = look
        async with poll(api, [hello]):
            await api.polled(2)

        assert [params.get("offset") for params in api.polls] == [None, str(hello["update_id"] + 1)]
        assert stored[0] == []
        assert await door.asked() == ["Hello"]

    async def test_the_kinds_of_updates_are_always_named(self, poll: Poll) -> None:
        api = Api()
        async with poll(api, [said("Hello")]):
            await api.polled(2)

        for params in api.polls:
            assert {"message", "callback_query", "my_chat_member"} <= set(json.loads(params["allowed_updates"]))
            assert int(params["timeout"]) > 0

    async def test_what_waits_is_taken_in_without_waiting_for_more(
        self, door: Door, clock: FakeClock, settings: Settings
    ) -> None:
        api = Api(script=[[said("one"), said("two")]])
        async with api.server() as server, bot_at(f"http://127.0.0.1:{server.port}") as bot:
            await _intake(bot, door, clock, settings).take_waiting()

        assert await door.asked() == ["one", "two"]
        assert [params["timeout"] for params in api.polls] == ["0"]

    async def test_where_more_waits_than_comes_at_once_the_rest_is_taken_in_too(
        self, door: Door, clock: FakeClock, settings: Settings
    ) -> None:
        chatter = [said("not for the bot", chat=GROUP) for _ in range(AT_ONCE)]
        api = Api(script=[chatter, [said("one")]])
        async with api.server() as server, bot_at(f"http://127.0.0.1:{server.port}") as bot:
            await _intake(bot, door, clock, settings).take_waiting()

        assert await door.asked() == ["one"]

    async def test_what_cannot_be_read_holds_up_nothing(
        self, door: Door, poll: Poll, caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = update(message={"message_id": "x", "text": "secret words"})
        last = said("Hello")
        api = Api()
        async with poll(api, ["rubbish", {}, None, broken, {"update_id": -1, "message": 1}, last]):
            await api.polled(2)

        assert await door.asked() == ["Hello"]
        assert api.polls[1]["offset"] == str(last["update_id"] + 1)
        assert any(f"id={broken['update_id']}" in line for line in caplog.messages)
        assert "secret words" not in caplog.text

    @pytest.mark.parametrize("result", [None, "updates", 7, {"update_id": 1}, True])
    async def test_a_result_that_is_no_list_is_told_once_a_minute_and_asked_again(
        self, door: Door, poll: Poll, clock: FakeClock, caplog: pytest.LogCaptureFixture, result: object
    ) -> None:
        api = Api()
        odd = [web.json_response({"ok": True, "result": result}) for _ in range(5)]
        async with poll(api, *odd, [said("Hello")]) as task:
            while len(api.polls) < 7 and not task.done():
                await clock.advance(1)

        assert await door.asked() == ["Hello"]
        assert len([line for line in caplog.messages if "telegram does not answer" in line]) == 1

    @pytest.mark.parametrize("odd", [2**63, 2**70, -(2**70), -1, "x", 1.5, None, [], True])
    async def test_ids_that_no_row_can_hold_are_passed_over(
        self, door: Door, poll: Poll, caplog: pytest.LogCaptureFixture, odd: object
    ) -> None:
        last, api = said("Hello"), Api()
        strange = [{**said("Lost"), "update_id": odd} for _ in range(3)]
        beyond = said("And I", person={**ANN, "id": 2**60}, chat={"id": 2**60, "type": "private"})
        async with poll(api, [*strange, last, *strange, beyond]):
            await api.polled(2)

        assert await door.asked() == ["Hello"]
        assert api.polls[1]["offset"] == str(beyond["update_id"] + 1)
        assert len([line for line in caplog.messages if "no update" in line]) == 1
        assert "Traceback" not in caplog.text

    async def test_one_person_with_a_backlog_costs_one_commit_and_is_told_once(
        self, door: Door, poll: Poll, db: Sessions
    ) -> None:
        commits: list[object] = []
        engine = db.kw["bind"].sync_engine
        await door.knock(said("Hi", person=BOB))
        await door.knock(said("Hi"))
        event.listen(engine, "commit", commits.append)
        api = Api()
        async with poll(api, [*(said(f"{number}") for number in range(98)), said("I too", person=BOB)]):
            await api.polled(2)

        asked = await door.asked()
        assert asked[:3] == ["Hi", "Hi", "0"]
        assert asked[-1] == "I too"
        assert len(asked) == 2 + MAX_WAITING - 1 + 1
        assert [getattr(method, "text", None) for method in door.outbox.methods] == [EN.busy]
        assert len(commits) <= 2 + AT_START

    @pytest.mark.parametrize(
        "texts",
        [
            ["/new"],
            ["/provider beta", "/provider alpha"],
            ["/model a-2", "/model a-1"],
            ["/settings", "/settings prompt Be brief.", "/model", "/provider", "/help"],
            ["Hello", "/new"],
        ],
    )
    async def test_a_backlog_of_choices_costs_one_commit(
        self, door: Door, poll: Poll, db: Sessions, texts: list[str]
    ) -> None:
        await door.knock(said("/help"))
        commits: list[object] = []
        event.listen(db.kw["bind"].sync_engine, "commit", commits.append)
        api = Api()
        async with poll(api, [said(texts[number % len(texts)]) for number in range(100)]):
            await api.polled(2)

        assert len(door.outbox.methods) > 20
        assert len(commits) == 1 + AT_START

    async def test_a_backlog_of_presses_costs_one_commit(self, door: Door, poll: Poll, db: Sessions) -> None:
        await door.knock(said("/settings"))
        commits: list[object] = []
        event.listen(db.kw["bind"].sync_engine, "commit", commits.append)
        api, kinds = Api(), ["set:language:ru", "set:language:auto", "provider:beta", "set:streaming:off", "set:model"]
        async with poll(api, [pressed(kinds[number % len(kinds)]) for number in range(100)]):
            await api.polled(2)

        assert len(commits) == 1 + AT_START
        (chat,) = await door.rows()
        assert (chat.language, chat.provider, chat.streaming) == (None, "beta", False)

    async def test_what_is_chosen_is_seen_by_the_next_update_of_the_same_answer(self, door: Door, poll: Poll) -> None:
        api, choice = Api(), [said("/provider beta"), said("/model b-1"), said("/settings prompt Be brief.")]
        async with poll(api, [*choice, pressed("set:language:ru"), said("/settings"), said("Hello")]):
            await api.polled(2)

        (shown,) = [method for method in door.outbox.methods if getattr(method, "text", None) == RU.settings][-1:]
        labels = [button.text for button in buttons(shown)]
        assert labels[0] == RU.setting_provider.format(value="beta")
        assert labels[1] == RU.setting_model.format(value="b-1")
        assert labels[2] == RU.setting_prompt.format(value=RU.own)
        assert [job.language for job in await door.queue()] == ["ru"]

    async def test_a_command_among_questions_keeps_its_place(self, door: Door, poll: Poll) -> None:
        api = Api()
        async with poll(api, [said("one"), said("/new"), said("two"), said("/stop"), said("three")]):
            await api.polled(2)

        jobs = await door.queue()
        assert await door.asked() == ["one", "two", "three"]
        assert [job.state for job in jobs] == [State.DONE, State.DONE, State.QUEUED]
        await door.knock(said("four"))
        assert await door.store.history((await door.queue())[-1]) == [("user", "four")]

    async def test_an_update_that_comes_twice_in_one_answer_is_taken_once(self, door: Door, poll: Poll) -> None:
        hello, help_, api = said("Hello"), said("/help"), Api()
        async with poll(api, [hello, help_, hello, help_]):
            await api.polled(2)

        assert await door.asked() == ["Hello"]
        assert len(door.outbox.methods) == 1

    async def test_kinds_of_update_that_nobody_knows_are_passed_over(self, door: Door, poll: Poll) -> None:
        news = update(telepathy={"thought": 42})
        api = Api()
        async with poll(api, [news]):
            await api.polled(2)

        assert api.polls[1]["offset"] == str(news["update_id"] + 1)
        assert door.outbox.methods == []

    async def test_updates_out_of_order_are_all_taken(self, door: Door, poll: Poll) -> None:
        first, second = said("first"), said("second")
        api = Api()
        async with poll(api, [second, first]):
            await api.polled(2)

        assert await door.asked() == ["second", "first"]
        assert api.polls[1]["offset"] == str(second["update_id"] + 1)

    async def test_ids_that_begin_anew_after_a_quiet_week_are_followed(self, door: Door, poll: Poll) -> None:
        api = Api()
        async with poll(api, [{**said("old"), "update_id": 900_000}], [{**said("new"), "update_id": 5_000}]):
            await api.polled(3)

        assert [params.get("offset") for params in api.polls] == [None, "900001", "5001"]
        assert await door.asked() == ["old", "new"]

    async def test_answers_without_news_are_asked_for_at_most_twice_a_second(
        self, poll: Poll, clock: FakeClock
    ) -> None:
        api = Api()
        async with poll(api, [], [], []):
            for times in (1, 2, 3):
                await clock.asleep()
                assert len(api.polls) == times
                assert clock.sleepers == [pytest.approx(0.5)]
                await clock.advance(0.5)
            await api.polled(4)

    async def test_a_server_that_repeats_itself_is_not_asked_without_pause(self, poll: Poll, clock: FakeClock) -> None:
        hello = said("Hello")
        api = Api()
        async with poll(api, [hello], [hello], [hello]):
            await clock.asleep()
            assert len(api.polls) == 2


class TestOutage:
    """Telegram is gone, or does not want us."""

    @pytest.mark.parametrize(
        "answer", [page(502), error(500, "Internal Server Error"), error(404, "Not Found"), web.Response(text="{")]
    )
    async def test_intake_goes_on_after_an_outage(
        self, door: Door, poll: Poll, clock: FakeClock, answer: web.Response
    ) -> None:
        api = Api()
        async with poll(api, answer, [said("Hello")]):
            await clock.asleep()
            assert max(clock.sleepers) <= 5
            await clock.advance(5)
            await api.polled(3)

        assert await door.asked() == ["Hello"]

    async def test_a_server_that_is_not_there_yet_is_waited_for(
        self, door: Door, clock: FakeClock, settings: Settings, unused_tcp_port: int
    ) -> None:
        async with bot_at(f"http://127.0.0.1:{unused_tcp_port}") as bot:
            taking = asyncio.ensure_future(_intake(bot, door, clock, settings).take_waiting())
            for _ in range(3):
                await clock.asleep()
                await clock.advance(1)
            await clock.asleep()
            async with Api(script=[[said("Hello")]]).server(unused_tcp_port):
                await clock.advance(1)
                await taking

        assert await door.asked() == ["Hello"]

    async def test_an_outage_is_logged_once_a_minute(
        self, poll: Poll, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        api = Api(at_get_me=[page(502) for _ in range(200)])

        async with poll(api, page(502)):
            for _ in range(70):
                await clock.asleep()
                await clock.advance(1)

        assert len([line for line in caplog.messages if "does not answer" in line]) == 2

    async def test_a_second_poller_is_named_with_the_mend(
        self, door: Door, poll: Poll, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        api = Api()
        async with poll(api, error(409, CONFLICT), [said("Hello")]):
            await clock.asleep()
            await clock.advance(1)
            await api.polled(3)

        assert [record.levelno for record in caplog.records if "stop it" in record.getMessage()] == [logging.ERROR]
        assert await door.asked() == ["Hello"]

    async def test_a_refusal_for_a_while_is_obeyed(self, poll: Poll, clock: FakeClock) -> None:
        api = Api()
        async with poll(api, error(429, "Too Many Requests: retry after 7", retry_after=7)):
            await clock.asleep()
            assert clock.sleepers == [pytest.approx(7)]

    async def test_a_pause_of_a_day_is_asked_about_once_an_hour(self, poll: Poll, clock: FakeClock) -> None:
        api = Api()
        async with poll(api, error(429, "Too Many Requests: retry after 86400", retry_after=86400)):
            await clock.asleep()
            assert clock.sleepers == [pytest.approx(3600)]

    @pytest.mark.parametrize("denial", [error(401, "Unauthorized"), error(404, "Not Found")])
    async def test_a_token_that_telegram_does_not_know_ends_the_bot(
        self, poll: Poll, clock: FakeClock, denial: web.Response
    ) -> None:
        status, told = denial.status, json.loads(denial.text or "")["description"]
        denials = [error(status, told) for _ in range(3)]
        async with poll(Api(at_get_me=[*denials]), error(status, told)) as task:
            for pause_s in (0.3, 0.6, 1):
                await clock.asleep()
                await clock.advance(pause_s)
            with pytest.raises(ConfigurationError, match=r"^BOT_TOKEN is '987…'"):
                await task

    async def test_a_gateway_that_says_once_that_it_does_not_know_the_token_is_an_outage(
        self, door: Door, poll: Poll, clock: FakeClock
    ) -> None:
        api = Api(at_get_me=[error(401, "Unauthorized"), page(502)])
        async with poll(api, error(401, "Unauthorized"), error(401, "Unauthorized"), [said("Hello")]):
            for pause_s in (0.3, 0.6, 1, 1):
                await clock.asleep()
                await clock.advance(pause_s)
            await api.polled(4)

        assert await door.asked() == ["Hello"]


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


@pytest.mark.sqlite("does to the file what only SQLite minds")
class TestDatabase:
    """The database is not as it should be."""

    async def test_a_locked_database_is_waited_for(
        self, door: Door, clock: FakeClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        taking = asyncio.ensure_future(door.knock(said("Hello")))
        await clock.asleep()
        assert not taking.done()

        other.execute("ROLLBACK")
        other.close()
        await clock.advance(1)

        assert await taking == []
        assert await door.asked() == ["Hello"]
        assert len([line for line in caplog.messages if "database is locked" in line]) == 1

    async def test_a_full_disk_is_waited_for(
        self, door: Door, db: Sessions, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        await _limit_pages(db, 1)  # SQLite takes the present size where that is larger
        long = "word " * 20_000
        taking = asyncio.ensure_future(door.knock(said(long)))
        await clock.asleep()
        assert not taking.done()

        await _limit_pages(db, 1_000_000)
        await clock.advance(1)

        assert await taking == []
        assert await door.asked() == [long.strip()]
        assert any("database or disk is full" in line for line in caplog.messages)

    async def test_a_damaged_database_ends_the_bot(self, door: Door, db: Sessions, tmp_path: Path) -> None:
        await door.knock(said("Hello"))
        await _overwrite(db, tmp_path / "bot.db")

        with pytest.raises(DatabaseDamaged, match=r"malformed|not a database"):
            await door.knock(said("Hello again"))

    async def test_a_missing_column_is_a_bug_and_not_waited_for(self, door: Door, db: Sessions) -> None:
        await door.knock(said("Hello"))
        async with db.begin() as session:
            await session.execute(text("ALTER TABLE prompts RENAME COLUMN language TO tongue"))

        assert await door.told(said("Hello again")) == [EN.internal]


async def _limit_pages(db: Sessions, pages: int) -> None:
    async with db() as session:
        await session.execute(text(f"PRAGMA max_page_count={pages}"))


async def _overwrite(db: Sessions, file: Path) -> None:
    """Write noise over all pages but the first, behind SQLite's back."""
    async with db() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("ROLLBACK")
        for pragma in ("wal_checkpoint(TRUNCATE)", "shrink_memory"):
            await connection.exec_driver_sql(f"PRAGMA {pragma}")
        await connection.exec_driver_sql("BEGIN")
    with file.open("r+b") as pages:
        size = pages.seek(0, 2)
        pages.seek(4096)
        pages.write(b"\xa5" * (size - 4096))
