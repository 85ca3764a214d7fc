"""Ollama's protocol; what all providers have in common is in test_exchange.py."""

import asyncio
import json
from contextlib import aclosing
from random import Random

import pytest

from providers.base import Alive, Usage
from providers.errors import Incomplete, ModelNotSupported, ServiceFailed
from providers.services.ollama import Ollama, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import Fault, body, document, held, silence, status
from tests.services.wire import Wire

pytestmark = pytest.mark.usefixtures("judged")

PATH = "/api/chat"
TAGS = "/api/tags"


def make(server: Server, http: Http, **fields: object) -> Ollama:
    return Ollama(Settings(base_url=server.url, **fields), http=http, clock=FakeClock(), random=Random(1))  # type: ignore[arg-type]  # pydantic converts them


@pytest.fixture
def provider(server: Server, http: Http) -> Ollama:
    return make(server, http, model="m", context_tokens=2000)


def lines(*items: dict[str, object]) -> Fault:
    data = "".join(f"{json.dumps(item)}\n" for item in items).encode()
    return body(data, Wire(content_type="application/x-ndjson"))


def piece(content: str = "", *, done: bool = False, **more: object) -> dict[str, object]:
    head = {"model": "m", "created_at": "2026-11-21T12:00:00Z"}
    return {**head, "message": {"role": "assistant", "content": content, **more}, "done": done}


def done(reason: str = "stop") -> dict[str, object]:
    return {**piece(done=True), "done_reason": reason, "prompt_eval_count": 5, "eval_count": 9}


async def test_the_request_reserves_as_much_context_as_the_operator_says(provider: Ollama, server: Server) -> None:
    server.answers[PATH] = lines(piece("Hi"), done())

    await outcome(provider.create_async_generator(None, HELLO))

    assert server.asked[0].body == {
        "model": "m",
        "stream": True,
        "messages": [{"role": "user", "content": "Hello"}],
        "options": {"num_ctx": 2000},
    }
    assert provider.context_tokens == 2000


async def test_without_a_word_of_the_operator_ollama_decides_what_it_reserves(server: Server, http: Http) -> None:
    server.answers[PATH] = lines(piece("Hi"), done())

    await outcome(make(server, http, model="m").create_async_generator(None, HELLO))

    assert "options" not in server.asked[0].body


@pytest.mark.parametrize(("fields", "expected"), [({}, 32_768), ({"context_tokens": 2000}, 2000)])
async def test_the_bot_goes_by_what_the_loaded_model_takes(
    server: Server, http: Http, fields: dict[str, int], expected: int
) -> None:
    server.answers[TAGS] = document({"models": [{"name": "m:latest"}]})
    server.answers["/api/ps"] = document({"models": [{"name": "m:latest", "context_length": 32_768}]})
    server.answers["/api/show"] = status(404)
    provider = make(server, http, model="m", **fields)

    await provider.refresh()

    assert provider.room(None) == expected


class Looking(Ollama):
    """Looks often."""

    look_s = 0.02


async def test_while_a_model_is_loaded_it_is_a_sign_of_life_that_ollama_answers(server: Server, http: Http) -> None:
    gate = asyncio.Event()
    server.answers = {PATH: held(gate, lines(piece("Hi"), done())), "/api/ps": document({"models": []})}
    settings = Settings(base_url=server.url, model="m")
    answer = Looking(settings, http=http, clock=FakeClock(), random=Random(1)).create_async_generator(None, HELLO)

    async with aclosing(answer):
        assert [await anext(answer) for _ in range(3)] == [Alive(loading=True)] * 3
        gate.set()
        found = await outcome(answer)

    assert (found.text, found.error) == ("Hi", None)
    assert server.asked[0].path == PATH


@pytest.mark.foreign("one that does not come")
@pytest.mark.parametrize("look", [status(404), status(500), silence()])
async def test_an_ollama_that_answers_nothing_else_shows_no_life(server: Server, http: Http, look: Fault) -> None:
    gate = asyncio.Event()
    server.answers = {PATH: held(gate, lines(piece("Hi"), done())), "/api/ps": look}
    settings = Settings(base_url=server.url, model="m")
    answer = Looking(settings, http=http, clock=FakeClock(), random=Random(1)).create_async_generator(None, HELLO)

    async with aclosing(answer):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.15):
                await anext(answer)

    await server.busy(0)


async def test_thinking_is_kept_apart_and_tokens_are_counted(provider: Ollama, server: Server) -> None:
    server.answers[PATH] = lines(piece(thinking="Hm"), piece("Yes"), done())

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.reasoning, found.text, found.usage, found.error) == ("Hm", "Yes", Usage(5, 9), None)


async def test_an_answer_cut_at_the_limit_is_incomplete(provider: Ollama, server: Server) -> None:
    server.answers[PATH] = lines(piece("Hi"), done("length"))

    assert isinstance((await outcome(provider.create_async_generator(None, HELLO))).error, Incomplete)


async def test_a_model_that_is_missing_is_told_in_ollamas_words(provider: Ollama, server: Server) -> None:
    server.answers[PATH] = document({"error": "model 'm' not found"}, code=404)

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert found.error is not None
    assert found.error.reason == "404 model 'm' not found"


async def test_pulled_models_are_listed_and_known_without_their_tag(provider: Ollama, server: Server) -> None:
    server.answers[TAGS] = document({"models": [{"name": "a:latest"}, {"name": "b:7b"}]})

    await provider.refresh()

    assert provider.get_models() == ["a:latest", "b:7b"]
    assert provider.get_model("a") == "a:latest"
    assert provider.get_model("b:7b") == "b:7b"
    with pytest.raises(ModelNotSupported):
        provider.get_model("b")


async def test_without_a_configured_model_the_first_pulled_one_answers(server: Server, http: Http) -> None:
    server.answers = {TAGS: document({"models": [{"name": "a"}]}), PATH: lines(piece("Hi"), done())}

    found = await outcome(make(server, http).create_async_generator(None, HELLO))

    assert found.text == "Hi"
    assert server.asked[1].body["model"] == "a"


async def test_without_any_model_the_mend_is_named(server: Server, http: Http) -> None:
    server.answers[TAGS] = document({"models": []})

    found = await outcome(make(server, http).create_async_generator(None, HELLO))

    assert isinstance(found.error, ServiceFailed)
    assert "ollama pull" in found.error.reason


async def test_thoughts_are_asked_for_until_a_model_says_that_it_has_none(provider: Ollama, server: Server) -> None:
    server.answers[PATH] = status(400, '{"error": "\\"m\\" does not support thinking"}')
    await outcome(provider.create_async_generator(None, HELLO, thoughts=True))
    server.answers[PATH] = lines(piece("Hi"), done())

    found = await outcome(provider.create_async_generator(None, HELLO, thoughts=True))

    assert (found.text, found.error) == ("Hi", None)
    assert [each.body.get("think") for each in server.asked] == [True, None, None]


async def test_a_model_of_which_ollama_says_that_it_does_not_think_is_not_asked_to(
    provider: Ollama, server: Server
) -> None:
    server.answers[TAGS] = document({"models": [{"name": "m:latest"}]})
    server.answers["/api/ps"] = document({"models": []})
    server.answers["/api/show"] = document({"capabilities": ["completion"]})
    server.answers[PATH] = lines(piece("Hi"), done())
    await provider.refresh()

    await outcome(provider.create_async_generator(None, HELLO, thoughts=True))

    assert "think" not in server.asked[-1].body
