"""Anthropic's Messages API.

Sources: https://docs.anthropic.com/en/api/messages-streaming, https://docs.anthropic.com/en/api/errors.
"""

import json
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from random import Random
from typing import ClassVar

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import NO_FILES, AsyncGeneratorProvider, Clock, Delta, Message, Usage, contents_of
from providers.blocks import MADE, Content, Document, ToolCall, ToolResult
from providers.capabilities import Capabilities
from providers.errors import ServiceFailed
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.tools import Tool, arguments_in, may_call, tools_in
from providers.wire.cache import marked
from providers.wire.calling import Calling, made, replayed
from providers.wire.completion import Completion, End, count
from providers.wire.dialogue import dialogue
from providers.wire.effort import Claude, claude_by, claude_in
from providers.wire.encoding import Part, calls_in, encoded, own_message, results_in
from providers.wire.exchange import Exchange
from providers.wire.extras import Extras
from providers.wire.glued_calls import MAX_ARGUMENTS
from providers.wire.http import Http
from providers.wire.leisure import leisure_in
from providers.wire.listed import listed_in, name_in
from providers.wire.reading import Reading
from providers.wire.sight import SeeingModels, Sight, has_images
from providers.wire.status import error_in, reason_in

VERSION = "2023-06-01"
MAX_TOKENS = 32_000  # thoughts included; the list of models tells more exactly
PREFERRED = (  # looked up 2026-11-21 in anthropic 2.12.0 (types/model.py) and its page of model deprecations
    "claude-sonnet-5-5",
    "claude-sonnet-5",
    "claude-sonnet-4-6",
    "claude-haiku-5-5",
)
ENDS = {  # DEPRECATED_MODELS of anthropic 2.12.0, the same day; where the list of models tells an end, that one counts
    "claude-sonnet-4-5": "2026-11-30",
    "claude-mythos-preview": "2026-06-30",
    "claude-opus-4-0": "2026-06-15",
    "claude-opus-4": "2026-06-15",
    "claude-sonnet-4-0": "2026-06-15",
    "claude-sonnet-4": "2026-06-15",
    "claude-3-7-sonnet-latest": "2026-02-19",
    "claude-3-5-haiku-latest": "2026-02-19",
}

KNOWN = {  # docs.anthropic.com, tool use and PDF support, 2026-11-22
    "claude": Capabilities(tools=True, documents=True),
    **dict.fromkeys(("claude-3-opus", "claude-3-sonnet", "claude-3-haiku"), Capabilities(tools=True, documents=False)),
}

_READ = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_ENDS = {  # anthropic 2.12.0, types/stop_reason.py
    "end_turn": End.WHOLE,
    "stop_sequence": End.WHOLE,
    "tool_use": End.WHOLE,
    "pause_turn": End.BROKEN,  # only with tools of the service, which nobody asked for
    "max_tokens": End.TOO_LONG,
    "model_context_window_exceeded": End.TOO_LONG,
    "refusal": End.FILTERED,
}


class Settings(ProviderSettings):
    """A key; the address is without /v1, as the official SDK has it.

    `max_tokens` limits an answer and what is thought before it; without it the model's own limit counts.
    """

    model_config = SettingsConfigDict(env_prefix="ANTHROPIC_")
    is_key_bearer: ClassVar[bool] = False

    api_key: ApiKey | None = None
    base_url: BaseUrl = "https://api.anthropic.com"
    model: str = ""
    max_tokens: PositiveInt | None = None
    context_tokens: PositiveInt = 200_000


class Anthropic(SeeingModels, AsyncGeneratorProvider):
    """Claude, by Anthropic's own protocol."""

    id = "anthropic"
    label = "Anthropic"
    supports_system_message = True
    supports_message_history = True

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.preferred = () if settings.model else PREFERRED
        self.known_ends = ENDS
        self.known = KNOWN
        self.default_model = settings.model or PREFERRED[0]
        self.context_tokens = settings.context_tokens
        self.own_context = settings.own_context
        self._max_tokens = settings.max_tokens
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"anthropic-version": VERSION} | ({"x-api-key": key} if key else {})
        self._exchange = Exchange(http, clock, headers=headers, secret=key)
        self._sight = Sight(clock)
        self._reading = Reading(clock)
        self._extras = Extras(clock)
        self._calling = Calling(clock)
        self._thinks: dict[str, Claude] = {}  # as the list of models says it

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

        `thoughts`: their summaries are asked for, which models from 4.6 on give on request alone.
        """
        name = self.get_model(model)
        takes = self.takes(name)
        talk = dialogue(contents_of(replayed(messages, self.id, name), takes, files))
        tools = tools_in(options) if ToolCall in takes else []
        told = options.get("max_tokens")
        most = told if isinstance(told, int) else self._max_tokens or self.capabilities(name).output_tokens
        body: dict[str, object] = {
            "model": name,
            "max_tokens": most or MAX_TOKENS,
            "messages": [{"role": role, "content": _content(content, files)} for role, content in talk.turns],
            "stream": True,
        }
        if talk.system:
            body["system"] = talk.system
        if tools:
            body["tools"] = [_tool(tool) for tool in tools]
            body["tool_choice"] = {"type": "auto" if may_call(options) else "none"}
        thinker = self._thinks.get(name) or claude_by(name)
        given = {option for option in ("temperature", "top_p", "effort") if options.get(option) is not None}
        given -= set() if thinker.knows(str(options.get("effort"))) else {"effort"}
        is_free = not {"temperature", "top_p"} & given  # these are refused beside it
        thoughts = {"thoughts"} if options.get("thoughts") and is_free and thinker.adaptive else set()
        extras: frozenset[str] | None = self._extras.willing(name, {"cache", *given, *thoughts})
        while extras is not None:
            message, sent = _Message((self.id, name), made=made(messages)), extras
            effort = str(options["effort"]) if "effort" in sent else None
            thinking = thinker.asked(effort, thoughts="thoughts" in sent, max_tokens=most or MAX_TOKENS)
            asked = _with_extras(body, sent, options) | thinking
            answer = self._exchange.answer(
                self.id,
                f"{self.url}/v1/messages",
                asked,
                message,
                proxy=proxy,
                silence_s=timeout,
                leisure=leisure_in(options),
            )
            try:
                with (
                    self._reading.watched(name, talk.turns),
                    self._sight.watched(name, has_images=has_images(talk.turns)),
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

    async def refresh(self) -> None:
        """Read the list of models."""
        url = f"{self.url}/v1/models?limit=1000"
        entries = await self._exchange.entries(self.id, url, "data", proxy=None)
        ends = {name_in(entry, "id"): _end_in(entry) for entry in entries}
        self._thinks = {name_in(entry, "id"): found for entry in entries if (found := claude_in(entry))}
        self.take_list([replace(each, ends=ends[each.name]) for each in listed_in(entries, "id")])


def _with_extras(
    body: Mapping[str, object], extras: Collection[str], options: Mapping[str, object]
) -> dict[str, object]:
    """Return a body with what is sent beside the question."""
    more = {option: options[option] for option in ("temperature", "top_p") if option in extras}
    return {**(marked(body) if "cache" in extras else body), **more}


def _image(media_type: str, data: str) -> Part:
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": data}}


def _document(block: Document, data: str) -> Part:
    source = {"type": "base64", "media_type": block.media_type, "data": data}
    part: Part = {"type": "document", "source": source}
    return part | ({"title": block.name} if block.name else {})


def _end_in(entry: Mapping[str, object]) -> str:
    """Return the day on which a model is switched off; a deprecated one without a day ends some day soon."""
    day = entry.get("retires_at")
    return day[:10] if isinstance(day, str) and day else "soon" if entry.get("lifecycle") == "deprecated" else ""


def _content(content: Content, files: Mapping[str, bytes]) -> object:
    """Return a message's content as the protocol has it; results come before what else the user says."""
    if own := own_message(content):
        return own
    calls, results = calls_in(content), results_in(content)
    if not calls and not results:
        return encoded(content, files, _image, _document)
    rest = tuple(block for block in content if not isinstance(block, ToolCall | ToolResult))
    words = encoded(rest, files, _image, _document)
    parts = [{"type": "text", "text": words}] if isinstance(words, str) and words.strip() else words or []
    return [*map(_result, results), *parts, *map(_call, calls)]


def _tool(tool: Tool) -> dict[str, object]:
    return {"name": tool.name, "description": tool.description, "input_schema": dict(tool.parameters)}


def _call(call: ToolCall) -> Part:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments_in(call.arguments) or {}}


def _result(result: ToolResult) -> Part:
    told: Part = {"type": "tool_result", "tool_use_id": result.id, "content": result.text}
    return told | ({"is_error": True} if result.is_error else {})


def _index(item: Mapping[str, object]) -> int:
    index = item.get("index")
    return index if isinstance(index, int) else 0


class _Message(Completion):
    """A message out of the events of its stream, or whole."""

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        super().__init__(asked, made=made)
        self._prompt_tokens = 0
        self._cached = 0
        self._blocks: dict[int, dict[str, object]] = {}  # by index, as they go back with the calls
        self._inputs: dict[int, str] = {}

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take an event, by its type."""
        if error := error_in(item):
            raise error
        part = item.get("delta")
        delta = part if isinstance(part, dict) else {}
        match item.get("type"):
            case "message_start":
                message = item.get("message")
                self._count(message.get("usage") if isinstance(message, dict) else None)
            case "content_block_start":
                block = item.get("content_block")
                self._blocks[_index(item)] = dict(block) if isinstance(block, dict) else {}
                return self._block(block)
            case "content_block_delta":
                self._glue(_index(item), delta)
                return self._block(delta)
            case "message_delta":
                self._count(item.get("usage"))
                self._stop(delta)
            case "message_stop":
                self.finished = True
            case "message":
                self._count(item.get("usage"))
                self._stop(item)
                content = item.get("content")
                blocks = [block for block in (content if isinstance(content, list) else []) if isinstance(block, dict)]
                self._blocks = dict(enumerate(blocks))
                return [delta for block in blocks for delta in self._block(block)]
            case "ping" | "content_block_stop":
                pass
            case _ if not self.began:
                self.end, self.said = End.FAILED, reason_in(item) or str(item.get("type"))
        return []

    def _block(self, block: object) -> list[Delta]:
        """Return the deltas in a block of content or in a piece of one."""
        if not isinstance(block, dict):
            return []
        self.thought = self.thought or "thinking" in str(block.get("type"))  # hidden, the block is empty
        return [*self.reasoning(block.get("thinking")), *self.text(block.get("text"))]

    def calls(self) -> list[ToolCall]:
        """Return the calls in the message."""
        return [
            ToolCall(str(block.get("id") or f"{self.made}{index}"), str(block.get("name")), self._arguments(index))
            for index, block in self._blocks.items()
            if block.get("type") == "tool_use"
        ]

    def raw(self) -> object:
        """Return the content, block by block: thoughts, also hidden ones, go back with their signatures."""
        whole = []
        for index, block in self._blocks.items():
            if block.get("type") == "tool_use":
                given = arguments_in(self._arguments(index)) or {}
                block = {**block, "id": block.get("id") or f"{self.made}{index}", "input": given}
            if block.get("type") != "text" or str(block.get("text") or "").strip():  # blank ones are refused
                whole.append({key: value for key, value in block.items() if value is not None})
        return whole

    def _arguments(self, index: int) -> str:
        given = self._blocks[index].get("input")
        return self._inputs.get(index) or json.dumps(given if isinstance(given, dict) else {}, ensure_ascii=False)

    def _glue(self, index: int, delta: Mapping[str, object]) -> None:
        """Put a piece to its block."""
        block = self._blocks.setdefault(index, {"type": "text"})
        for key in ("text", "thinking", "signature"):
            if isinstance(piece := delta.get(key), str):
                block[key] = f"{block.get(key) or ''}{piece}"
        if isinstance(piece := delta.get("partial_json"), str):
            self._inputs[index] = f"{self._inputs.get(index, '')}{piece}"[:MAX_ARGUMENTS]

    def _stop(self, message: Mapping[str, object]) -> None:
        """Note why the message ended, with what is said of it."""
        if isinstance(reason := message.get("stop_reason"), str):
            self.ended(_ENDS, reason)
            details = message.get("stop_details")
            explanation = details.get("explanation") if isinstance(details, dict) else None
            self.said = explanation if isinstance(explanation, str) else self.said

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            read = sum(count(usage.get(key)) for key in _READ)  # what the cache held counts as well
            self._prompt_tokens = read or self._prompt_tokens
            self._cached = count(usage.get("cache_read_input_tokens")) or self._cached
            self.usage = Usage(self._prompt_tokens, count(usage.get("output_tokens")), self._cached)
