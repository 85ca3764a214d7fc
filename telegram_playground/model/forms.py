"""The addresses of the protocols beside OpenAI's: Anthropic's, Gemini's and Ollama's, answered by the same scripts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from telegram_playground.model.answer import Refusal
from telegram_playground.model.protocol import anthropic, gemini, ollama, refusals
from telegram_playground.model.protocol.anthropic import AnthropicVoice
from telegram_playground.model.protocol.completion import Completion, estimated
from telegram_playground.model.protocol.dialogue import fault_of
from telegram_playground.model.protocol.form import Spoken
from telegram_playground.model.protocol.gemini import GeminiVoice
from telegram_playground.model.protocol.ollama import OllamaVoice
from telegram_playground.model.request import Request
from telegram_playground.protocol.wire import Json

_LATEST = ":latest"


@dataclass(frozen=True, slots=True)
class Heard:
    """A request of some form: what was sent, what OpenAI's service would have got, and why it is refused if it is."""

    form: str
    body: Json
    sent: Json
    fault: Refusal | None


class Answering(Protocol):
    """Who answers a request that was heard."""

    models: list[str]

    async def perform(
        self, asked: web.Request, heard: Heard, voiced: Callable[[Request], Completion]
    ) -> web.StreamResponse:
        """Answer a request of any form."""


def add_forms(app: web.Application, model: Answering) -> None:
    """Answer at the addresses of the other protocols."""
    forms = _Forms(model)
    app.router.add_post("/v1/messages", forms.anthropic)
    app.router.add_post("/v1/messages/count_tokens", forms.anthropic_tokens)
    app.router.add_get("/v1beta/models", forms.gemini_models)
    for version in ("v1beta", "v1"):  # of Google's package, which asks the second by itself
        app.router.add_post(f"/{version}/models/{{call:[^:]+:[a-zA-Z]+}}", forms.gemini)
    app.router.add_post("/api/chat", forms.ollama)
    app.router.add_post("/api/show", forms.ollama_details)
    app.router.add_get("/api/tags", forms.ollama_models)
    app.router.add_get("/api/ps", forms.ollama_models)
    app.router.add_get("/api/version", forms.ollama_version)


async def body_of(asked: web.Request) -> Json | None:
    """Return the object in a request, None where there is none."""
    try:
        body = await asked.json()
    except (ValueError, RecursionError, web.RequestPayloadError):  # neither JSON nor text
        return None
    return body if isinstance(body, dict) else None


class _Forms:
    """One handler an address."""

    def __init__(self, model: Answering) -> None:
        self._model = model

    async def anthropic(self, asked: web.Request) -> web.StreamResponse:
        sent = await body_of(asked)
        body = anthropic.heard(sent) if sent else {}
        fault = _fault(sent, body, self._model.models) or anthropic.fault(sent or {}, dict(asked.headers))
        heard = Heard("anthropic", body, sent or {}, fault)

        def voiced(request: Request) -> Completion:
            voice = AnthropicVoice(request.number, request.model)
            return Spoken(asked, voice, streams=bool(body.get("stream")))

        return await self._model.perform(asked, heard, voiced)

    async def anthropic_tokens(self, asked: web.Request) -> web.Response:
        body = anthropic.heard(await body_of(asked) or {})
        return web.json_response({"input_tokens": estimated(body["messages"], 0).prompt})

    async def gemini(self, asked: web.Request) -> web.StreamResponse:
        name, _, verb = asked.match_info["call"].rpartition(":")
        sent = await body_of(asked)
        body = gemini.heard(sent or {}, model=name, stream=verb == "streamGenerateContent")
        if verb == "countTokens":
            return web.json_response({"totalTokens": estimated(body["messages"], 0).prompt})
        if verb not in ("generateContent", "streamGenerateContent"):
            raise web.HTTPNotFound
        heard = Heard("gemini", body, sent or {}, _fault(sent, body, self._model.models))

        def voiced(request: Request) -> Completion:
            voice = GeminiVoice(request.number, name, events=asked.query.get("alt") == "sse")
            return Spoken(asked, voice, streams=body["stream"])

        return await self._model.perform(asked, heard, voiced)

    async def gemini_models(self, _: web.Request) -> web.Response:
        return web.json_response(gemini.listed(self._model.models))

    async def ollama(self, asked: web.Request) -> web.StreamResponse:
        sent = await body_of(asked)
        body = ollama.heard(sent or {})
        name = str(body.get("model", ""))
        body["model"] = name.removesuffix(_LATEST) if name not in self._model.models else name
        heard = Heard("ollama", body, sent or {}, _fault(sent, body, self._model.models))

        def voiced(request: Request) -> Completion:
            return Spoken(asked, OllamaVoice(name), streams=body["stream"])

        return await self._model.perform(asked, heard, voiced)

    async def ollama_details(self, asked: web.Request) -> web.Response:
        body = await body_of(asked) or {}
        name = str(body.get("model") or body.get("name"))
        if name.removesuffix(_LATEST) not in self._model.models and name not in self._model.models:
            return web.json_response({"error": f"model '{name}' not found"}, status=404)
        return web.json_response(ollama.shown(name))

    async def ollama_models(self, _: web.Request) -> web.Response:
        return web.json_response(ollama.listed(self._model.models))

    async def ollama_version(self, _: web.Request) -> web.Response:
        return web.json_response({"version": "0.13.0"})


def _fault(sent: Json | None, body: Json, models: Sequence[str]) -> Refusal | None:
    """Return the refusal of a request that no service would take, in the words of none of them yet."""
    if sent is None:
        return fault_of(None, models)
    if not body.get("model"):
        return refusals.bad_request("model: Field required")
    return fault_of(body, models)
