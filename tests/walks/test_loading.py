"""A model that gets ready for minutes, as a local one does when it is loaded."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from telegram_playground.client import Chat, PlaygroundClient, User
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk


@pytest.fixture
async def ready(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Event]:
    """An Ollama that says nothing before it is ready, but answers what it is doing."""
    gate = asyncio.Event()

    async def tags(_: web.Request) -> web.Response:
        return web.json_response({"models": [{"name": "m"}]})

    async def chat(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        response = web.StreamResponse()
        await response.prepare(request)
        for content, done in (("Here ", False), ("I am.", False), ("", True)):
            message = {"message": {"role": "assistant", "content": content}, "done": done, "done_reason": "stop"}
            await response.write(json.dumps(message).encode() + b"\n")
        return response

    app = web.Application()
    app.router.add_get("/api/tags", tags)
    app.router.add_get("/api/ps", tags)
    app.router.add_post("/api/chat", chat)
    async with TestServer(app) as server:
        monkeypatch.setenv("OLLAMA_BASE_URL", str(server.make_url("")).rstrip("/"))
        yield gate


async def test_it_is_said_while_it_lasts_and_gone_with_the_answer(
    people: PlaygroundClient, chat: Chat, ann: User, start: Start, ready: asyncio.Event
) -> None:
    async with start(default_provider="ollama"):
        await people.write(chat, ann, "Are you there?")
        waiting = await people.wait(chat, text="⏳ The model is getting ready", timeout=15)
        ready.set()
        answer = await people.wait(chat, text="Here I am", complete=True, timeout=15)

    assert answer.message_id == waiting.message_id
    assert answer.text == "Here I am."


async def test_a_restart_meanwhile_takes_it_for_no_answer(
    people: PlaygroundClient, chat: Chat, ann: User, start: Start, ready: asyncio.Event
) -> None:
    async with start(default_provider="ollama"):
        await people.write(chat, ann, "Are you there?")
        waiting = await people.wait(chat, text="⏳ The model is getting ready", timeout=15)
    ready.set()
    async with start(default_provider="ollama"):
        answer = await people.wait(chat, text="Here I am", complete=True, timeout=25)

    assert (answer.message_id, answer.text) == (waiting.message_id, "Here I am.")
