"""What a process answers that stands by while another one serves the bot."""

from http import HTTPStatus

import aiohttp

from bot.members.figures import Figures
from bot.report.server import Posted, serving
from bot.settings import Settings
from tests.ports import free_port

FIGURES = Figures("process 7 on b", live=2, failovers=3)


async def test_it_lives_takes_posts_and_is_ready_to_go_on() -> None:
    async def taken(_post: Posted) -> HTTPStatus:
        return HTTPStatus.OK

    port = free_port()
    settings = Settings.load(webhook_url="https://bot.example.com", webhook_port=port)
    find = {42: taken}.get

    async def status(method: str, path: str) -> int:
        async with http.request(method, path) as answer:
            return answer.status

    async with (
        serving(settings, list, find, lambda: FIGURES),
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        assert await status("POST", "/telegram/42") == 200
        assert await status("POST", "/telegram/43") == 404
        async with http.get("/healthz") as answer:
            health = answer.status, (await answer.json())["standing_by"]
        assert await status("GET", "/healthz/live") == 200
        async with http.get("/metrics") as answer:
            told = await answer.text()

    assert health == (200, True)
    assert "deltagram_members 2" in told
    assert "deltagram_failovers_total 3" in told
