"""aimock, a service that nobody here wrote, answers our providers in every protocol that it speaks (node)."""

import json
from collections.abc import AsyncIterator, Callable

import pytest

from providers import anthropic, azure, gemini, ollama, openai
from providers.base import AsyncGeneratorProvider, Message
from providers.blocks import ToolCall
from providers.errors import RateLimited
from providers.tools import Tool
from providers.wire.http import Http
from tests.providers.aimock.service import IS_THERE, MISSING, aimock
from tests.providers.contract import by_responses, made
from tests.providers.outcome import HELLO, Outcome, outcome

TIME = Tool("time", "Tells the time.", {"type": "object", "properties": {"zone": {"type": "string"}}})

pytestmark = pytest.mark.skipif(not IS_THERE, reason=MISSING)

WIRES: dict[str, Callable[[str, Http], AsyncGeneratorProvider]] = {
    "openai": made(openai.OpenAI, openai.Settings, "/v1"),
    "responses": by_responses,
    "azure": made(azure.Azure, azure.Settings, api_version="2024-10-21"),
    "anthropic": made(anthropic.Anthropic, anthropic.Settings),
    "gemini": made(gemini.Gemini, gemini.Settings),
    "ollama": made(ollama.Ollama, ollama.Settings),
}


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with aimock() as address:
        yield address


async def ask(provider: AsyncGeneratorProvider, text: str, **options: object) -> Outcome:
    messages: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}]
    return await outcome(provider.create_async_generator(None, messages, **options))  # type: ignore[arg-type]  # any


async def test_every_wire_reads_what_it_says(url: str, http: Http) -> None:
    """One process for all of them: its start takes longer than they do."""
    for name, make in WIRES.items():
        provider = make(url, http)

        hello = await ask(provider, "Hello", thoughts=True)
        wish = await ask(provider, "What is it o'clock?", tools=[TIME])
        busy = await ask(provider, "My quota?")

        assert (hello.text, hello.error) == ("Hi there, wörld! How are you?", None), name
        assert hello.reasoning in ("Let me think.", ""), name
        calls = [delta for delta in wish.deltas if isinstance(delta, ToolCall)]
        assert [(call.name, json.loads(call.arguments)) for call in calls] == [("time", {"zone": "UTC"})], name
        assert isinstance(busy.error, RateLimited), (name, busy.error)


async def test_a_second_question_is_answered_too(url: str, http: Http) -> None:
    talk: list[Message] = [*HELLO, {"role": "assistant", "content": "Hi!"}, *HELLO]
    for name, make in WIRES.items():
        found = await outcome(make(url, http).create_async_generator(None, talk))
        assert found.text.startswith("Hi there"), name
