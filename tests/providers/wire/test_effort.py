"""How much a model is to think, in the words of its family; the vendors' packages judge the words."""

from random import Random
from typing import Any, get_args, get_type_hints

import pytest

from providers.services.anthropic import Anthropic
from providers.services.anthropic import Settings as OfAnthropic
from providers.services.gemini import Gemini
from providers.services.gemini import Settings as OfGemini
from providers.wire.effort import CLAUDE_EFFORTS, EFFORTS, claude_by, gemini_asked, gemini_knows
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import document, status


@pytest.mark.parametrize(
    ("model", "effort", "asked"),
    [
        ("claude-sonnet-5-5", "xhigh", {"output_config": {"effort": "xhigh"}}),
        ("claude-opus-4-6", "xhigh", {"output_config": {"effort": "high"}}),
        ("claude-opus-4-6", "max", {"output_config": {"effort": "max"}}),
        ("claude-opus-4-5-20251101", "max", {"output_config": {"effort": "high"}}),
        ("claude-haiku-4-5", "medium", {"thinking": {"type": "enabled", "budget_tokens": 8_192}}),
        ("claude-3-7-sonnet-latest", "max", {"thinking": {"type": "enabled", "budget_tokens": 16_000}}),
        ("claude-haiku-4-5", "none", {}),
        ("claude-3-5-haiku-latest", "high", {}),
        ("anything", "minimal", {"output_config": {"effort": "low"}}),
    ],
)
def test_each_claude_is_asked_as_it_takes_it(model: str, effort: str, asked: dict[str, object]) -> None:
    assert claude_by(model).asked(effort, thoughts=False, max_tokens=32_000) == asked


def test_a_budget_leaves_room_for_the_answer_and_is_none_where_there_is_too_little() -> None:
    assert claude_by("claude-haiku-4-5").asked("high", thoughts=False, max_tokens=4_000) == {
        "thinking": {"type": "enabled", "budget_tokens": 2_000}
    }
    assert not claude_by("claude-haiku-4-5").asked("high", thoughts=False, max_tokens=2_000)


@pytest.mark.parametrize(
    ("model", "effort", "asked"),
    [
        ("gemini-2.5-flash", "none", {"thinkingBudget": 0}),
        ("gemini-2.5-flash-lite", "max", {"thinkingBudget": 24_576}),
        ("gemini-2.5-pro", "none", {"thinkingBudget": 128}),
        ("gemini-2.5-pro", "max", {"thinkingBudget": 32_768}),
        ("gemini-3-pro-preview", "medium", {"thinkingLevel": "LOW"}),
        ("gemini-3.5-flash-lite", "none", {"thinkingLevel": "MINIMAL"}),
        ("gemini-3.8-flash", "max", {"thinkingLevel": "XHIGH"}),
        ("gemini-flash-latest", "low", {"thinkingLevel": "LOW"}),
    ],
)
def test_each_gemini_is_asked_as_it_takes_it(model: str, effort: str, asked: dict[str, object]) -> None:
    assert gemini_asked(model, effort) == asked
    assert gemini_knows(model)


async def test_a_gemini_that_does_not_think_is_asked_for_no_effort(server: Server, http: Http) -> None:
    server.answers["/v1beta/models/gemini-2.0-flash:streamGenerateContent"] = status(500)
    settings = OfGemini(base_url=server.url, api_key="key", model="gemini-2.0-flash")
    provider = Gemini(settings, http=http, clock=FakeClock(), random=Random(1))

    await outcome(provider.create_async_generator(None, HELLO, effort="high"))

    assert "generationConfig" not in server.asked[0].body


async def test_what_anthropics_list_says_of_a_model_counts_before_its_name(server: Server, http: Http) -> None:
    def told(*names: str) -> dict[str, object]:
        return {name: {"supported": True} for name in names} | {"supported": bool(names)}

    thinking = {"supported": True, "types": told("enabled", "disabled")}
    listed = {"id": "claude-new-9", "capabilities": {"effort": told("low", "medium"), "thinking": thinking}}
    server.answers = {"/v1/models": document({"data": [listed]}), "/v1/messages": status(500)}
    settings = OfAnthropic(base_url=server.url, api_key="key", model="claude-new-9")
    provider = Anthropic(settings, http=http, clock=FakeClock(), random=Random(1))
    await provider.refresh()

    for effort in ("max", "none"):
        await outcome(provider.create_async_generator(None, HELLO, effort=effort, thoughts=True))

    first, second = (asked.body for asked in server.asked if asked.method == "POST")
    assert (first["output_config"], first.get("thinking")) == ({"effort": "medium"}, None)
    assert (second.get("output_config"), second["thinking"]) == (None, {"type": "disabled"})


def test_the_vendors_packages_know_these_words() -> None:
    anthropic: Any = pytest.importorskip("anthropic.types.output_config_param")
    efforts = get_args(get_args(get_type_hints(anthropic.OutputConfigParam)["effort"])[0])
    genai: Any = pytest.importorskip("google.genai.types")
    levels = {each.value for each in genai.ThinkingLevel}

    assert set(efforts) == set(CLAUDE_EFFORTS)
    for effort in EFFORTS:
        assert gemini_asked("gemini-3.8-flash", effort)["thinkingLevel"] in levels
    genai.ThinkingConfig.model_validate({**gemini_asked("gemini-2.5-pro", "high"), "includeThoughts": True})
