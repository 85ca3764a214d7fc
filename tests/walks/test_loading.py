"""A model that takes minutes before its first word: it is loaded, or it thinks."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Item, Model, Raw
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
        waiting = await people.wait(chat, text="⏳ The model is getting ready")
        ready.set()
        answer = await people.wait(chat, text="Here I am", complete=True)

    assert answer.message_id == waiting.message_id
    assert answer.text == "Here I am."


async def test_a_restart_meanwhile_takes_it_for_no_answer(
    people: PlaygroundClient, chat: Chat, ann: User, start: Start, ready: asyncio.Event
) -> None:
    async with start(default_provider="ollama"):
        await people.write(chat, ann, "Are you there?")
        waiting = await people.wait(chat, text="⏳ The model is getting ready")
    ready.set()
    async with start(default_provider="ollama"):
        answer = await people.wait(chat, text="Here I am", complete=True)

    assert (answer.message_id, answer.text) == (waiting.message_id, "Here I am.")


async def test_a_model_that_thinks_for_long_is_waited_for_as_long_as_its_connection_lives(
    people: PlaygroundClient, chat: Chat, ann: User, start: Start, model: Model
) -> None:
    signs: list[Item] = [Raw(b": ping\n\n"), 0.5] * 6
    model.says("think", *signs, "Done thinking.")

    async with start(first_token_timeout=2):
        await people.write(chat, ann, "think")
        answer = await people.wait(chat, text="Done thinking", complete=True)

    assert answer.text == "Done thinking."
    assert len(model.requests) == 1


async def test_a_model_that_is_silent_is_given_up_and_not_asked_twice(
    people: PlaygroundClient, chat: Chat, ann: User, start: Start, model: Model
) -> None:
    model.says("say nothing", asyncio.Event())

    async with start(first_token_timeout=0.5):
        await people.write(chat, ann, "say nothing")
        told = await people.wait(chat, text="⚠️ OpenAI: ", complete=True)

    assert "/retry" in told.text
    assert len(model.requests) == 1
