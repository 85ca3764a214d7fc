"""How the bot fares is told to whoever may ask, and to nobody else."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.__main__ import main
from bot.app.doors import socket_of
from telegram_playground.client import Chat, PlaygroundClient, User
from tests.database import Database
from tests.ports import free_port
from tests.walks.conftest import Hasty
from tests.walks.nursery import Child, running

pytestmark = pytest.mark.walk

SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="(\\.|[^"\\\n])*"(,[a-z_]+="(\\.|[^"\\\n])*")*\})? [-+0-9.e]+')


MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


def drawn() -> set[str]:
    """Return the names of the figures that the dashboard and the alarms look at."""
    files = [MONITORING / "dashboard.json", MONITORING / "alerts.yaml"]
    return {name for file in files for name in re.findall(r"deltagram_\w+", file.read_text(encoding="utf-8"))}


async def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    url = f"http://127.0.0.1:{port}{path}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text()


async def test_programs_are_told_by_http(hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    port = free_port()
    async with hasty(metrics_port=port):
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
        await people.wait_call("getUpdates")
        health = await get(port, "/healthz")
        status, figures = await get(port, "/metrics")
        forwarded, _ = await get(port, "/metrics", **{"X-Forwarded-For": "203.0.113.1"})

    assert (health[0], json.loads(health[1])["ready"], json.loads(health[1])["faults"]) == (200, True, [])
    assert status == 200
    assert forwarded == 404
    assert [line for line in figures.splitlines() if not line.startswith("#") and not SAMPLE.fullmatch(line)] == []
    assert 'deltagram_answers_total{provider="openai",outcome="answered"} 1' in figures
    assert 'deltagram_telegram_calls_total{method="sendMessage",outcome="ok"} 1' in figures
    assert 'deltagram_first_text_seconds_count{provider="openai"} 1' in figures
    assert 'deltagram_updates_total{by="polling"} 1' in figures
    told = {line.partition(" ")[0].partition("{")[0] for line in figures.splitlines() if not line.startswith("#")}
    assert drawn() - told == {  # nothing of the kind was there to be counted
        "deltagram_provider_failures_total",
        "deltagram_webhook_pending",
        "deltagram_webhook_posts_total",
    }


async def test_an_admin_reads_it_in_telegram(hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User) -> None:
    async with hasty(admins=str(ann.id)):
        await people.write(chat, ann, "/admin")
        menu = await people.wait(chat, text="Administration")
        await people.press(chat, ann, menu.message_id, "adm:health")
        shown = await people.wait(chat, text="Last call for updates")

    assert shown.message_id == menu.message_id
    assert "Questions waiting: 0" in shown.text
    assert "Database: " in shown.text


async def test_a_bot_that_telegram_does_not_answer_is_alive_and_not_ready(
    hasty: Hasty, people: PlaygroundClient
) -> None:
    await people.fault("getMe", "500", times=None)
    port = free_port()
    async with hasty(metrics_port=port):
        await people.wait_call("getMe")
        live, ready = await get(port, "/healthz/live"), await get(port, "/healthz")

    assert (live[0], ready[0]) == (200, 503)


async def test_the_terminal_is_told_by_a_socket_of_ours(
    child: Child, people: PlaygroundClient, chat: Chat, ann: User, database: Database, monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["status"]) == 2
    assert "no bot runs on" in capsys.readouterr().err

    await child.start()
    await people.write(chat, ann, "hello")
    await people.wait(chat, text="You said: hello", complete=True)
    code = await asyncio.to_thread(main, ["status"])

    told = capsys.readouterr().out
    assert code == 0
    assert socket_of(database.beside).stat().st_mode & 0o777 == 0o600
    assert f"process {child.pid}" in told
    assert "the database takes " in told
    assert "openai: well; 1 answered" in told
    assert "hello" not in told

    assert await child.stop() == 0
    assert not socket_of(database.beside).exists()
    await child.start()
    while not socket_of(database.beside).exists():  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.02)
    await child.kill()
    assert main(["status"]) == 2
    assert "no bot runs on" in capsys.readouterr().err


async def test_a_path_that_is_longer_than_a_socket_takes_is_no_matter(
    hasty: Hasty, people: PlaygroundClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    deep: dict[str, Any] = {"database_url": f"sqlite+aiosqlite:///{folder / 'bot.db'}"}
    async with hasty(**deep):
        await people.wait_call("getUpdates")
        assert socket_of(folder / "bot.db").is_socket()

    assert "status cannot be asked for" not in caplog.text


async def test_log_lines_for_machines_carry_the_ids(
    people: PlaygroundClient, chat: Chat, ann: User, environment: dict[str, str], tmp_path: Path
) -> None:
    await people.fault("sendMessage", "429", times=1)
    async with running(tmp_path, {**environment, "LOG_FORMAT": "json"}) as child:
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
        lines = [json.loads(line) for line in child.log().splitlines()]

    about = {line["message"].split(" chat=")[0]: line for line in lines if "chat=" in line["message"]}
    assert about["flood"]["answer"] == 1
    assert about["flood"]["chat"] == ann.id
