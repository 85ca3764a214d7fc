"""Which model answers where nobody chose one, and which ones end."""

from random import Random

import pytest

from providers.base import Message
from providers.services import anthropic, gemini, openai
from providers.wire.http import Http
from providers.wire.listed import Listed, ListedModels
from tests.clock import FakeClock
from tests.providers.outcome import outcome
from tests.providers.server import Server
from tests.services.faults import document, status

HELLO: list[Message] = [{"role": "user", "content": "Hello"}]


class Some(ListedModels):
    """Prefers b, then a."""

    id = "some"

    def __init__(self, *, chosen: str = "") -> None:
        self.preferred = () if chosen else ("b", "a")
        self.known_ends = {"b": "2027-01-14"}
        self.default_model = chosen or "b"


@pytest.mark.parametrize(
    ("listed", "default"),
    [
        ([Listed("x"), Listed("a")], "a"),
        ([Listed("a"), Listed("b")], "a"),  # b ends
        ([Listed("b"), Listed("a", ends="soon")], "b"),  # both end
        ([Listed("x")], "b"),
        ([], "b"),
    ],
)
def test_the_first_preference_that_is_listed_and_lasts_is_the_default(listed: list[Listed], default: str) -> None:
    provider = Some()

    provider.take_list(listed)

    assert provider.get_model(None) == default


def test_the_default_moves_on_when_the_list_changes() -> None:
    provider = Some()
    provider.take_list([Listed("a")])

    provider.take_list([Listed("b")])

    assert provider.get_model(None) == "b"


def test_a_model_that_the_operator_named_stays() -> None:
    provider = Some(chosen="mine")

    provider.take_list([Listed("a"), Listed("b")])

    assert provider.get_model(None) == "mine"
    assert provider.get_models() == ["mine", "a", "b"]


def test_what_the_service_says_of_an_end_counts_more_than_what_was_known() -> None:
    provider = Some()

    provider.take_list([Listed("a", ends="2027-02-01"), Listed("b", ends="2027-09-09")])

    assert (provider.ends("a"), provider.ends("b"), provider.ends("b-2026-01-02"), provider.ends("x")) == (
        "2027-02-01",
        "2027-09-09",
        "2027-01-14",
        "",
    )


@pytest.mark.parametrize("module", [openai, anthropic, gemini], ids=lambda module: module.__name__)
def test_no_default_is_known_to_end(module: object, http: Http) -> None:
    preferred = vars(module)["PREFERRED"]
    ends = vars(module)["ENDS"]

    assert [name for name in preferred if name in ends] == []
    assert all(day > "2024" for day in ends.values())


def test_no_vendor_says_that_a_preferred_model_ends() -> None:
    known = pytest.importorskip("anthropic.resources.messages.messages").DEPRECATED_MODELS
    chat_model = pytest.importorskip("openai.types.shared.chat_model")
    with open(chat_model.__file__, encoding="utf-8") as file:
        deprecated = file.read().partition("Deprecated values")[2]

    assert [name for name in anthropic.PREFERRED if name in known] == []
    assert [name for name in openai.PREFERRED if f'"{name}"' in deprecated] == []


async def test_anthropics_list_tells_what_lives_and_how_much_it_says(server: Server, http: Http) -> None:
    server.answers["/v1/models"] = document(
        {
            "data": [
                {"id": "claude-sonnet-5-5", "lifecycle": "deprecated", "retires_at": "2027-03-01T00:00:00Z"},
                {"id": "claude-sonnet-5", "lifecycle": "active", "retires_at": None, "max_tokens": 64_000},
                {"id": "claude-2.1", "lifecycle": "retired"},
            ]
        }
    )
    server.answers["/v1/messages"] = status(500)
    settings = anthropic.Settings(base_url=server.url, api_key="key")
    provider = anthropic.Anthropic(settings, http=http, clock=FakeClock(), random=Random(1))

    await provider.refresh()
    await outcome(provider.create_async_generator(None, HELLO))

    assert provider.get_models() == ["claude-sonnet-5", "claude-sonnet-5-5"]
    assert provider.ends("claude-sonnet-5-5") == "2027-03-01"
    assert server.asked[-1].body["model"] == "claude-sonnet-5"
    assert server.asked[-1].body["max_tokens"] == 64_000


async def test_openais_list_tells_which_models_end(server: Server, http: Http) -> None:
    server.answers["/v1/models"] = document({"data": [{"id": "m", "shutdown_date": "2027-05-05"}, {"id": "n"}]})
    settings = openai.Settings(base_url=f"{server.url}/v1", model="m")
    provider = openai.OpenAI(settings, http=http, clock=FakeClock(), random=Random(1))

    await provider.refresh()

    assert (provider.ends("m"), provider.ends("n")) == ("2027-05-05", "")


async def test_geminis_default_is_one_that_the_list_has(server: Server, http: Http) -> None:
    entry = {"supportedGenerationMethods": ["generateContent"]}
    names = ["models/gemini-2.5-flash", "models/gemini-3.8-flash"]
    server.answers["/v1beta/models"] = document({"models": [{"name": name, **entry} for name in names]})
    settings = gemini.Settings(base_url=server.url, api_key="key")
    provider = gemini.Gemini(settings, http=http, clock=FakeClock(), random=Random(1))

    await provider.refresh()

    assert provider.default_model == "gemini-3.8-flash"
    assert provider.ends("gemini-2.5-flash") == "2026-12-01"
