"""What every provider of a JSON protocol does with a good answer, a bad one and none: one suite, five providers."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import Alive, AsyncGeneratorProvider, Message
from providers.errors import (
    Blocked,
    EmptyAnswer,
    Incomplete,
    NoConnection,
    NothingToSend,
    ProviderError,
    RateLimited,
    Refused,
    ServiceFailed,
    SignInFailed,
    TimedOut,
    TooLong,
)
from providers.services import anthropic, g4f, gemini, ollama, openai
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.official import judge
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import CHALLENGE, Fault, body, document, echo, hang_up, page, silence, status
from tests.services.wire import Wire, events, sse
from tests.stopwatch import within

KEY = "key-0123456789"


@dataclass(frozen=True, slots=True)
class Case:
    """A provider, the path it asks, and how its service frames an answer."""

    make: Callable[[str, Http], AsyncGeneratorProvider]
    path: str
    deltas: Callable[..., list[dict[str, object]]]
    last: list[dict[str, object]]
    marker: str = ""
    lines: bool = False

    def frame(self, items: list[dict[str, object]], *, end: bool) -> bytes:
        """Return a body."""
        if self.lines:
            return "".join(f"{json.dumps(item)}\n" for item in items).encode()
        if "type" in self.last[0]:
            return events(items)
        return sse(items, end=self.marker if end else "")

    def beginning(self, *texts: str) -> bytes:
        """Return a body that stops in mid-answer."""
        return self.frame(self.deltas(*texts), end=False)

    def answer(self, *texts: str) -> bytes:
        """Return a whole body."""
        return self.frame([*self.deltas(*texts), *self.last], end=True)


def make_openai(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = openai.Settings(base_url=f"{url}/v1", api_key=KEY, model="m")
    return openai.OpenAI(setup, http=http, clock=FakeClock(), random=Random(1))


def make_g4f(url: str, http: Http) -> AsyncGeneratorProvider:
    return g4f.G4F(g4f.Settings(base_url=f"{url}/v1", api_key=KEY), http=http, clock=FakeClock(), random=Random(1))


def make_anthropic(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = anthropic.Settings(base_url=url, api_key=KEY, model="m")
    return anthropic.Anthropic(setup, http=http, clock=FakeClock(), random=Random(1))


def make_gemini(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = gemini.Settings(base_url=url, api_key=KEY, model="m")
    return gemini.Gemini(setup, http=http, clock=FakeClock(), random=Random(1))


def make_ollama(url: str, http: Http) -> AsyncGeneratorProvider:
    setup = ollama.Settings(base_url=url, api_key=KEY, model="m")
    return ollama.Ollama(setup, http=http, clock=FakeClock(), random=Random(1))


Items = list[dict[str, object]]


def chat_chunks(*texts: str) -> Items:
    return [chat_chunk({"content": text}) for text in texts]


def chat_chunk(delta: dict[str, object], finish: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def block_deltas(*texts: str) -> list[dict[str, object]]:
    head: dict[str, object] = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": []}
    usage = {"input_tokens": 3, "output_tokens": 1}
    start: Items = [{"type": "message_start", "message": {**head, "usage": usage}}, {"type": "ping"}]
    block: Items = [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}]
    deltas: Items = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}} for text in texts
    ]
    return start + block + deltas


def candidates(*texts: str) -> list[dict[str, object]]:
    return [{"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}]} for text in texts]


def chat_lines(*texts: str) -> list[dict[str, object]]:
    return [{"model": "m", "message": {"role": "assistant", "content": text}, "done": False} for text in texts]


STOP = chat_chunk({}, "stop")
CASES = {
    "openai": Case(make_openai, "/v1/chat/completions", chat_chunks, [STOP], marker="[DONE]"),
    "g4f": Case(make_g4f, "/v1/chat/completions", chat_chunks, [STOP], marker="[DONE]"),
    "anthropic": Case(
        make_anthropic,
        "/v1/messages",
        block_deltas,
        [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ],
    ),
    "gemini": Case(
        make_gemini,
        "/v1beta/models/m:streamGenerateContent",
        candidates,
        [{"candidates": [{"content": {"parts": [{"text": ""}]}, "finishReason": "STOP"}]}],
    ),
    "ollama": Case(
        make_ollama,
        "/api/chat",
        chat_lines,
        [{"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop", "eval_count": 2}],
        lines=True,
    ),
}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    assert isinstance(request.param, Case)
    return request.param


@pytest.fixture
def provider(case: Case, server: Server, http: Http) -> AsyncGeneratorProvider:
    return case.make(server.url, http)


async def test_an_answer_is_streamed_delta_by_delta(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("Hel", "lo ", "🦊!"))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert found.error is None
    assert [delta for delta in found.deltas if isinstance(delta, str)] == ["Hel", "lo ", "🦊!"]


async def test_texts_that_came_together_are_one_where_the_caller_has_leisure(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("Hel", "lo ", "🦊!"))

    found = await outcome(provider.create_async_generator(None, HELLO, leisure=lambda: 60.0))

    assert found.error is None
    assert [delta for delta in found.deltas if isinstance(delta, str)] == ["Hello 🦊!"]


async def test_what_came_together_with_a_failure_is_not_lost(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.beginning("Hel", "lo"))

    found = await outcome(provider.create_async_generator(None, HELLO, leisure=lambda: 60.0))

    assert found.text == "Hello"
    assert isinstance(found.error, Incomplete)


async def test_what_came_while_the_caller_had_leisure_is_not_lost_where_the_connection_breaks_off(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    beginning = case.beginning("Hel", "lo")
    end = len(case.beginning("Hel"))
    server.answers[case.path] = body(beginning, Wire(cuts=[end], pause_s=0.05, end="cut"))

    async with within(10):
        found = await outcome(provider.create_async_generator(None, HELLO, leisure=lambda: 0.5))

    assert found.text == "Hello"
    assert isinstance(found.error, Incomplete)


async def test_leisure_holds_up_nothing_that_comes_fast(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    texts = ["word " * 2_000] * 200
    server.answers[case.path] = body(case.answer(*texts))

    async with within(5):
        found = await outcome(provider.create_async_generator(None, HELLO, leisure=lambda: 1.0))

    assert (found.text, found.error) == ("".join(texts), None)


async def test_leisure_ends_with_the_answer(case: Case, provider: AsyncGeneratorProvider, server: Server) -> None:
    answer = case.answer("Hel", "lo")
    server.answers[case.path] = body(answer, Wire(cuts=[len(answer) - 20, len(answer) - 10]))

    async with within(10):
        found = await outcome(provider.create_async_generator(None, HELLO, leisure=lambda: 600.0))

    assert (found.text, found.error) == ("Hello", None)


async def test_the_vendors_own_package_reads_the_same(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("При", "вет, ", "🦊 мир"))

    read = await judge("openai" if provider.id == "g4f" else provider.id, server.url)

    assert (read.text, read.failure) == ("Привет, 🦊 мир", None)
    assert read.ends


@pytest.mark.parametrize("sign", [b": keep-alive\n\n", b"\n"], ids=["comment", "blank line"])
async def test_a_keep_alive_is_a_sign_of_life_and_no_text(
    case: Case, provider: AsyncGeneratorProvider, server: Server, sign: bytes
) -> None:
    wire = Wire(cuts=[number * len(sign) for number in (1, 2, 3)], pause_s=0.01)
    server.answers[case.path] = body(sign * 3 + case.answer("Hello"), wire)

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Hello", None)
    assert found.signs


async def test_what_shows_nothing_is_a_sign_of_life(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("", "", "Hello"))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Hello", None)
    assert len(found.signs) >= 2


async def test_comments_do_not_keep_a_finished_answer_open(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    if case.path.endswith(":streamGenerateContent"):
        pytest.skip("Gemini says STOP early, so that only the end of the body is the end")
    finished = case.frame([*case.deltas("Hello"), *case.last], end=False)
    comments = b": on and on\n\n" * 2000
    server.answers[case.path] = body(finished + comments, Wire(every=14, pause_s=0.01, end="hold"))

    async with within(5):
        found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Hello", None)


async def test_nothing_is_sent_before_the_first_iteration(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    answer = provider.create_async_generator(None, HELLO)
    await answer.aclose()

    assert server.asked == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(marks=st.lists(st.integers(1, 600), max_size=8))
async def test_the_answer_is_the_same_however_its_bytes_are_cut(
    case: Case, provider: AsyncGeneratorProvider, server: Server, marks: list[int]
) -> None:
    server.answers[case.path] = body(case.answer("При", "вет, ", "🦊 мир"), Wire(cuts=marks))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Привет, 🦊 мир", None)


async def test_an_answer_byte_by_byte_and_compressed_is_the_same(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("При", "вет"), Wire(every=1, gzip=True))

    assert (await outcome(provider.create_async_generator(None, HELLO))).text == "Привет"


async def test_an_answer_of_megabytes_in_one_delta_is_whole(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    text = "0123456789" * 400_000
    server.answers[case.path] = body(case.answer(text))

    assert (await outcome(provider.create_async_generator(None, HELLO))).text == text


async def test_half_characters_are_joined_or_replaced(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("a\ud83e", "\udd8ab\ud83e"))

    assert (await outcome(provider.create_async_generator(None, HELLO))).text == "a🦊b\ufffd"


async def test_tagged_reasoning_is_kept_apart(case: Case, provider: AsyncGeneratorProvider, server: Server) -> None:
    server.answers[case.path] = body(case.answer("<thi", "nk>Hm</th", "ink>", "\n\nYes"))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.reasoning, found.text) == ("Hm", "Yes")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (document({"error": {"message": "bad key"}}, code=401), SignInFailed),
        (document({"error": "no"}, code=403), SignInFailed),
        (page(CHALLENGE, code=403), Blocked),
        (document({"error": {"message": "slow"}}, code=429), RateLimited),
        (status(413), TooLong),
        (document({"error": {"message": "maximum context length is 1 token"}}, code=400), TooLong),
        (document({"error": {"message": "x", "code": "content_filter"}}, code=400), Refused),
        (status(500, "boom"), ServiceFailed),
        (page(code=502), ServiceFailed),
        (page(), ServiceFailed),
        (status(200, "plain words"), ServiceFailed),
        (status(200, ""), EmptyAnswer),
        (document({"error": {"message": "in a good response"}}), ServiceFailed),
        (status(307, headers={"Location": "http://127.0.0.1:9/"}), ServiceFailed),
        (hang_up(), NoConnection),
        (body(b"", Wire(end="cut")), NoConnection),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
async def test_what_is_no_answer_is_called_by_its_name(
    case: Case, provider: AsyncGeneratorProvider, server: Server, fault: Fault, kind: type[ProviderError]
) -> None:
    server.answers[case.path] = fault

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert type(found.error) is kind
    assert found.deltas == []
    assert found.error.provider == provider.id
    assert "<" not in found.error.reason
    assert len(server.asked) == 1


async def test_a_rate_limit_tells_how_long_to_wait(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = status(429, headers={"Retry-After": "7"})

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert isinstance(found.error, RateLimited)
    assert found.error.retry_after_s == 7


@pytest.mark.parametrize("end", ["cut", "close"])
async def test_half_an_answer_is_kept_and_called_incomplete(
    case: Case, provider: AsyncGeneratorProvider, server: Server, end: str
) -> None:
    server.answers[case.path] = body(case.beginning("Hel"), Wire(end="cut" if end == "cut" else "close"))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert found.text == "Hel"
    assert type(found.error) is Incomplete


async def test_a_failure_in_mid_answer_is_told_in_the_words_of_the_service(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    failure: dict[str, object] = {"type": "error", "error": {"message": "worker died", "type": "server_error"}}
    server.answers[case.path] = body(case.frame([*case.deltas("Hel"), failure], end=False))

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert found.text == "Hel"
    assert type(found.error) is Incomplete
    assert "worker died" in found.error.reason


async def test_an_end_without_a_character_is_an_empty_answer(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer())

    assert type((await outcome(provider.create_async_generator(None, HELLO))).error) is EmptyAnswer


async def test_a_service_that_says_nothing_is_a_timeout(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = silence()

    found = await outcome(provider.create_async_generator(None, HELLO, timeout=0.05))

    assert type(found.error) is TimedOut
    assert found.error.reason
    await server.busy(0)


async def test_silence_in_mid_answer_is_a_timeout_and_the_text_stays(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.beginning("Hel"), Wire(end="hold"))

    found = await outcome(provider.create_async_generator(None, HELLO, timeout=0.5))

    assert found.text == "Hel"
    assert type(found.error) is TimedOut


async def test_a_whole_answer_does_not_wait_for_the_connection_to_end(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    if case.path.endswith(":streamGenerateContent"):
        pytest.skip("Gemini says STOP early, so that only the end of the body is the end")
    server.answers[case.path] = body(case.answer("Hello"), Wire(end="hold"))

    async with within(4):
        found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Hello", None)
    await server.busy(0)


async def test_closing_the_generator_closes_the_connection(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.beginning("Hel"), Wire(end="hold"))

    async with aclosing(provider.create_async_generator(None, HELLO)) as answer:
        while isinstance(delta := await anext(answer), Alive):
            pass
        assert delta == "Hel"
        await server.busy(1)

    await server.busy(0)


@pytest.mark.parametrize("fault", ["before the answer", "in mid-answer"])
async def test_cancelling_the_task_closes_the_connection_and_leaves_no_task(
    case: Case, provider: AsyncGeneratorProvider, server: Server, fault: str
) -> None:
    server.answers[case.path] = (
        silence() if fault == "before the answer" else body(case.beginning("Hel"), Wire(end="hold"))
    )
    task = asyncio.create_task(outcome(provider.create_async_generator(None, HELLO)))
    await server.busy(1)
    await asyncio.sleep(0)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await server.busy(0)
    assert [one for one in asyncio.all_tasks() if "outcome" in repr(one.get_coro())] == []


async def test_calls_at_the_same_time_do_not_mix(case: Case, provider: AsyncGeneratorProvider, server: Server) -> None:
    server.answers[case.path] = [body(case.answer(*str(number) * 50), Wire(every=5)) for number in range(8)]

    found = await asyncio.gather(*(outcome(provider.create_async_generator(None, HELLO)) for _ in range(8)))

    assert sorted(one.text for one in found) == [str(number) * 50 for number in range(8)]


async def test_a_key_is_sent_and_never_told(case: Case, provider: AsyncGeneratorProvider, server: Server) -> None:
    server.answers[case.path] = echo()

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert KEY in str(server.asked[0].headers)
    assert found.error is not None
    assert KEY not in f"{found.error} {found.error!r}"


@pytest.mark.parametrize("messages", [[], [{"role": "user", "content": " \n"}], [{"role": "user", "content": None}]])
async def test_nothing_to_say_is_not_sent(
    case: Case, provider: AsyncGeneratorProvider, server: Server, messages: list[Message]
) -> None:
    found = await outcome(provider.create_async_generator(None, messages))

    assert type(found.error) is NothingToSend
    assert server.asked == []


async def test_options_that_nobody_knows_are_ignored(
    case: Case, provider: AsyncGeneratorProvider, server: Server
) -> None:
    server.answers[case.path] = body(case.answer("Hello"))

    found = await outcome(provider.create_async_generator("m", HELLO, web_search=True, cookies={"a": "b"}))

    assert found.text == "Hello"
    assert "web_search" not in server.asked[0].body
