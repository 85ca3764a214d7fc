"""The services that are data: each is offered by one line, asks as OpenAI's protocol has it, and sends its key home."""

import re
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest

from providers.base import ProviderModelMixin
from providers.registry import kinds, load
from providers.services.presets import LOCAL, PRESETS, REMOTE, Preset
from providers.settings import is_local
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.official import judge
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import document, status

ROOT = Path(__file__).parents[3]
CHUNK = '{"id": "1", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}]}'
ANSWER = status(200, f"data: {CHUNK}\n\ndata: [DONE]\n\n", content_type="text/event-stream")


@pytest.mark.parametrize("preset", REMOTE, ids=lambda preset: preset.id)
def test_a_key_alone_offers_the_service_at_its_own_address(
    preset: Preset, http: Http, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(f"{preset.prefix}API_KEY", "key")

    found = load(http, clock=FakeClock(), random=Random(1), env_file=None)

    assert {id_: (each.url, each.label) for id_, each in found.items()} == {preset.id: (preset.base_url, preset.label)}
    assert urlsplit(preset.base_url).scheme == "https"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
async def test_another_address_gets_the_key_and_every_request(
    preset: Preset, server: Server, http: Http, environment: pytest.MonkeyPatch
) -> None:
    server.answers = {
        "/v1/models": document({"data": [{"id": "text-embedding-x"}, {"id": "m"}]}),
        "/v1/chat/completions": ANSWER,
    }
    environment.setenv(f"{preset.prefix}API_KEY", "precious")
    environment.setenv(f"{preset.prefix}BASE_URL", f"{server.url}/v1/")
    provider = load(http, clock=FakeClock(), random=Random(1), env_file=None)[preset.id]
    await provider.refresh()

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert (found.text, found.error) == ("Hi", None)
    assert [asked.path for asked in server.asked] == ["/v1/models", "/v1/chat/completions"]
    assert {asked.headers["Authorization"] for asked in server.asked} == {"Bearer precious"}
    assert server.asked[-1].body["model"] == "m"
    assert (await judge("openai", server.url)).text == "Hi"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
async def test_a_refused_key_is_told_and_never_shown(
    preset: Preset, server: Server, http: Http, environment: pytest.MonkeyPatch
) -> None:
    server.answers = {"/v1/models": status(401, '{"error": {"message": "precious-key is no key"}}')}
    environment.setenv(f"{preset.prefix}API_KEY", "precious-key")
    environment.setenv(f"{preset.prefix}BASE_URL", f"{server.url}/v1")
    provider = load(http, clock=FakeClock(), random=Random(1), env_file=None)[preset.id]

    found = await outcome(provider.create_async_generator(None, HELLO))

    assert type(found.error).__name__ == "SignInFailed"
    assert "precious" not in f"{found.error} {getattr(found.error, 'reason', '')}"


@pytest.mark.parametrize("preset", REMOTE, ids=lambda preset: preset.id)
def test_a_service_is_told_where_an_operator_looks(preset: Preset) -> None:
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")

    address = re.escape(preset.base_url.removeprefix("https://"))
    assert re.search(rf"\| `{preset.id}`(?: \([^)]+\))?: {address} \|", page)
    assert f"\n#{preset.prefix}API_KEY=\n" in (ROOT / ".env.example").read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", LOCAL, ids=lambda preset: preset.id)
def test_a_server_of_ones_own_is_told_with_its_usual_address(preset: Preset) -> None:
    address = f"{preset.prefix}BASE_URL={preset.base_url}"

    assert is_local(preset.base_url)
    assert f"`{address}`" in (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    assert f"\n#{address}\n" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_a_service_without_a_list_of_models_has_one_here(http: Http, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PERPLEXITY_API_KEY", "key")

    provider = load(http, clock=FakeClock(), random=Random(1), env_file=None)["perplexity"]

    assert isinstance(provider, ProviderModelMixin)
    assert provider.get_model(None) == "sonar"
    assert "sonar-pro" in provider.get_models()


def test_every_kind_but_the_guide_has_a_name_for_people() -> None:
    assert [kind.id for kind in kinds().values() if not kind.label] == ["demo", "fallback"]
