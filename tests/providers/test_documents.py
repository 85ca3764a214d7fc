"""PDFs on their way to the services that read them, as the vendors' own types have them, and their refusals."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import pytest
from pydantic import TypeAdapter

from providers.base import AsyncGeneratorProvider, Message
from providers.blocks import Document, Image, Text
from providers.errors import NotTaken, ServiceFailed, TooLong
from providers.notation import from_json, to_json
from providers.services import anthropic, azure, gemini, ollama, openai
from providers.wire.http import Http
from providers.wire.reading import Reading
from tests.clock import FakeClock
from tests.providers.outcome import Outcome, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document
from tests.services.wire import events, sse

PDF, CAT = b"%PDF-1.7 not much of one", b"\xff\xd8cat"
SHA256 = hashlib.sha256(PDF).hexdigest()
BASE64 = base64.b64encode(PDF).decode()
FILES = {SHA256: PDF, hashlib.sha256(CAT).hexdigest(): CAT}
PAPER = Document(SHA256, "application/pdf", "paper.pdf", len(PDF), 900)
PICTURE = Image(hashlib.sha256(CAT).hexdigest(), "image/jpeg", "", len(CAT))
ASKED = (PICTURE, Text("[file]\nab12\n"), PAPER, Text("ab12\nWhat is it?"))
TALK: list[Message] = [Message(role="system", content="Be brief"), Message(role="user", content=ASKED)]
BEFORE, AFTER = "[file]\nab12\n", "ab12\nWhat is it?"
URL = f"data:application/pdf;base64,{BASE64}"
CHAT = body(sse([{"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}]))
RESPONSE: dict[str, object] = {"type": "response.completed", "response": {"status": "completed", "output": []}}
RESPONSES = body(events([{"type": "response.output_text.delta", "delta": "Hi"}, RESPONSE]))
MESSAGES = body(
    events(
        [
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
            {"type": "message_stop"},
        ]
    )
)
CONTENTS = body(sse([{"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}], end=""))


def at_openai(model: str) -> Callable[[Server, Http], openai.OpenAI]:
    """Return OpenAI's own service, moved to the test's server."""

    def make(server: Server, http: Http) -> openai.OpenAI:
        provider = openai.OpenAI(
            openai.Settings(api_key="k", model=model), http=http, clock=FakeClock(), random=Random(1)
        )
        provider.url = f"{server.url}/v1"
        return provider

    return make


def at(kind: Any, settings: Any, path: str = "", **more: str) -> Callable[[Server, Http], AsyncGeneratorProvider]:
    def make(server: Server, http: Http) -> AsyncGeneratorProvider:
        setup = settings(base_url=f"{server.url}{path}", api_key="key", **more)
        made: AsyncGeneratorProvider = kind(setup, http=http, clock=FakeClock(), random=Random(1))
        return made

    return make


def by_chat(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("openai.types.chat")
    for each in sent["messages"]:
        TypeAdapter(types.ChatCompletionMessageParam).validate_python(each)
    return sent["messages"][1]["content"][2]


def by_responses(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("openai.types.responses")
    TypeAdapter(types.ResponseInputParam).validate_python(sent["input"])
    return sent["input"][0]["content"][2]


def by_anthropic(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("anthropic.types")
    for each in sent["messages"]:
        TypeAdapter(types.MessageParam).validate_python(each)
    return {key: value for key, value in sent["messages"][0]["content"][2].items() if key != "cache_control"}


def by_gemini(sent: Mapping[str, Any]) -> object:
    types = pytest.importorskip("google.genai.types")
    (content,) = [types.Content.model_validate(each) for each in sent["contents"]]
    assert content.parts[2].inline_data.data == PDF
    return sent["contents"][0]["parts"][2]


FILE = {"type": "file", "file": {"filename": "paper.pdf", "file_data": URL}}
SOURCE = {"type": "base64", "media_type": "application/pdf", "data": BASE64}
SERVICES = {
    "openai": (at_openai("gpt-5.6-luna"), "/v1/chat/completions", CHAT, FILE, by_chat),
    "responses": (
        at_openai("gpt-5-pro"),
        "/v1/responses",
        RESPONSES,
        {"type": "input_file", "filename": "paper.pdf", "file_data": URL},
        by_responses,
    ),
    "azure": (
        at(azure.Azure, azure.Settings, model="gpt-4o"),
        "/openai/v1/chat/completions",
        CHAT,
        FILE,
        by_chat,
    ),
    "anthropic": (
        at(anthropic.Anthropic, anthropic.Settings, model="claude-sonnet-5-5"),
        "/v1/messages",
        MESSAGES,
        {"type": "document", "source": SOURCE, "title": "paper.pdf"},
        by_anthropic,
    ),
    "gemini": (
        at(gemini.Gemini, gemini.Settings, model="gemini-3.5-flash"),
        "/v1beta/models/gemini-3.5-flash:streamGenerateContent",
        CONTENTS,
        {"inlineData": {"mimeType": "application/pdf", "data": BASE64}},
        by_gemini,
    ),
}


async def ask(provider: AsyncGeneratorProvider) -> Outcome:
    return await outcome(provider.create_async_generator(None, TALK, files=FILES))


@pytest.mark.parametrize("name", SERVICES)
async def test_a_pdf_goes_between_its_marks_as_the_service_has_it(name: str, server: Server, http: Http) -> None:
    make, path, says, part, judge = SERVICES[name]
    server.answers[path] = says

    found = await ask(make(server, http))

    assert (found.text, found.error) == ("Hi", None)
    assert judge(server.asked[-1].body) == part
    assert [BEFORE.splitlines()[1] in str(server.asked[-1].body), AFTER.splitlines()[1] in str(server.asked[-1].body)]


def refusal(said: str, code: int = 400) -> Fault:
    return document({"error": {"message": said, "type": "invalid_request_error"}}, code=code)


OF_A_MODEL = [
    "Invalid value: 'file'. Supported values are: 'text', 'image_url', 'input_audio'.",
    "messages.0.content.2: Input tag 'document' found using 'type' does not match any of the expected tags",
    "Unsupported MIME type: application/pdf",
    "This model does not support file inputs",
    "'claude-x' does not support PDF input",
]
OF_A_FILE = [
    "The PDF specified was not valid.",
    "messages.0.content.1.pdf.source.base64.data: The PDF specified is password protected.",
    "A maximum of 100 PDF pages may be provided.",
    "The document has no pages.",
    "Could not process the file: it is damaged",
    "Request contains an invalid argument.",
    "Unable to process input image. Please retry or report",
    "Unprocessable Entity",
]


@pytest.mark.parametrize("said", [*OF_A_MODEL, *OF_A_FILE])
async def test_a_refusal_is_told_apart_and_only_that_of_a_model_is_remembered(
    said: str, server: Server, http: Http
) -> None:
    make, path, *_ = SERVICES["anthropic"]
    server.answers[path] = refusal(said)
    provider = make(server, http)

    found = await ask(provider)

    assert isinstance(found.error, NotTaken)
    assert found.error.kinds == {Document}
    assert (Document in provider.takes(None)) == (said in OF_A_FILE)


async def test_what_was_learned_is_forgotten_in_an_hour() -> None:
    clock = FakeClock()
    reading = Reading(clock)
    with pytest.raises(NotTaken), reading.watched("m", [("user", (PAPER,))]):
        raise ServiceFailed(said=OF_A_MODEL[0], status=400)

    assert not reading.takes("m", told=True)
    await clock.advance(3601)
    assert reading.takes("m", told=True)


@pytest.mark.parametrize(
    ("said", "code"), [("The temperature is not supported", 400), ("A file of ours is missing", 500)]
)
async def test_what_is_no_refusal_of_a_pdf_stays_what_it_is(said: str, code: int, server: Server, http: Http) -> None:
    make, path, *_ = SERVICES["gemini"]
    server.answers[path] = refusal(said, code)

    found = await ask(make(server, http))

    assert not isinstance(found.error, NotTaken | TooLong)


def test_who_reads_a_pdf_is_known_by_the_model(server: Server, http: Http) -> None:
    claude = at(anthropic.Anthropic, anthropic.Settings, model="m")(server, http)
    google = at(gemini.Gemini, gemini.Settings, model="m")(server, http)
    own = at_openai("gpt-4o")(server, http)
    elsewhere = at(openai.OpenAI, openai.Settings, "/v1", model="gpt-4o")(server, http)

    def reads(provider: AsyncGeneratorProvider, *models: str) -> list[bool]:
        return [Document in provider.takes(model) for model in models]

    assert reads(claude, "claude-haiku-4-5", "claude-3-5-sonnet-latest", "claude-3-haiku-20240307", "glm-5") == [
        True,
        True,
        False,
        False,
    ]
    assert reads(google, "gemini-3.5-flash", "gemini-2.5-flash-image", "gemma-4") == [True, False, False]
    assert reads(own, "gpt-4o-mini", "gpt-6-luna", "o4-mini", "o3-mini", "gpt-4-turbo", "gpt-4") == [
        *([True] * 3),
        *([False] * 3),
    ]
    assert reads(elsewhere, "gpt-4o", "llama") == [False, False]
    assert Document not in at(ollama.Ollama, ollama.Settings, model="m")(server, http).takes(None)


async def test_a_list_that_names_what_goes_in_is_believed(server: Server, http: Http) -> None:
    listed = [
        {"id": "m", "architecture": {"input_modalities": ["text", "image"]}},
        {"id": "reader", "architecture": {"input_modalities": ["text", "file"]}},
    ]
    server.answers = {"/v1/models": document({"data": listed})}
    provider = at(openai.OpenAI, openai.Settings, "/v1", model="m")(server, http)

    await provider.refresh()

    assert [Document in provider.takes(model) for model in ("m", "reader")] == [False, True]


def test_the_block_is_json_and_back() -> None:
    assert from_json(to_json((PAPER,))) == (PAPER,)
