"""What is read of a model's size, senses and prices in the lists of services, and what is not believed."""

from decimal import Decimal
from random import Random

import pytest

from providers.blocks import Image
from providers.capabilities import NOTHING, Capabilities, capabilities_in, from_show
from providers.services import anthropic, gemini, ollama, openai
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import document, status

OPENROUTER = {
    "id": "a/b",
    "context_length": 262_144,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "pricing": {"prompt": "0.00000015", "completion": "0.0000006"},
    "top_provider": {"context_length": 131_072, "max_completion_tokens": 65_536},
    "supported_parameters": ["tools", "temperature"],
    "expiration_date": "2027-02-03",
}
GITHUB = {
    "id": "openai/gpt-4.1",
    "capabilities": ["streaming", "tool-calling"],
    "limits": {"max_input_tokens": 1_048_576, "max_output_tokens": 32_768},
    "supported_input_modalities": ["text", "image"],
}
MISTRAL = {
    "id": "m",
    "max_context_length": 131_072,
    "capabilities": {"completion_chat": True, "function_calling": True, "vision": False},
    "deprecation": "2027-01-31T12:00:00Z",
}
ANTHROPIC = {
    "id": "c",
    "max_input_tokens": 1_000_000,
    "max_tokens": 128_000,
    "capabilities": {"image_input": {"supported": True}},
}
LM_STUDIO = {"id": "l", "type": "vlm", "max_context_length": 131_072, "loaded_context_length": 8_192}
PROPS = {"default_generation_settings": {"n_ctx": 16_384}, "modalities": {"vision": True, "audio": False}}
FACE = {"id": "f", "providers": [{"context_length": 40_960, "pricing": {"input": 0.1, "output": 0.3}}, {}]}


@pytest.mark.parametrize(
    ("entry", "able"),
    [
        (
            OPENROUTER,
            Capabilities(
                262_144,
                65_536,
                images=True,
                tools=True,
                draws=False,
                ends="2027-02-03",
                input_price=Decimal("0.15"),
                output_price=Decimal("0.6"),
                documents=False,
            ),
        ),
        (GITHUB, Capabilities(1_048_576, 32_768, images=True, tools=True)),
        (MISTRAL, Capabilities(131_072, images=False, tools=True, ends="2027-01-31")),
        (ANTHROPIC, Capabilities(1_000_000, 128_000, images=True)),
        (LM_STUDIO, Capabilities(8_192, images=True)),
        (PROPS, Capabilities(16_384, images=True)),
        (FACE, Capabilities(40_960, input_price=Decimal("0.1"), output_price=Decimal("0.3"))),
        ({"id": "g", "context_window": 131_072, "max_completion_tokens": 65_536.0}, Capabilities(131_072, 65_536)),
        ({"id": "v", "max_model_len": 32_768}, Capabilities(32_768)),
        ({"name": "models/x", "inputTokenLimit": 1, "outputTokenLimit": 2}, Capabilities(1, 2)),
    ],
)
def test_what_a_service_says_of_a_model_is_read(entry: dict[str, object], able: Capabilities) -> None:
    assert capabilities_in(entry) == able


@pytest.mark.parametrize(
    "entry",
    [
        {"context_length": -1, "max_tokens": 0, "pricing": {"prompt": "-1", "completion": "many"}},
        {"context_length": float("inf"), "max_tokens": float("nan"), "pricing": {"prompt": "nan"}},
        {"context_length": "128000", "max_tokens": True, "pricing": "free", "top_provider": []},
        {"context_length": 10**30, "capabilities": "all", "architecture": 7, "modalities": [], "providers": [None, 3]},
        {"supported_input_modalities": [], "capabilities": {"vision": "yes"}, "deprecation": "soon", "limits": None},
        {"pricing": {"prompt": "9" * 5_000, "completion": [1]}, "meta": {"n_ctx": {}}},
    ],
)
def test_what_makes_no_sense_is_not_believed(entry: dict[str, object]) -> None:
    assert capabilities_in(entry) == NOTHING


def test_ollama_says_what_a_model_is_loaded_with() -> None:
    shown = {
        "capabilities": ["completion", "vision", "tools"],
        "model_info": {"llama.context_length": 131_072},
        "parameters": 'stop "<|eot|>"\nnum_ctx                        8192\ntemperature 0.7',
    }

    assert from_show(shown) == Capabilities(8_192, images=True, tools=True)


def make(server: Server, http: Http, **more: object) -> openai.OpenAI:
    settings = openai.Settings(base_url=f"{server.url}/v1", **more)  # type: ignore[arg-type]  # pydantic checks them
    return openai.OpenAI(settings, http=http, clock=FakeClock(), random=Random(1))


async def test_the_operators_own_figure_counts_first(server: Server, http: Http) -> None:
    server.answers = {"/v1/models": document({"data": [{"id": "m", "max_model_len": 32_768}]})}
    told, own = make(server, http), make(server, http, context_tokens=1_000_000)
    await told.refresh()
    await own.refresh()

    assert (told.room("m"), told.room("other")) == (32_768, 128_000)
    assert (own.room("m"), own.capabilities("m").context_tokens) == (1_000_000, 1_000_000)


async def test_a_context_without_end_is_not_filled_unless_the_operator_wants_it(server: Server, http: Http) -> None:
    server.answers = {"/v1/models": document({"data": [OPENROUTER]})}
    provider = make(server, http)
    await provider.refresh()

    assert provider.capabilities("a/b").context_tokens == 262_144
    assert provider.room("a/b") == 200_000


async def test_a_model_that_is_for_something_else_or_gone_is_not_offered(server: Server, http: Http) -> None:
    entries = [
        {"id": "painter", "architecture": {"output_modalities": ["image"]}},
        {"id": "vectors", "type": "embedding"},
        {"id": "reader", "capabilities": {"completion_chat": False}},
        {"id": "off", "active": False},
        {"id": "m"},
        {"id": 7},
        {"id": "two\nlines"},
        {"id": "\ud800"},
        {"id": "x" * 257},
        "x",
    ]
    server.answers = {"/v1/models": document({"data": entries})}
    provider = make(server, http)
    await provider.refresh()

    assert provider.get_models() == ["m"]


async def test_llama_cpp_is_asked_what_it_was_started_with(server: Server, http: Http) -> None:
    server.answers = {
        "/v1/models": document({"data": [{"id": "m", "owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072}}]}),
        "/props": document({**PROPS, "modalities": {"vision": False}}),
    }
    provider = make(server, http)
    await provider.refresh()

    assert provider.room(None) == 16_384
    assert Image not in provider.takes(None)


async def test_lm_studio_is_asked_what_it_has_loaded(server: Server, http: Http) -> None:
    server.answers = {
        "/v1/models": document({"data": [{"id": "l", "owned_by": "organization_owner"}]}),
        "/api/v0/models": document({"data": [LM_STUDIO]}),
    }
    provider = make(server, http)
    await provider.refresh()

    assert provider.room(None) == 8_192
    assert Image in provider.takes(None)


@pytest.mark.parametrize("answer", [status(404), status(500), status(200, "<html>"), document(["x"])])
async def test_a_server_that_says_no_more_is_fine(server: Server, http: Http, answer: object) -> None:
    server.answers = {"/v1/models": document({"data": [{"id": "m", "owned_by": "llamacpp"}]}), "/props": answer}  # type: ignore[dict-item]  # a Fault
    provider = make(server, http)

    await provider.refresh()

    assert provider.room(None) == 128_000


def test_what_is_known_of_openai_counts_at_openai_alone(http: Http) -> None:
    def made(url: str) -> openai.OpenAI:
        return openai.OpenAI(openai.Settings(base_url=url), http=http, clock=FakeClock(), random=Random(1))

    ours, theirs = made(openai.PUBLIC_URL), made("http://localhost/v1")

    assert (ours.room("gpt-4o-mini"), ours.room("gpt-4"), ours.room("gpt-4o-2024-08-06")) == (128_000, 8_192, 128_000)
    assert ours.capabilities("gpt-5-mini").output_tokens == 128_000
    assert ours.capabilities("gpt-4-turbo").context_tokens == 128_000
    assert theirs.room("gpt-4") == 128_000


async def test_gemini_and_anthropic_tell_their_sizes(server: Server, http: Http) -> None:
    methods = ["generateContent"]
    server.answers = {
        "/v1beta/models": document(
            {"models": [{"name": "models/g", "inputTokenLimit": 50_000, "supportedGenerationMethods": methods}]}
        ),
        "/v1/models": document({"data": [{**ANTHROPIC, "max_input_tokens": 60_000}]}),
    }
    google = gemini.Gemini(gemini.Settings(base_url=server.url), http=http, clock=FakeClock(), random=Random(1))
    claude = anthropic.Anthropic(
        anthropic.Settings(base_url=server.url), http=http, clock=FakeClock(), random=Random(1)
    )
    await google.refresh()
    await claude.refresh()

    assert (google.room("g"), claude.room("c")) == (50_000, 60_000)


async def test_what_the_cache_held_is_counted_as_read(server: Server, http: Http) -> None:
    usage = {"input_tokens": 3, "cache_read_input_tokens": 900, "cache_creation_input_tokens": 97, "output_tokens": 5}
    content = [{"type": "text", "text": "Hi"}]
    server.answers = {
        "/v1/messages": document({"type": "message", "content": content, "stop_reason": "end_turn", "usage": usage})
    }
    claude = anthropic.Anthropic(
        anthropic.Settings(base_url=server.url), http=http, clock=FakeClock(), random=Random(1)
    )

    found = await outcome(claude.create_async_generator("c", HELLO))

    assert found.usage
    assert (found.usage.prompt_tokens, found.usage.completion_tokens) == (1_000, 5)


async def test_ollama_goes_by_what_it_loads_a_model_with(server: Server, http: Http) -> None:
    server.answers = {
        "/api/tags": document({"models": [{"name": "a:latest"}, {"name": "b:latest"}]}),
        "/api/show": document({"capabilities": ["completion"], "parameters": "num_ctx 8192"}),
        "/api/ps": document({"models": [{"name": "b:latest", "context_length": 32_768}]}),
    }
    provider = ollama.Ollama(ollama.Settings(base_url=server.url), http=http, clock=FakeClock(), random=Random(1))
    await provider.refresh()

    assert (provider.room("a:latest"), provider.room("b")) == (8_192, 32_768)
    assert Image not in provider.takes("a:latest")
