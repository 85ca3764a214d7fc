"""aimock, a service that nobody here wrote, answers our providers in every protocol that it speaks (node).

It answers by the words of a request: pictures and PDFs may stand beside them in each protocol, but only of a chat
completion it keeps what came; it judges none and counts no tokens of them. Pictures in answers, previews of pictures,
thoughts that go back and prices are not in it. What the bot makes of it all is in tests/walks/test_aimock.py.
"""

import base64
import json
from collections.abc import Callable, Iterator
from hashlib import sha256

import pytest

from providers.base import AsyncGeneratorProvider, Message
from providers.blocks import Content, Document, Image, Text, ToolCall
from providers.errors import RateLimited
from providers.services import anthropic, azure, gemini, ollama, openai
from providers.tools import Tool
from providers.wire.http import Http
from tests.providers.aimock.service import IS_THERE, MISSING, aimock
from tests.providers.bench import by_responses, made
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
READERS = {"azure": "gpt-4o", "anthropic": "claude-sonnet-4-5", "gemini": "gemini-2.5-flash"}  # of PDFs


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One process for all of them: its start takes longer than they do."""
    with aimock() as address:
        yield address


async def ask(
    provider: AsyncGeneratorProvider, asked: str | Content, *, model: str | None = None, **options: object
) -> Outcome:
    messages: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": asked}]
    return await outcome(provider.create_async_generator(model, messages, **options))  # type: ignore[arg-type]  # any


async def test_every_wire_reads_what_it_says(url: str, http: Http) -> None:
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


async def test_a_picture_goes_beside_the_words_on_every_wire(url: str, http: Http) -> None:
    data = b"\xff\xd8cat"
    cat = Image(sha256(data).hexdigest(), "image/jpeg", "", len(data))
    asked = (cat, Text("What is in this picture?"))
    for name, make in WIRES.items():
        found = await ask(make(url, http), asked, files={cat.sha256: data})
        assert (found.text, found.error) == ("A grey cat.", None), name

    async with http.session() as session, session.get(f"{url}/__aimock/journal") as journal:
        bodies = [entry["body"] or {} for entry in await journal.json()]
    contents = [message["content"] for body in bodies for message in body.get("messages", [])]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    pictures = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert pictures == [f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"] * 2  # openai, azure


async def test_a_pdf_goes_beside_the_words_where_it_is_taken(url: str, http: Http) -> None:
    paper = Document(sha256(b"%PDF-").hexdigest(), "application/pdf", "paper.pdf", 5, 900)
    asked = (paper, Text("What is this paper about?"))
    for name, model in READERS.items():
        provider = WIRES[name](url, http)
        assert Document in provider.takes(model), name

        found = await ask(provider, asked, model=model, files={paper.sha256: b"%PDF-"})

        assert (found.text, found.error) == ("A fox.", None), name
