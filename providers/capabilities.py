"""Capabilities: what a model takes and gives, as far as its service says so; pure.

Read in an entry of a service's list of models: OpenRouter, Together, DeepInfra, Hugging Face, Novita, Groq, Mistral,
GitHub Models, Anthropic, Gemini, vLLM, LM Studio; of llama.cpp in /props, of Ollama in
/api/show. What makes no sense is not believed: numbers below one or without end, texts that are no numbers.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal

MOST_TOKENS = 2**31  # of a context; a larger one is a mistake
MILLION = 1_000_000
MAX_DIGITS = 40  # of a price

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_CONTEXT = (  # where several are told, the first one counts: what is loaded before what could be
    "loaded_context_length",  # LM Studio
    "context_length",  # OpenRouter, Together, Fireworks, DeepInfra, Hugging Face
    "context_window",  # Groq
    "context_size",  # Novita
    "max_context_length",  # Mistral, LM Studio
    "max_model_len",  # vLLM
    "max_input_tokens",  # Anthropic, GitHub Models
    "inputTokenLimit",  # Gemini
    "n_ctx",  # llama.cpp
)
_OUTPUT = ("max_completion_tokens", "max_output_tokens", "outputTokenLimit", "max_tokens")
_ENDS = ("shutdown_date", "retires_at", "deprecation", "expiration_date")
_WITHIN = ("top_provider", "limits", "metadata", "meta", "default_generation_settings")  # where some keep the figures
_ENDPOINTS = ("supported_endpoints", "endpoints")
_MODALITIES = ("input_modalities", "supported_input_modalities")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What is known of a model; 0, None and "" where nothing is.

    `context_tokens` holds the conversation, with most services its answer too. `documents`: PDFs as they are. `ends`:
    the day on which the service switches the model off, YYYY-MM-DD. Prices are dollars per million tokens;
    `cached_price` is that of a prompt that the service has in its cache.
    """

    context_tokens: int = 0
    output_tokens: int = 0
    images: bool | None = None
    tools: bool | None = None
    draws: bool | None = None
    documents: bool | None = None
    ends: str = ""
    input_price: Decimal | None = None
    output_price: Decimal | None = None
    cached_price: Decimal | None = None

    def over(self, other: "Capabilities") -> "Capabilities":
        """Return these, with what they leave open as `other` says it."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(other, **{name: value for name, value in told.items() if not _is_open(value)})


def _is_open(value: object) -> bool:
    """Tell whether a field says nothing: no tokens do, while False and a price of nothing do say something."""
    return value is None or value == "" or (type(value) is int and value == 0)


NOTHING = Capabilities()


def capabilities_in(entry: Mapping[str, object]) -> Capabilities:
    """Return what an entry of a list of models says."""
    places = [entry, *_within(entry)]
    input_price, output_price, cached_price = _prices(entry)
    return Capabilities(
        context_tokens=_first(_tokens(place.get(key)) for key in _CONTEXT for place in places),
        output_tokens=_first(_tokens(place.get(key)) for key in _OUTPUT for place in places),
        images=_sees(entry),
        tools=_uses_tools(entry),
        draws=_makes_pictures(entry),
        documents=_reads(entry),
        ends=next((found[0] for key in _ENDS if (found := _DAY.match(str(entry.get(key))))), ""),
        input_price=input_price,
        output_price=output_price,
        cached_price=cached_price,
    )


def is_gone(entry: Mapping[str, object]) -> bool:
    """Tell whether a model is listed and does not answer any more, as Anthropic and Groq say it."""
    return entry.get("lifecycle") == "retired" or entry.get("active") is False


def is_for_chat(entry: Mapping[str, object]) -> bool:
    """Tell whether a model answers in words, as far as its entry says what it is for."""
    kind, able = entry.get("type"), entry.get("capabilities")
    if isinstance(able, dict) and able.get("completion_chat") is False:  # Mistral
        return False
    architecture = entry.get("architecture")
    given = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    given = given if isinstance(given, list) else entry.get("supported_output_modalities")
    if isinstance(given, list) and given and "text" not in given:
        return False
    return kind not in ("embedding", "embeddings", "image", "audio", "rerank", "moderation", "transcribe", "video")


def is_for_responses(entry: Mapping[str, object]) -> bool:
    """Tell whether a model answers by Responses alone, as far as its entry names its endpoints."""
    told = next((entry[key] for key in _ENDPOINTS if isinstance(entry.get(key), list)), None)
    names = " ".join(map(str, told)) if isinstance(told, list) else str(entry.get("mode"))  # LiteLLM: mode
    return "responses" in names and "chat" not in names


def from_show(details: Mapping[str, object]) -> Capabilities:
    """Return what Ollama's /api/show says; the context is what the model is loaded with, not what it could take."""
    found = re.search(r"^num_ctx\s+(\d{1,10})$", str(details.get("parameters") or ""), re.MULTILINE)
    return replace(capabilities_in(details), context_tokens=_tokens(int(found[1])) if found else 0)


def _within(entry: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    for key in _WITHIN:
        if isinstance(place := entry.get(key), dict):
            yield place
    offers = entry.get("providers")  # Hugging Face: the same model at several hosts
    yield from (each for each in (offers if isinstance(offers, list) else []) if isinstance(each, dict))


def _first(numbers: Iterable[int]) -> int:
    return next((number for number in numbers if number), 0)


def _tokens(value: object) -> int:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if is_number and isinstance(value, int | float) and 1 <= value <= MOST_TOKENS else 0


def _sees(entry: Mapping[str, object]) -> bool | None:
    """Return whether a model takes pictures; None where that is not said.

    OpenRouter has `architecture.input_modalities`, GitHub Models and xAI such a list of their own, Mistral
    `capabilities.vision`, Anthropic `capabilities.image_input.supported`, Ollama and llama.cpp a list of
    `capabilities`, llama.cpp's /props `modalities.vision`, LM Studio a `type`.
    """
    architecture, able, modalities = (entry.get(key) for key in ("architecture", "capabilities", "modalities"))
    places = [entry, *([architecture] if isinstance(architecture, dict) else [])]
    for taken in (place.get(key) for place in places for key in _MODALITIES):
        if isinstance(taken, list) and taken:
            return "image" in taken
    if isinstance(modalities, dict) and isinstance(modalities.get("vision"), bool):
        return modalities["vision"] is True
    if entry.get("type") in ("vlm", "llm"):
        return entry.get("type") == "vlm"
    if isinstance(able, list):
        return (
            True if {"vision", "multimodal"}.intersection(map(str, able)) else False if "completion" in able else None
        )
    found = able.get("vision", able.get("image_input")) if isinstance(able, dict) else None
    found = found.get("supported") if isinstance(found, dict) else found
    return found if isinstance(found, bool) else None


def _reads(entry: Mapping[str, object]) -> bool | None:
    """Return whether a model takes PDFs as they are; None where that is not said.

    OpenRouter has "file" among the `architecture.input_modalities`, Anthropic `capabilities.pdf_input.supported`.
    """
    architecture, able = entry.get("architecture"), entry.get("capabilities")
    taken = architecture.get("input_modalities") if isinstance(architecture, dict) else None
    if isinstance(taken, list) and taken:
        return "file" in taken
    found = able.get("pdf_input") if isinstance(able, dict) else None
    found = found.get("supported") if isinstance(found, dict) else found
    return found if isinstance(found, bool) else None


def _uses_tools(entry: Mapping[str, object]) -> bool | None:
    able, parameters = entry.get("capabilities"), entry.get("supported_parameters")
    if isinstance(parameters, list) and parameters:
        return "tools" in parameters
    if isinstance(able, list) and able:
        return bool({"tools", "tool_use", "tool-calling"}.intersection(map(str, able)))
    found = able.get("function_calling") if isinstance(able, dict) else None
    return found if isinstance(found, bool) else None


def _makes_pictures(entry: Mapping[str, object]) -> bool | None:
    """Return whether a model answers with pictures too, as OpenRouter says it; None where that is not said."""
    architecture = entry.get("architecture")
    given = architecture.get("output_modalities") if isinstance(architecture, dict) else None
    return "image" in given if isinstance(given, list) and given else None


def _prices(entry: Mapping[str, object]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    """Return dollars per million tokens in, out and cached: OpenRouter tells them per token and as text, others per
    million.
    """
    for place in (entry, *_within(entry)):
        pricing = place.get("pricing")
        if not isinstance(pricing, dict):
            continue
        if "prompt" in pricing:
            told = (pricing.get(key) for key in ("prompt", "completion", "input_cache_read"))
            into, out, cached = (price_in(value, MILLION) for value in told)
            return into, out, cached
        for ours, theirs in (("input", "output"), ("input_tokens", "output_tokens")):
            if ours in pricing:
                return price_in(pricing.get(ours)), price_in(pricing.get(theirs)), price_in(pricing.get("cached_input"))
    return None, None, None


def price_in(value: object, times: int = 1) -> Decimal | None:
    """Return an amount of dollars that a service tells, as a number or a text; None for what makes no sense."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > MAX_DIGITS:
        return None
    try:
        price = Decimal(str(value)) * times
        return round(price, 6) if 0 <= price <= MILLION else None
    except ArithmeticError:
        return None
