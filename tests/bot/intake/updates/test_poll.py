"""Intake: every update is stored before it is acknowledged, and none holds up the others."""

import asyncio
import json
from typing import Any

import pytest
from aiogram.methods import SendMessage
from aiohttp import web
from sqlalchemy import event

from bot.intake.updates.poll import AT_ONCE
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.questions.limits import MAX_WAITING
from bot.storage.tables import State
from bot.texts.en import EN
from bot.texts.ru import RU
from tests.bot.api import Api
from tests.bot.door import Door, buttons
from tests.bot.intake.updates.polling import Poll, bot_at, polling, receiver
from tests.bot.raw import ANN, BOB, GROUP, OLGA, pressed, said, update
from tests.clock import FakeClock
from tests.database import committing

AT_START = 2  # commits around the first updates of a process


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
            await polling(bot, clock).take_waiting(receiver(bot, door, clock, settings))

        assert await door.asked() == ["one", "two"]
        assert [params["timeout"] for params in api.polls] == ["0"]

    async def test_where_more_waits_than_comes_at_once_the_rest_is_taken_in_too(
        self, door: Door, clock: FakeClock, settings: Settings
    ) -> None:
        chatter = [said("not for the bot", chat=GROUP) for _ in range(AT_ONCE)]
        api = Api(script=[chatter, [said("one")]])
        async with api.server() as server, bot_at(f"http://127.0.0.1:{server.port}") as bot:
            await polling(bot, clock).take_waiting(receiver(bot, door, clock, settings))

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
        engine = committing(db)
        await door.knock(said("Hi", person=BOB))
        await door.knock(said("Hi"))
        event.listen(engine, "commit", commits.append)
        api = Api()
        async with poll(api, [*(said(f"{number}") for number in range(98)), said("I too", person=BOB)]):
            await api.polled(2)

        asked = await door.asked()
        assert asked[:4] == ["Hi", "Hi", "I too", "0"]
        assert len(asked) == 2 + MAX_WAITING - 1 + 1
        assert [getattr(method, "text", None) for method in door.outbox.methods] == [EN.busy]
        assert len(commits) <= 2 + AT_START

    async def test_who_did_little_is_served_before_who_sent_a_hundred_commands_in_one_go(self, door: Door) -> None:
        many = [said("/usage" if number % 2 else "/stop", person=ANN) for number in range(84)]

        await door.intake.receive(*many[:80], said("/id", person=BOB), *many[80:], said("Hello", person=OLGA))

        posted = [method.chat_id for method in door.outbox.methods if isinstance(method, SendMessage)]
        assert posted[0] == BOB["id"]
        assert set(posted[1:]) == {ANN["id"]}
        assert await door.asked() == ["Hello"]

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
        event.listen(committing(db), "commit", commits.append)
        api = Api()
        async with poll(api, [said(texts[number % len(texts)]) for number in range(100)]):
            await api.polled(2)

        assert len(door.outbox.methods) > 20
        assert len(commits) == 1 + AT_START

    async def test_a_backlog_of_presses_costs_one_commit(self, door: Door, poll: Poll, db: Sessions) -> None:
        await door.knock(said("/settings"))
        commits: list[object] = []
        event.listen(committing(db), "commit", commits.append)
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
