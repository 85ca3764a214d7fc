"""What we send is what the vendors' packages would: their types of a request judge the bodies of ours."""

from collections.abc import Callable
from typing import Any

import pytest

from providers.base import AsyncGeneratorProvider, Message
from providers.blocks import Image, Text, ToolCall, ToolResult
from providers.tools import Tool
from providers.wire.http import Http
from tests.providers.bench import ROWS
from tests.providers.contract import PICTURE, SHA256
from tests.providers.outcome import outcome
from tests.providers.server import Server
from tests.services.faults import status

TIME = Tool("time", "Tells the time.", {"type": "object", "properties": {"zone": {"type": "string"}}})
TALK: list[Message] = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": (Image(SHA256, "image/jpeg", "", len(PICTURE)), Text("What is it?"))},
    {"role": "assistant", "content": "A cat."},
    {"role": "user", "content": "What time is it there?"},
    {"role": "assistant", "content": (Text("I look."), ToolCall("c1", "time", '{"zone": "UTC"}'))},
    {"role": "tool", "content": (ToolResult("c1", "time", "12:00", is_error=False),)},
]


def of_openai(package: str, name: str) -> Callable[[], Any]:
    return lambda: getattr(pytest.importorskip(package), name)


TYPES = {
    "openai": of_openai("openai.types.chat.completion_create_params", "CompletionCreateParamsStreaming"),
    "azure": of_openai("openai.types.chat.completion_create_params", "CompletionCreateParamsStreaming"),
    "responses": of_openai("openai.types.responses.response_create_params", "ResponseCreateParamsStreaming"),
    "anthropic": of_openai("anthropic.types.message_create_params", "MessageCreateParamsStreaming"),
}
SAMPLING = {"temperature", "top_p"}  # anthropic 2.12.0 has them no more; older models take them where they are wished


@pytest.mark.parametrize("row", TYPES)
@pytest.mark.parametrize("more", [{}, {"effort": "low", "temperature": 0.3, "top_p": 0.9, "max_tokens": 4_000}])
async def test_a_request_has_the_vendors_type(row: str, more: dict[str, object], server: Server, http: Http) -> None:
    pydantic = pytest.importorskip("pydantic")
    make, speech = ROWS[row]
    assert speech
    provider: AsyncGeneratorProvider = make(server.url, http)
    server.answers[speech.path] = status(500)

    options: dict[str, Any] = {"tools": [TIME], "thoughts": True, **more}
    await outcome(provider.create_async_generator(None, TALK, files={SHA256: PICTURE}, **options))

    body = server.asked[-1].body
    told = TYPES[row]()
    unknown = body.keys() - told.__annotations__.keys() - _inherited(told)
    assert not unknown - (SAMPLING if row == "anthropic" else set())
    pydantic.TypeAdapter(told).validate_python(body)
    assert row != "responses" or body["store"] is False


def _inherited(told: Any) -> set[str]:
    return {name for base in getattr(told, "__orig_bases__", ()) for name in getattr(base, "__annotations__", {})}
