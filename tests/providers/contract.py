"""What every provider and every wrapper of providers keeps to, as one table: a row a provider, a column a promise.

    python -m tests.providers.contract          prints it, with 1,000 answers for the last column (make contract)

A promise is an async function of a Bench; it raises AssertionError where it is not kept, NotMeant where it is no matter
of that provider. `test_contract.py` runs each by itself.
"""

import asyncio
import gc
import hashlib
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from random import Random
from typing import Any

from bot.clock import Clock
from providers import anthropic, azure, demo, fallback, g4f, gemini, ollama, openai
from providers.base import AsyncGeneratorProvider, Message, Usage
from providers.blocks import Image, Text, ToolCall
from providers.care.arrangement import Arrangement, Options
from providers.care.keyring import Keyring
from providers.care.wrapped import Wrapped
from providers.errors import (
    EmptyAnswer,
    Incomplete,
    NoConnection,
    OutOfCredit,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)
from providers.tools import Tool
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, Outcome, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, hang_up, page, silence, status
from tests.services.proxies import HttpProxy
from tests.services.wire import Wire, events, sse

PICTURE = b"\xff\xd8 not much of a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
WORDS = ("Hel", "lo, ", "wörld \U0001f44b\U0001f3fd.")
MANY = 1_000
TABLE_LEFT = 14
SILENCE_S = 0.3  # long enough for what a busy machine says late

Items = list[dict[str, object]]


class NotMeant(Exception):
    """A promise that is no matter of a provider, and why."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How a service says a whole answer: pieces of text, thoughts before it, its count; how it wishes for a tool."""

    path: str
    text: Callable[[Sequence[str]], Items]
    thought: Callable[[str], Items]
    last: Items
    wish: Items
    frame: Callable[[Items], bytes]

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
        self.server.answers = {self.speech.path: fault, "/api/show": status(404)}

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
    )


def made(kind: Any, settings: Any, path: str = "", **more: object) -> Callable[[str, Http], AsyncGeneratorProvider]:
    def make(url: str, http: Http) -> AsyncGeneratorProvider:
        setup = settings(base_url=f"{url}{path}", api_key="key-0123456789", model="m", **more)
        found: AsyncGeneratorProvider = kind(setup, http=http, clock=FakeClock(), random=Random(1))
        return found

    return make


_openai = made(openai.OpenAI, openai.Settings, "/v1")


def by_responses(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = openai.Settings(base_url=f"{url}/v1", api_key="key-0123456789", model="m")
    found = openai.OpenAI(setup, http=http, clock=FakeClock(), random=Random(1))
    found._forms.take_list(["m"])  # as the server's list would say it
    return found


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
ROWS: Mapping[str, tuple[Callable[[str, Http], AsyncGeneratorProvider], Speech | None]] = {
    "openai": (_openai, _CHAT),
    "responses": (by_responses, _responses()),
    "azure": (made(azure.Azure, azure.Settings), _chat("/openai/v1/chat/completions")),
    "anthropic": (made(anthropic.Anthropic, anthropic.Settings), _messages()),
    "gemini": (made(gemini.Gemini, gemini.Settings), _contents()),
    "ollama": (made(ollama.Ollama, ollama.Settings), _lines()),
    "g4f": (made(g4f.G4F, g4f.Settings, "/v1"), _CHAT),
    "wrapped": (_wrapped, _CHAT),
    "keyring": (_keyring, _CHAT),
    "fallback": (_fallback, _CHAT),
    "demo": (_demo, None),
}


async def deltas(bench: Bench) -> None:
    """The text comes whole, however its bytes are cut."""
    if bench.speech is None:
        assert (await bench.ask()).text
        return
    for wire in (Wire(), Wire(every=7), Wire(gzip=True), Wire(every=5, content_type="text/plain")):
        bench.says(body(bench.spoken.answer(*WORDS), wire))
        found = await bench.ask()
        assert (found.text, found.error) == ("".join(WORDS), None)


async def thinking(bench: Bench) -> None:
    """What is thought is told apart from the answer."""
    bench.says(body(bench.spoken.answer("Hi", thought="Hm, hm.")))
    found = await bench.ask(thoughts=True)
    assert (found.reasoning, found.text) == ("Hm, hm.", "Hi")


async def usage(bench: Bench) -> None:
    """The service's count of tokens comes last."""
    bench.says(body(bench.spoken.answer("Hi")))
    found = await bench.ask()
    assert isinstance(found.deltas[-1], Usage)
    assert (found.deltas[-1].prompt_tokens, found.deltas[-1].completion_tokens) == (7, 3)


async def tools(bench: Bench) -> None:
    """Tools are offered, and a wish for one is told."""
    bench.says(body(bench.spoken.frame(bench.spoken.wish)))
    found = await bench.ask(tools=[Tool("time", "Tells the time.", {"type": "object"})])
    assert "Tells the time." in json.dumps(bench.server.asked[-1].body)
    assert [delta.name for delta in found.deltas if isinstance(delta, ToolCall)] == ["time"]


async def pictures(bench: Bench) -> None:
    """A picture goes with its question."""
    bench.says(body(bench.spoken.answer("A cat.")))
    content = (Image(SHA256, "image/jpeg", "", len(PICTURE)), Text("What is it?"))
    found = await bench.ask([{"role": "user", "content": content}], files={SHA256: PICTURE})
    assert found.text == "A cat."
    assert "/9gg" in json.dumps(bench.server.asked[-1].body)  # the base64 of its beginning


async def stop(bench: Bench) -> None:
    """Who stops reading closes the connection."""
    bench.says(body(bench.spoken.frame(bench.spoken.text(["Hel", "lo"])), Wire(end="hold")))
    answer = bench.provider.create_async_generator(None, HELLO)
    async with aclosing(answer):
        async for delta in answer:
            if isinstance(delta, str):
                break
    await bench.server.busy(0)


FAULTS: Sequence[tuple[Fault, type[ProviderError]]] = (
    (status(401, '{"error": {"message": "no such key"}}'), SignInFailed),
    (status(402, '{"error": {"message": "pay first"}}'), OutOfCredit),
    (status(413, '{"error": {"message": "too large"}}'), TooLong),
    (status(429, '{"error": {"message": "slow down"}}', headers={"Retry-After": "7"}), RateLimited),
    (status(500, '{"error": {"message": "oops"}}'), ServiceFailed),
    (page(code=503), ServiceFailed),
    (page(), ServiceFailed),
    (document({"error": {"message": "oops", "code": 500}}), ServiceFailed),
    (hang_up(), NoConnection),
    (body(b""), EmptyAnswer),
)


async def faults(bench: Bench) -> None:
    """Each failure is told as what it is, without the key."""
    for fault, kind in FAULTS:
        bench.says(fault)
        found = await bench.ask()
        assert isinstance(found.error, kind), (kind, found.error, found.error and found.error.reason)
        assert "key-0123456789" not in found.error.reason
        assert found.text == ""


async def breaks(bench: Bench) -> None:
    """A connection that breaks off, and a service that falls silent, leave what came."""
    begun = bench.spoken.frame(bench.spoken.text(["Hel", "lo"])).replace(b"data: [DONE]\n\n", b"")
    bench.says(body(begun, Wire(end="cut")))
    found = await bench.ask()
    assert (found.text, type(found.error)) == ("Hello", Incomplete)
    bench.says(body(begun, Wire(end="hold")))
    found = await bench.ask(timeout=SILENCE_S)
    assert (found.text, type(found.error)) == ("Hello", TimedOut)
    bench.says(silence())
    found = await bench.ask(timeout=SILENCE_S)
    assert (found.text, type(found.error)) == ("", TimedOut)


async def proxies(bench: Bench) -> None:
    """Every request goes through the proxy that is named."""
    bench.says(body(bench.spoken.answer("Hi")))
    async with HttpProxy() as proxy:
        found = await bench.ask(proxy=proxy.url)
        assert (found.text, found.error) == ("Hi", None)
        assert len(proxy.seen) == len(bench.server.asked) > 0


def many(times: int) -> Callable[[Bench], Awaitable[None]]:
    """Return the promise that so many answers, and as many failures and stops among them, leave nothing behind."""

    async def leak(bench: Bench) -> None:
        """Many answers leave no task, no connection and no object behind."""
        if bench.speech:
            bench.says(body(bench.spoken.answer(*WORDS)))
        await bench.ask()
        gc.collect()
        before, objects = len(asyncio.all_tasks()), len(gc.get_objects())
        for number in range(times):
            answer = bench.provider.create_async_generator(None, HELLO)
            async with aclosing(answer):
                async for delta in answer:
                    if number % 3 == 0 and isinstance(delta, str):
                        break
        await bench.server.busy(0)
        bench.server.asked.clear()
        gc.collect()
        assert len(asyncio.all_tasks()) <= before + 2  # of the server, which ends a connection when it looks
        assert len(gc.get_objects()) < objects + 40 * 50 + times, "objects are left"

    return leak


PROMISES: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    each.__name__: each for each in (deltas, thinking, usage, tools, pictures, stop, faults, breaks, proxies)
}


async def kept(row: str, promise: Callable[[Bench], Awaitable[None]]) -> None:
    """Put a provider before a service of its own and hold it to a promise. Raises AssertionError, NotMeant."""
    make, speech = ROWS[row]
    async with Server() as server, Http(connect_timeout_s=5, silence_timeout_s=10) as http:
        await promise(Bench(make(server.url, http), server, speech))


async def table(say: Callable[[str], object]) -> bool:
    """Say the table, line by line; tell whether all is kept."""
    columns = {**PROMISES, f"{MANY:,}": many(MANY)}
    say("".join([f"| {'':{TABLE_LEFT}}", *(f" | {name}" for name in columns), " |"]))
    say("|".join(["", "---", *("---" for _ in columns), ""]))
    is_whole = True
    for row in ROWS:
        cells = []
        for name, promise in columns.items():
            began = asyncio.get_running_loop().time()
            try:
                await kept(row, promise)
                told = f"{(asyncio.get_running_loop().time() - began) * 1000:.0f} ms"
            except NotMeant:
                told = "–"
            except AssertionError:
                told, is_whole = "BROKEN", False
            cells.append(f" | {told:>{len(name)}}")
        say("".join([f"| {row:{TABLE_LEFT}}", *cells, " |"]))
    return is_whole


if __name__ == "__main__":
    logging.disable()
    sys.exit(not asyncio.run(table(lambda line: sys.stdout.write(f"{line}\n"))))
