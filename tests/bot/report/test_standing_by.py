"""What a process answers that stands by while another one serves the bot."""

import aiohttp
import pytest

from bot.members.figures import Figures
from bot.report.server import standing_by
from bot.settings import Settings
from tests.ports import free_port

FIGURES = Figures("process 7 on b", live=2, failovers=3)


@pytest.fixture
def port() -> int:
    return free_port()


async def status(method: str, port: int, path: str) -> int:
    async with aiohttp.ClientSession() as http, http.request(method, f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status


async def test_it_lives_and_is_ready_to_go_on(port: int) -> None:
    async with standing_by(Settings.load(metrics_port=port), 42, lambda: FIGURES):
        assert await status("GET", port, "/healthz") == 200
        assert await status("GET", port, "/healthz/live") == 200
        async with aiohttp.ClientSession() as http, http.get(f"http://127.0.0.1:{port}/metrics") as answer:
            told = await answer.text()

    assert "deltagram_members 2" in told
    assert "deltagram_failovers_total 3" in told


async def test_posts_of_telegram_are_for_another_process_and_a_balancer_sees_that(port: int) -> None:
    settings = Settings.load(webhook_url="https://bot.example.com", webhook_port=port)
    async with standing_by(settings, 42, lambda: FIGURES):
        assert await status("POST", port, "/telegram/42") == 503
        assert await status("GET", port, "/healthz") == 503
        assert await status("GET", port, "/healthz/live") == 200
