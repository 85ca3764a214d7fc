"""Pictures on their way to the services, as the vendors' own types have them, and models that do not see."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from providers.base import AsyncGeneratorProvider, Message
from providers.blocks import Image, Text, Unknown
from providers.errors import NotTaken
from providers.services import anthropic, gemini, ollama, openai
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import Outcome, outcome, unmarked
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, status
from tests.services.wire import events, sse

CAT, DOG = b"\xff\xd8cat", b"\x89PNGdog"
FILES = {sha256(data).hexdigest(): data for data in (CAT, DOG)}
CAT64, DOG64 = (base64.b64encode(data).decode() for data in (CAT, DOG))
THE_CAT = Image(sha256(CAT).hexdigest(), "image/jpeg", "cat.jpg", len(CAT))
THE_DOG = Image(sha256(DOG).hexdigest(), "image/png", "", len(DOG))
LOST = Image(sha256(b"lost").hexdigest(), "image/png", "lost.png", 4)
TALK: list[Message] = [
    {"role": "system", "content": "Be brief"},
    {"role": "user", "content": [THE_CAT, THE_DOG, Text("What do"), Text(" they do?")]},
    {"role": "assistant", "content": [Text("They run."), THE_CAT]},
    {"role": "user", "content": [LOST, Text("And this?"), Unknown("hologram", "{}")]},
    {"role": "user", "content": "Well?"},
]
LINES = "[image: lost.png]\nAnd this?\n[hologram]"


@dataclass(frozen=True, slots=True)
class Service:
    """One wire: how it is made, where it asks, what it says, what it is to be sent for `TALK`, who judges that."""

    provider: Callable[[Server, Http], AsyncGeneratorProvider]
    path: str
    says: Fault
    sent: Mapping[str, object]
    judge: Callable[[Mapping[str, Any]], object]


def make(kind: Any, settings: Any, path: str = "") -> Callable[[Server, Http], AsyncGeneratorProvider]:
    def provider(server: Server, http: Http) -> AsyncGeneratorProvider:
        setup = settings(base_url=f"{server.url}{path}", api_key="key", model="m")
        made: AsyncGeneratorProvider = kind(setup, http=http, clock=FakeClock(), random=Random(1))
        return made

    return provider


def by_openai(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("openai.types.chat")
    message = TypeAdapter(types.ChatCompletionMessageParam)
    return [message.validate_python(each) for each in sent["messages"]]


def by_anthropic(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("anthropic.types")
    message = TypeAdapter(types.MessageParam)
    return [message.validate_python(each) for each in sent["messages"]]


def by_gemini(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("google.genai.types")
    found = [types.Content.model_validate(content) for content in sent["contents"]]
    assert found[0].parts[0].inline_data.data == CAT
    return found


def by_ollama(sent: Mapping[str, Any]) -> object:
    package = pytest.importorskip("ollama")
    pictures = [package.Image(value=CAT), package.Image(value=DOG)]  # the package encodes bytes itself
    talk = [{**message, **({"images": pictures} if "images" in message else {})} for message in sent["messages"]]
    assert [package.Message(**message).model_dump(exclude_none=True) for message in talk] == sent["messages"]
    return talk


def picture(data: str, media_type: str) -> dict[str, object]:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


ASKED = "What do they do?"
SERVICES = {
    "openai": Service(
        make(openai.OpenAI, openai.Settings, "/v1"),
        "/v1/chat/completions",
        body(sse([{"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}])),
        {
            "messages": [
                {"role": "system", "content": "Be brief"},
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{CAT64}"}},
                        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{DOG64}"}},
                        text(ASKED),
                    ],
                },
                {"role": "assistant", "content": "They run.\n[image: cat.jpg]"},
                {"role": "user", "content": LINES},
                {"role": "user", "content": "Well?"},
            ]
        },
        by_openai,
    ),
    "anthropic": Service(
        make(anthropic.Anthropic, anthropic.Settings),
        "/v1/messages",
        body(
            events(
                [
                    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
                    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
                    {"type": "message_stop"},
                ]
            )
        ),
        {
            "system": "Be brief",
            "messages": [
                {"role": "user", "content": [picture(CAT64, "image/jpeg"), picture(DOG64, "image/png"), text(ASKED)]},
                {"role": "assistant", "content": "They run.\n[image: cat.jpg]"},
                {"role": "user", "content": f"{LINES}\n\nWell?"},
            ],
        },
        by_anthropic,
    ),
    "gemini": Service(
        make(gemini.Gemini, gemini.Settings),
        "/v1beta/models/m:streamGenerateContent",
        body(sse([{"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}], end="")),
        {
            "systemInstruction": {"parts": [{"text": "Be brief"}]},
            "contents": [
                {
                    "role": "user",
                    "parts": [
                        {"inlineData": {"mimeType": "image/jpeg", "data": CAT64}},
                        {"inlineData": {"mimeType": "image/png", "data": DOG64}},
                        {"text": ASKED},
                    ],
                },
                {"role": "model", "parts": [{"text": "They run.\n[image: cat.jpg]"}]},
                {"role": "user", "parts": [{"text": f"{LINES}\n\nWell?"}]},
            ],
        },
        by_gemini,
    ),
    "ollama": Service(
        make(ollama.Ollama, ollama.Settings),
        "/api/chat",
        document({"message": {"content": "Hi"}, "done": True, "done_reason": "stop"}),
        {
            "messages": [
                {"role": "system", "content": "Be brief"},
                {"role": "user", "content": ASKED, "images": [CAT64, DOG64]},
                {"role": "assistant", "content": "They run.\n[image: cat.jpg]"},
                {"role": "user", "content": LINES},
                {"role": "user", "content": "Well?"},
            ]
        },
        by_ollama,
    ),
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]


@pytest.fixture
def provider(service: Service, server: Server, http: Http) -> AsyncGeneratorProvider:
    server.answers["/api/show"] = status(404)
    server.answers[service.path] = service.says
    return service.provider(server, http)


async def ask(provider: AsyncGeneratorProvider, messages: Sequence[Message] = TALK) -> Outcome:
    return await outcome(provider.create_async_generator(None, messages, files=FILES))


async def test_pictures_go_as_the_service_has_them(
    provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    found = await ask(provider)

    sent = unmarked(server.asked[-1].body)
    assert (found.text, found.error) == ("Hi", None)
    assert {key: sent[key] for key in service.sent} == service.sent
    service.judge(sent)


BLIND = document({"error": {"message": "this model does not support image input"}}, code=400)


async def test_a_model_that_refuses_pictures_is_then_sent_lines_in_their_place(
    provider: AsyncGeneratorProvider, service: Service, server: Server
) -> None:
    server.answers[service.path] = [BLIND, service.says]

    assert isinstance((await ask(provider)).error, NotTaken)
    assert Image not in provider.takes(None)
    assert (await ask(provider)).text == "Hi"
    assert "[image: cat.jpg]" in str(server.asked[-1].body)
    assert CAT64 not in str(server.asked[-1].body)


@pytest.mark.parametrize(
    ("name", "path", "listed"),
    [
        (
            "openai",
            "/v1/models",
            {
                "data": [
                    {"id": "m", "architecture": {"input_modalities": ["text"]}},
                    {"id": "seer", "architecture": {"input_modalities": ["text", "image"]}},
                    {"id": "blind", "capabilities": {"vision": False}},
                    {"id": "unknown", "capabilities": {"vision": None}},
                ]
            },
        ),
        (
            "anthropic",
            "/v1/models",
            {
                "data": [
                    {"id": "m", "capabilities": {"image_input": {"supported": False}}},
                    {"id": "seer", "capabilities": {"image_input": {"supported": True}}},
                    {"id": "blind", "capabilities": {"image_input": {"supported": False}}},
                    {"id": "unknown", "capabilities": None},
                ]
            },
        ),
    ],
)
async def test_a_list_of_models_tells_which_ones_see(
    name: str, path: str, listed: Mapping[str, object], server: Server, http: Http
) -> None:
    provider = SERVICES[name].provider(server, http)
    server.answers[path] = document(listed)

    await provider.refresh()

    assert [Image in provider.takes(model) for model in (None, "seer", "blind", "unknown")] == [
        False,
        True,
        False,
        True,
    ]
    assert provider.takes("of yesterday") == frozenset()  # no error: an answer may end after the list has changed


@pytest.mark.parametrize(("able", "paths"), [(["completion"], ["/api/show"]), (["vision"], ["/api/show", "/api/chat"])])
async def test_ollama_is_asked_whether_a_model_sees_before_a_picture_is_sent(
    able: list[str], paths: list[str], server: Server, http: Http
) -> None:
    provider = SERVICES["ollama"].provider(server, http)
    server.answers = {"/api/chat": SERVICES["ollama"].says, "/api/show": document({"capabilities": able})}

    found = await ask(provider)

    assert [asked.path for asked in server.asked] == paths
    assert isinstance(found.error, NotTaken) == (able == ["completion"])
    assert (await ask(provider)).text == "Hi"  # as a line, where it is blind; nobody asks twice
    assert [asked.path for asked in server.asked] == [*paths, "/api/chat"]
