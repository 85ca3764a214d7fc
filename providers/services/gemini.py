"""Google's Gemini API.

Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/api/models.
"""

import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace
from random import Random
from types import MappingProxyType
from typing import ClassVar
from urllib.parse import quote

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import NO_FILES, AsyncGeneratorProvider, Clock, Delta, Message, Role, Usage, contents_of
from providers.blocks import MADE, Audio, Block, Content, Document, Image, Text, ToolCall, ToolResult
from providers.capabilities import Capabilities
from providers.errors import NotTaken, ServiceFailed
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.tools import Tool, arguments_in, may_call, tools_in
from providers.wire.calling import Calling, made, replayed
from providers.wire.completion import Completion, End, count
from providers.wire.dialogue import dialogue
from providers.wire.effort import gemini_asked, gemini_knows
from providers.wire.encoding import own_message
from providers.wire.exchange import Exchange
from providers.wire.extras import Extras
from providers.wire.http import Http
from providers.wire.leisure import leisure_in
from providers.wire.listed import listed_in, name_in
from providers.wire.reading import Reading
from providers.wire.sight import FORGET_S, SeeingModels, Sight, has_images
from providers.wire.status import error_in

PREFERRED = (  # looked up 2026-11-21 in google-genai 3.4.0 and https://ai.google.dev/gemini-api/docs/deprecations
    "gemini-3.5-flash-lite",  # what Google names in the place of gemini-2.5-flash
    "gemini-3.8-flash",
    "gemini-3.7-flash",
    "gemini-3.5-flash",
    "gemini-flash-latest",
)
ENDS = {  # the same page, the same day; the list of models tells no ends
    "gemini-2.5-flash": "2026-12-01",
    "gemini-2.5-pro": "2026-12-01",
    "gemini-3.1-flash-lite": "2027-05-07",
}

KNOWN = {  # by the beginning of the name; ai.google.dev/gemini-api/docs/function-calling, 2026-11-22
    **dict.fromkeys(("gemini", "gemini-2.5", "gemini-3"), Capabilities(tools=True)),
    **dict.fromkeys(("gemini-2.5-flash-image", "gemini-embedding"), Capabilities(tools=False)),
}

_HEARING = re.compile(r"(models/)?gemini-(?!.*(image|tts|embedding))")
_DEAF = re.compile(r"audio|video|modalit|mime ?type", re.IGNORECASE)
_OPTIONS = {"temperature": "temperature", "top_p": "topP"}
_FILTERS = (
    "SAFETY",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MODEL_ARMOR",
    "ESCALATION",
    "PUP_LIMITED_DISABLED",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_OTHER",
)
_THINKS = re.compile(r"^gemini-(2\.5|[3-9])(?!.*(image|tts|audio|live|embedding))")
_DRAWS = re.compile(r"-image(-|$)")
_TECHNICAL = (
    "OTHER",
    "FINISH_REASON_UNSPECIFIED",
    "MALFORMED_FUNCTION_CALL",
    "MALFORMED_RESPONSE",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MISSING_THOUGHT_SIGNATURE",
    "NO_IMAGE",
)
_ENDS = {  # google-genai 3.4.0, types.FinishReason
    "STOP": End.WHOLE,
    "MAX_TOKENS": End.TOO_LONG,
    "CONTINUATION": End.TOO_LONG,
    "RECITATION": End.RECITED,
    "IMAGE_RECITATION": End.RECITED,
    "LANGUAGE": End.LANGUAGE,
    **dict.fromkeys(_FILTERS, End.FILTERED),
    **dict.fromkeys(_TECHNICAL, End.BROKEN),
}


class Settings(ProviderSettings):
    """A key; the address is without /v1beta."""

    model_config = SettingsConfigDict(env_prefix="GEMINI_")
    other_names = MappingProxyType({"api_key": "GOOGLE_API_KEY"})
    is_key_bearer: ClassVar[bool] = False

    api_key: ApiKey | None = None
    base_url: BaseUrl = "https://generativelanguage.googleapis.com"
    model: str = ""
    context_tokens: PositiveInt = 200_000


class Gemini(SeeingModels, AsyncGeneratorProvider):
    """Gemini, by Google's own protocol."""

    id = "gemini"
    label = "Gemini"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.preferred = () if settings.model else PREFERRED
        self.known_ends = ENDS
        self.known = KNOWN
        self.default_model = settings.model.removeprefix("models/") or PREFERRED[0]
        self.context_tokens = settings.context_tokens
        self.own_context = settings.own_context
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"x-goog-api-key": key} if key else {}
        self._exchange = Exchange(http, clock, headers=headers, secret=key)
        self._sight = Sight(clock)
        self._reading = Reading(clock)
        self._extras = Extras(clock)
        self._calling = Calling(clock)
        self._thinks: dict[str, bool] = {}  # as the list of models says it
        self._clock = clock
        self._deaf_until: dict[str, float] = {}

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; `temperature`, `top_p`, `max_tokens` and `effort` are sent on where they are given.

        `thoughts`: their summaries are asked for, which come on request alone.
        """
        name = self.get_model(model)
        takes = self.takes(name)
        talk = dialogue(contents_of(replayed(messages, self.id, name), takes, files))
        tools = tools_in(options) if ToolCall in takes else []
        body: dict[str, object] = {
            "contents": [
                {
                    "role": "user" if role == "user" else "model",
                    "parts": own_message(content) or [part for block in content for part in _parts(block, files)],
                }
                for role, content in talk.turns
            ]
        }
        if tools:
            body["tools"] = [{"functionDeclarations": [_declared(tool) for tool in tools]}]
            body["toolConfig"] = {"functionCallingConfig": {"mode": "AUTO" if may_call(options) else "NONE"}}
        if talk.system:
            body["systemInstruction"] = {"parts": [{"text": talk.system}]}
        path = quote(name.removeprefix("models/"), safe="")
        url = f"{self.url}/v1beta/models/{path}:streamGenerateContent?alt=sse"
        given = {option for option in ("temperature", "top_p", "effort") if options.get(option) is not None}
        given -= set() if gemini_knows(name.removeprefix("models/")) else {"effort"}
        thoughts = {"thoughts"} if options.get("thoughts") and self._can_think(name) else set()
        extras: frozenset[str] | None = self._extras.willing(name, given | thoughts)
        while extras is not None:
            sent = extras
            config = _config(name.removeprefix("models/"), options, sent)
            if _DRAWS.search(name):
                config["responseModalities"] = ["TEXT", "IMAGE"]
            asked = body | ({"generationConfig": config} if config else {})
            content = _Content((self.id, name), made=made(messages))
            answer = self._exchange.answer(
                self.id, url, asked, content, proxy=proxy, silence_s=timeout, leisure=leisure_in(options)
            )
            try:
                with (
                    self._reading.watched(name, talk.turns),
                    self._watched(name, talk.turns),
                    self._calling.watched(name, tools),
                ):
                    async with aclosing(answer) as deltas:
                        async for delta in deltas:
                            self._calling.note(name, delta)
                            yield delta
                return
            except ServiceFailed as error:
                if (extras := self._extras.without(name, sent, error)) is None:
                    raise

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return what a model takes beside text; Google's list does not tell which of them hear."""
        taken = super().takes(model)
        name = self.get_model(model) if taken else ""
        is_deaf = self._clock.now() < self._deaf_until.get(name, 0.0)
        return taken | {Audio} if _HEARING.match(name) and not is_deaf else taken

    def _is_read(self, name: str, told: bool | None) -> bool | None:
        """Return whether a model reads PDFs: those that hear do; ai.google.dev/gemini-api/docs/document-processing."""
        return _HEARING.match(name) is not None

    @contextmanager
    def _watched(self, model: str, talk: Sequence[tuple[Role, Content]]) -> Iterator[None]:
        """Learn from a refusal of the recordings that were sent, and raise it as NotTaken."""
        try:
            with self._sight.watched(model, has_images=has_images(talk)):
                yield
        except ServiceFailed as error:
            heard = any(isinstance(block, Audio) for _, content in talk for block in content)
            if not heard or error.status != 400 or not _DEAF.search(error.reason):
                raise
            self._deaf_until[model] = self._clock.now() + FORGET_S
            raise NotTaken({Audio}, said=error.said, provider=error.provider, status=error.status) from None

    async def refresh(self) -> None:
        """Read the list of models that generate text."""
        url = f"{self.url}/v1beta/models?pageSize=1000"
        entries = await self._exchange.entries(self.id, url, "models", proxy=None)
        listed = listed_in([entry for entry in entries if _generates(entry)], "name")
        self._thinks = {
            name_in(entry, "name").removeprefix("models/"): entry["thinking"] is True
            for entry in entries
            if "thinking" in entry
        }
        self.take_list([replace(each, name=each.name.removeprefix("models/")) for each in listed])

    def _can_think(self, name: str) -> bool:
        """Tell whether a model has thoughts: as its service says, else by its name."""
        bare = name.removeprefix("models/")
        return self._thinks.get(bare, _THINKS.search(bare) is not None)


def _config(name: str, options: Mapping[str, object], extras: Collection[str]) -> dict[str, object]:
    """Return options by the protocol's names, as far as they are among the extras."""
    config: dict[str, object] = {theirs: options[ours] for ours, theirs in _OPTIONS.items() if ours in extras}
    if options.get("max_tokens") is not None:
        config["maxOutputTokens"] = options["max_tokens"]
    thinking: dict[str, object] = {}
    if "effort" in extras and isinstance(effort := options.get("effort"), str):
        thinking |= gemini_asked(name, effort)
    if "thoughts" in extras:
        thinking["includeThoughts"] = True
    if thinking:
        config["thinkingConfig"] = thinking
    return config


def _parts(block: Block, files: Mapping[str, bytes]) -> list[dict[str, object]]:
    """Return a block as the protocol has it."""
    match block:
        case Text(text):
            return [{"text": text}]
        case Image(sha256, media_type) | Audio(sha256, media_type) | Document(sha256, media_type):
            return [{"inlineData": {"mimeType": media_type, "data": b64encode(files[sha256]).decode()}}]
        case ToolCall(id_, name, arguments):
            return [{"functionCall": {**_named(id_), "name": name, "args": arguments_in(arguments) or {}}}]
        case ToolResult(id_, name, text, is_error):
            response = {"error" if is_error else "output": text}
            return [{"functionResponse": {**_named(id_), "name": name, "response": response}}]
    return []


def _named(id_: str) -> dict[str, str]:
    """Return the id of a call where Google gave it one: another one is refused by some of its models."""
    return {} if id_.startswith(MADE) else {"id": id_}


def _declared(tool: Tool) -> dict[str, object]:
    return {"name": tool.name, "description": tool.description, "parametersJsonSchema": dict(tool.parameters)}


class _Content(Completion):
    """A content out of the responses of its stream.

    It is never `finished` before the stream is: older models say STOP in every response.
    """

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        super().__init__(asked, made=made)
        self._parts: list[dict[str, object]] = []  # all but the summaries of thoughts, as they go back with the calls
        self._calls: list[ToolCall] = []

    def calls(self) -> list[ToolCall]:
        """Return the calls among the parts."""
        return self._calls

    def raw(self) -> object:
        """Return the parts: the signatures of thoughts are their siblings, and refused where they are missing."""
        return self._parts

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take a response: its first candidate, why the prompt was blocked, the token count."""
        if error := error_in(item):
            raise error
        if isinstance(usage := item.get("usageMetadata"), dict):
            answered = count(usage.get("candidatesTokenCount")) + count(usage.get("thoughtsTokenCount"))
            cached = count(usage.get("cachedContentTokenCount"))
            self.usage = Usage(count(usage.get("promptTokenCount")), answered, cached)
            self.thought = self.thought or count(usage.get("thoughtsTokenCount")) > 0
        if isinstance(feedback := item.get("promptFeedback"), dict) and feedback.get("blockReason"):
            self.end, self.word = End.FILTERED, "the prompt was blocked"
        candidates = item.get("candidates")
        candidate = candidates[0] if isinstance(candidates, list) and candidates else None
        if not isinstance(candidate, dict):
            return []
        if isinstance(finish := candidate.get("finishReason"), str):
            self.ended(_ENDS, finish)
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        return [delta for part in (parts if isinstance(parts, list) else []) for delta in self._part(part)]

    def _part(self, part: object) -> list[Delta]:
        if not isinstance(part, dict):
            return []
        if not part.get("thought") or part.get("thoughtSignature"):
            self._parts.append(part)
        if isinstance(call := part.get("functionCall"), dict) and isinstance(name := call.get("name"), str):
            given = json.dumps(call.get("args") or {}, ensure_ascii=False)
            self._calls.append(ToolCall(str(call.get("id") or f"{self.made}{len(self._calls)}"), name, given))
        if isinstance(media := part.get("inlineData"), dict):
            return self.picture(media.get("data"), final=not part.get("thought"))
        return self.reasoning(part.get("text")) if part.get("thought") else self.text(part.get("text"))


def _generates(entry: Mapping[str, object]) -> bool:
    methods = entry.get("supportedGenerationMethods")
    return isinstance(methods, list) and "generateContent" in methods
