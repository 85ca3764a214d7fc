"""Azure OpenAI at either of its addresses; the official package is asked where it would go."""

from random import Random

import pytest

from providers.errors import ConfigurationError, ServiceFailed
from providers.registry import load
from providers.services.azure import Azure, Settings
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.providers.test_responses import over, refused, said
from tests.services.faults import body, document, status
from tests.services.wire import events

CHUNK = '{"id": "1", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}'
ANSWER = status(200, f"data: {CHUNK}\n\ndata: [DONE]\n\n", content_type="text/event-stream")
V1 = "/openai/v1/chat/completions"
DATED = "/openai/deployments/mine/chat/completions"
VERSION = "2024-10-21"


async def ask(provider: Azure) -> str:
    found = await outcome(provider.create_async_generator(None, HELLO))
    assert found.error is None
    return found.text


def make(server: Server, http: Http, path: str = "", **more: str) -> Azure:
    settings = Settings(base_url=server.url + path, api_key="precious", **more)  # type: ignore[arg-type]  # pydantic
    return Azure(settings, http=http, clock=FakeClock(), random=Random(1))


@pytest.mark.parametrize(
    ("path", "version", "asked"),
    [
        ("", "", V1),
        ("/", "", V1),
        ("/openai/v1/", "", V1),
        ("/openai/v1", VERSION, V1),
        ("/openai/v1", "preview", f"{V1}?api-version=preview"),
        ("", VERSION, f"{DATED}?api-version={VERSION}"),
        ("/openai", VERSION, f"{DATED}?api-version={VERSION}"),
        (f"{DATED}?api-version={VERSION}", "", f"{DATED}?api-version={VERSION}"),
        ("/gateway/openai/v1", "", f"/gateway{V1}"),
        ("/gateway", VERSION, f"/gateway{DATED}?api-version={VERSION}"),
    ],
)
async def test_each_address_that_azure_shows_leads_to_the_deployment(
    server: Server, http: Http, path: str, version: str, asked: str
) -> None:
    server.answers = {asked.partition("?")[0]: ANSWER}

    assert await ask(make(server, http, path, model="mine", api_version=version)) == "Hi"

    assert server.asked[0].path == asked
    assert server.asked[0].headers["api-key"] == "precious"
    assert "Authorization" not in server.asked[0].headers
    assert server.asked[0].body["model"] == "mine"


async def test_the_official_package_goes_to_the_same_address(server: Server, http: Http) -> None:
    package = pytest.importorskip("openai")
    server.answers = {DATED: ANSWER, "/openai/responses": body(events([said("Hi"), over()]))}
    client = package.AsyncAzureOpenAI(azure_endpoint=server.url, api_key="precious", api_version=VERSION, max_retries=0)
    async with client:
        await client.chat.completions.create(model="mine", messages=[{"role": "user", "content": "Hello"}], stream=True)
        await client.responses.create(model="mine", input="Hello", stream=True)

    await ask(make(server, http, model="mine", api_version=VERSION))
    server.answers[DATED] = refused(400, "The chatCompletion operation does not work with the specified model, mine.")
    await ask(make(server, http, model="mine", api_version=VERSION))

    theirs, ours = server.asked[:2], [server.asked[2], server.asked[4]]
    assert [each.path for each in theirs] == [each.path for each in ours]
    assert [each.headers["api-key"] for each in theirs] == [each.headers["api-key"] for each in ours]


async def test_the_variables_of_the_official_package_offer_it(
    server: Server, http: Http, environment: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AZURE_OPENAI_API_KEY": "precious",
        "AZURE_OPENAI_ENDPOINT": server.url,
        "OPENAI_API_VERSION": VERSION,
        "AZURE_OPENAI_DEPLOYMENT": "mine",
    }.items():
        environment.setenv(name, value)
    server.answers = {DATED: ANSWER}

    found = load(http, clock=FakeClock(), random=Random(1), env_file=None)

    assert list(found) == ["azure"]
    assert found["azure"].label == "Azure OpenAI"
    assert (await outcome(found["azure"].create_async_generator(None, HELLO))).text == "Hi"


def test_a_key_without_an_address_is_a_mistake(http: Http, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AZURE_OPENAI_API_KEY", "precious")

    with pytest.raises(ConfigurationError, match="AZURE_OPENAI_BASE_URL=: expected the address that the key"):
        load(http, clock=FakeClock(), random=Random(1), env_file=None)


def test_a_version_alone_offers_nothing(http: Http, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPENAI_API_VERSION", VERSION)

    assert list(load(http, clock=FakeClock(), random=Random(1), env_file=None)) == ["demo"]


async def test_deployments_that_the_resource_lists_are_offered(server: Server, http: Http) -> None:
    listed = [{"id": "fast", "model": "gpt-5.4-mini"}, {"id": "deep", "model": "gpt-5.5-pro"}]
    server.answers = {"/openai/deployments": document({"data": listed}), V1: ANSWER}
    provider = make(server, http)
    await provider.refresh()

    assert provider.get_models() == ["fast", "deep"]
    assert await ask(provider) == "Hi"
    assert server.asked[-1].body["model"] == "fast"


async def test_without_any_deployment_the_operator_is_told_what_to_set(server: Server, http: Http) -> None:
    server.answers = {"/openai/deployments": status(404)}
    provider = make(server, http)
    await provider.refresh()

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert isinstance(found.error, ServiceFailed)
    assert "AZURE_OPENAI_MODEL" in found.error.reason
    assert provider.takes(None) is not None
    assert provider.room(None) > 0


async def test_a_limit_gets_its_newer_name_where_a_model_demands_that(server: Server, http: Http) -> None:
    refusal = refused(400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.")
    server.answers = {V1: [refusal, ANSWER]}
    provider = make(server, http, model="mine")

    for _ in range(2):
        found = await outcome(provider.create_async_generator(None, HELLO, max_tokens=100))
        assert found.text == "Hi"

    limits = [(asked.body.get("max_tokens"), asked.body.get("max_completion_tokens")) for asked in server.asked]
    assert limits == [(100, None), (None, 100), (None, 100)]
