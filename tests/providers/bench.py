"""Who is held to the contract: every provider and every wrapper, the service behind each, and how that speaks."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.clock import Clock
from providers import fallback
from providers.base import AsyncGeneratorProvider, Message
from providers.care.arrangement import Arrangement, Options
from providers.care.keyring import Keyring
from providers.care.wrapped import Wrapped
from providers.services import anthropic, azure, demo, g4f, gemini, ollama, openai, presets
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, Outcome, outcome
from tests.providers.server import Server
from tests.services import fakegpt, gptalk, wordpress
from tests.services.cases import make_chatgptfree, make_chatgptt, make_fakegpt, make_gptalk
from tests.services.faults import Fault, document, page, status
from tests.services.wire import events, sse

KEY = "key-0123456789"
PAGE = f'<html><body><div data-post-id="7" data-nonce="{KEY}"></div></body></html>'

Items = list[dict[str, object]]


class NotMeant(Exception):
    """A promise that is no matter of a provider, and why."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How a service says a whole answer: pieces of text, thoughts before it, its count; how it wishes for a tool.

    `before`: what it answers to the other requests of a call. One that knows words alone has no wish.
    """

    path: str
    text: Callable[[Sequence[str]], Items]
    thought: Callable[[str], Items]
    last: Items
    wish: Items
    frame: Callable[[Items], bytes]
    before: Mapping[str, Fault] = field(default_factory=dict)

    def answer(self, *words: str, thought: str = "") -> bytes:
        """Return a whole answer."""
        return self.frame([*(self.thought(thought) if thought else []), *self.text(words), *self.last])


@dataclass(frozen=True, slots=True)
class Bench:
    """A provider, the service behind it, and how that speaks; None: there is none."""

    provider: AsyncGeneratorProvider
    server: Server
    speech: Speech | None

    def says(self, fault: Fault) -> None:
        """Have the service answer so."""
        if self.speech is None:
            raise NotMeant("it has no service")
        self.server.answers = {**self.speech.before, self.speech.path: fault}

    async def ask(self, messages: list[Message] = HELLO, **options: Any) -> Outcome:
        """Ask and read to the end."""
        return await outcome(self.provider.create_async_generator(None, messages, **options))

    @property
    def spoken(self) -> Speech:
        """How the service speaks."""
        if self.speech is None:
            raise NotMeant("it has no service")
        return self.speech


def _chunk(delta: Mapping[str, object], finish: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _chat(path: str) -> Speech:
    function = {"name": "time", "arguments": "{}"}
    call = {"index": 0, "id": "c1", "type": "function", "function": function}
    usage: dict[str, object] = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}}
    return Speech(
        path,
        lambda words: [_chunk({"content": word}) for word in words],
        lambda words: [_chunk({"reasoning_content": words})],
        [_chunk({}, "stop"), usage],
        [_chunk({"tool_calls": [call]}), _chunk({}, "tool_calls"), usage],
        sse,
    )


def _responses() -> Speech:
    usage = {"input_tokens": 7, "output_tokens": 3}
    over: dict[str, object] = {
        "type": "response.completed",
        "response": {"status": "completed", "output": [], "usage": usage},
    }
    call = {"type": "function_call", "call_id": "c1", "name": "time", "arguments": "{}"}
    return Speech(
        "/v1/responses",
        lambda words: [{"type": "response.output_text.delta", "delta": word} for word in words],
        lambda words: [{"type": "response.reasoning_summary_text.delta", "delta": words}],
        [over],
        [{"type": "response.output_item.done", "item": call}, over],
        events,
    )


def _messages() -> Speech:
    def block(kind: str, name: str, words: Sequence[str]) -> Items:
        deltas = [{"type": "content_block_delta", "index": 0, "delta": {"type": kind, name: word}} for word in words]
        return [*deltas, {"type": "content_block_stop", "index": 0}]

    start: dict[str, object] = {"type": "message_start", "message": {"usage": {"input_tokens": 7, "output_tokens": 1}}}
    tool = {"type": "tool_use", "id": "c1", "name": "time", "input": {}}

    def end(reason: str) -> Items:
        delta: dict[str, object] = {
            "type": "message_delta",
            "delta": {"stop_reason": reason},
            "usage": {"output_tokens": 3},
        }
        return [delta, {"type": "message_stop"}]

    return Speech(
        "/v1/messages",
        lambda words: [start, *block("text_delta", "text", words)],
        lambda words: [start, *block("thinking_delta", "thinking", [words])],
        end("end_turn"),
        [
            start,
            {"type": "content_block_start", "index": 0, "content_block": tool},
            {"type": "content_block_stop", "index": 0},
            *end("tool_use"),
        ],
        events,
    )


def _contents() -> Speech:
    def said(*parts: Mapping[str, object], **more: object) -> dict[str, object]:
        return {"candidates": [{"content": {"role": "model", "parts": list(parts)}, **more}]}

    usage = {"usageMetadata": {"promptTokenCount": 7, "candidatesTokenCount": 3}}
    last = {**said(finishReason="STOP"), **usage}
    return Speech(
        "/v1beta/models/m:streamGenerateContent",
        lambda words: [said({"text": word}) for word in words],
        lambda words: [said({"text": words, "thought": True})],
        [last],
        [said({"functionCall": {"name": "time", "args": {}}}), last],
        lambda items: sse(items, end=""),
    )


def _lines() -> Speech:
    def said(**message: object) -> dict[str, object]:
        return {"model": "m", "message": {"role": "assistant", **message}, "done": False}

    last: dict[str, object] = {
        "message": {"content": ""},
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 7,
        "eval_count": 3,
    }
    return Speech(
        "/api/chat",
        lambda words: [said(content=word) for word in words],
        lambda words: [said(content="", thinking=words)],
        [last],
        [said(content="", tool_calls=[{"function": {"name": "time", "arguments": {}}}]), last],
        lambda items: "".join(f"{json.dumps(item)}\n" for item in items).encode(),
        {"/api/show": status(404)},
    )


def _words(path: str, frame: Callable[..., bytes], *, grows: bool, before: Mapping[str, Fault]) -> Speech:
    """Return how a service speaks that says words alone; `grows`: each time all of them so far."""

    def framed(items: Items) -> bytes:
        said = [str(item["text"]) for item in items]
        return frame(*("".join(said[: n + 1]) for n in range(len(said)))) if grows else frame(*said)

    return Speech(path, lambda words: [{"text": word} for word in words], lambda _: [], [], [], framed, before)


def made(kind: Any, settings: Any, path: str = "", **more: object) -> Callable[[str, Http], AsyncGeneratorProvider]:
    def make(url: str, http: Http) -> AsyncGeneratorProvider:
        setup = settings(base_url=f"{url}{path}", api_key=KEY, model="m", **more)
        found: AsyncGeneratorProvider = kind(setup, http=http, clock=FakeClock(), random=Random(1))
        return found

    return make


_openai = made(openai.OpenAI, openai.Settings, "/v1")


def by_responses(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = openai.Settings(base_url=f"{url}/v1", api_key=KEY, model="m")
    found = openai.OpenAI(setup, http=http, clock=FakeClock(), random=Random(1))
    found._forms.take_list(["m"])  # as the server's list would say it
    return found


def _preset(url: str, http: Http) -> AsyncGeneratorProvider:
    preset = next(each for each in presets.PRESETS if each.id == "groq")
    return made(openai.OpenAI, openai.settings_of(preset), "/v1")(url, http)


def _wrapped(url: str, http: Http) -> AsyncGeneratorProvider:
    return Wrapped(_openai(url, http), Arrangement(options=Options(top_p=0.9)), clock=FakeClock())


def _keyring(url: str, http: Http) -> AsyncGeneratorProvider:
    return Keyring([_openai(url, http), _openai(url, http)], clock=FakeClock(), random=Random(1))


def _fallback(url: str, http: Http) -> AsyncGeneratorProvider:
    setup, member = fallback.Settings(providers=("openai",)), _openai(url, http)
    return fallback.Fallback(setup, http=http, clock=FakeClock(), random=Random(1), providers={"openai": member})


def _demo(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = demo.Settings(tokens_per_second=1_000_000, first_token_s=0)
    return demo.Demo(setup, http=http, clock=Clock(), random=Random(1))


_CHAT = _chat("/v1/chat/completions")
AJAX = "/wp-admin/admin-ajax.php"
ROWS: Mapping[str, tuple[Callable[[str, Http], AsyncGeneratorProvider], Speech | None]] = {
    "openai": (_openai, _CHAT),
    "responses": (by_responses, _responses()),
    "azure": (made(azure.Azure, azure.Settings), _chat("/openai/v1/chat/completions")),
    "anthropic": (made(anthropic.Anthropic, anthropic.Settings), _messages()),
    "gemini": (made(gemini.Gemini, gemini.Settings), _contents()),
    "ollama": (made(ollama.Ollama, ollama.Settings), _lines()),
    "g4f": (made(g4f.G4F, g4f.Settings, "/v1"), _CHAT),
    "preset": (_preset, _CHAT),
    "fakegpt": (
        make_fakegpt,
        _words(
            "/api/conversation",
            fakegpt.answer,
            grows=True,
            before={
                "/api/loads": document({"loads": [{"token_id": "one"}]}),
                "/auth/login": status(200, headers={"Set-Cookie": "credential=0123456789; Path=/"}),
                "/api/auth/session": document({"accessToken": KEY}),
            },
        ),
    ),
    "gptalk": (
        make_gptalk,
        _words(
            "/api/chatgpt/chatapi/stream",
            gptalk.answer,
            grows=True,
            before={
                "/api/chatgpt/user/login": document({"data": {"token": KEY, "expires_at": 4_000_000_000}}),
                "/api/chatgpt/chatapi/text": document({"code": 200, "data": {"token": KEY}}),
            },
        ),
    ),
    "chatgptt": (make_chatgptt, _words(AJAX, wordpress.stream, grows=False, before={"/": page(PAGE)})),
    "chatgptfree": (make_chatgptfree, _words(AJAX, wordpress.stream, grows=False, before={"/": page(PAGE)})),
    "wrapped": (_wrapped, _CHAT),
    "keyring": (_keyring, _CHAT),
    "fallback": (_fallback, _CHAT),
    "demo": (_demo, None),
}
