"""Intake while Telegram is gone, or does not want us."""

import asyncio
import json
import logging

import pytest
from aiohttp import web

from bot.settings import ConfigurationError, Settings
from tests.bot.api import Api, error, page
from tests.bot.door import Door
from tests.bot.intake.updates.polling import Poll, bot_at, polling, receiver
from tests.bot.raw import said
from tests.clock import FakeClock
from tests.ports import free_port

CONFLICT = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


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
        self, door: Door, clock: FakeClock, settings: Settings
    ) -> None:
        port = free_port()
        async with bot_at(f"http://127.0.0.1:{port}") as bot:
            taking = asyncio.ensure_future(polling(bot, clock).take_waiting(receiver(bot, door, clock, settings)))
            for _ in range(3):
                await clock.asleep()
                await clock.advance(1)
            await clock.asleep()
            async with Api(script=[[said("Hello")]]).server(port):
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
        self, door: Door, poll: Poll, clock: FakeClock, caplog: pytest.LogCaptureFixture
    ) -> None:
        api = Api(at_get_me=[error(401, "Unauthorized"), page(502)])
        async with poll(api, error(401, "Unauthorized"), error(401, "Unauthorized"), [said("Hello")]):
            for pause_s in (0.3, 0.6, 1, 1):
                await clock.asleep()
                await clock.advance(pause_s)
            await api.polled(4)

        assert [line.partition(" error=")[0] for line in caplog.messages if "again error" in line] == [
            "telegram does not know the token, asking again",
            "telegram does not answer, trying again",
        ]
        assert await door.asked() == ["Hello"]
