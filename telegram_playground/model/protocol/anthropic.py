"""Anthropic's Messages API. Source: docs.anthropic.com/en/api/messages-streaming, anthropic 2.12.0."""

import json
from collections.abc import Mapping

from telegram_playground.model.answer import Refusal, ToolCall, Usage
from telegram_playground.model.protocol import refusals
from telegram_playground.model.protocol.form import function, objects, picture, tool
from telegram_playground.protocol.wire import Json

_ENDS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "content_filter": "refusal"}
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}
_NO_USAGE = {"input_tokens": 1, "output_tokens": 1}


def heard(body: Json) -> Json:
    """Return what OpenAI's service would have got."""
    system = body.get("system")
    words = system if isinstance(system, str) else "\n".join(str(part.get("text", "")) for part in objects(system))
    messages: list[Json] = [{"role": "system", "content": words}] if words else []
    for message in objects(body.get("messages")):
        messages += _messages(message)
    tools = [
        tool(each.get("name"), each.get("description"), each.get("input_schema")) for each in objects(body.get("tools"))
    ]
    return {**body, "messages": messages, **({"tools": tools} if tools else {})}


def fault(body: Json, headers: Mapping[str, str]) -> Refusal | None:
    """Return what this service alone refuses."""
    if "anthropic-version" not in {name.lower() for name in headers}:
        return refusals.bad_request("anthropic-version: header is required")
    limit = body.get("max_tokens")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        return refusals.bad_request("max_tokens: Field required")
    wrong = next(
        (each.get("role") for each in objects(body.get("messages")) if each.get("role") not in ("user", "assistant")),
        "",
    )
    if wrong != "":
        return refusals.bad_request(
            "messages: Unexpected role. The Messages API accepts a top-level `system` parameter."
        )
    return None


def listed(models: list[str]) -> Json:
    """Return the list of models."""
    data = [
        {"type": "model", "id": name, "display_name": name, "created_at": "2026-01-01T00:00:00Z"} for name in models
    ]
    return {"data": data, "has_more": False, "first_id": models[0], "last_id": models[-1]}


class AnthropicVoice:
    """The events of a message: blocks one after the other, each begun, told in pieces, ended."""

    media_type = "text/event-stream"
    tail = b""

    def __init__(self, number: int, model: str) -> None:
        self._head: Json = {"id": f"msg_{number}", "type": "message", "role": "assistant", "model": model}
        self._blocks: list[Json] = []
        self._inputs: dict[int, str] = {}
        self._is_open = False

    def framed(self, item: Json) -> bytes:
        """Return an event."""
        return f"event: {item['type']}\ndata: {json.dumps(item)}\n\n".encode()

    def begun(self) -> list[Json]:
        """Return the beginning of the message."""
        message = {**self._head, "content": [], "stop_reason": None, "stop_sequence": None, "usage": _NO_USAGE}
        return [{"type": "message_start", "message": message}]

    def text(self, text: str) -> list[Json]:
        """Return a piece of the text, in a block of its own kind."""
        events = self._in_block({"type": "text", "text": ""})
        self._blocks[-1]["text"] += text
        return [*events, self._delta({"type": "text_delta", "text": text})]

    def thought(self, thought: str) -> list[Json]:
        """Return a piece of the thoughts."""
        events = self._in_block({"type": "thinking", "thinking": "", "signature": ""})
        self._blocks[-1]["thinking"] += thought
        return [*events, self._delta({"type": "thinking_delta", "thinking": thought})]

    def call(self, place: int, call: ToolCall) -> list[Json]:
        """Return a wish for a tool, its input in pieces."""
        block = {"type": "tool_use", "id": call.id or f"toolu_{call.name}_{place}", "name": call.name, "input": {}}
        events = self._closed()
        self._is_open = True
        self._blocks.append(block)
        self._inputs[len(self._blocks) - 1] = "".join(call.pieces)
        events.append({"type": "content_block_start", "index": len(self._blocks) - 1, "content_block": block})
        return [*events, *(self._delta({"type": "input_json_delta", "partial_json": piece}) for piece in call.pieces)]

    def ended(self, finish: str | None, usage: Usage) -> list[Json]:
        """Return the end of the last block, why the message ended, and its end."""
        events = self._closed()
        if finish is not None:
            delta = {"stop_reason": _ENDS.get(finish, finish), "stop_sequence": None}
            events.append({"type": "message_delta", "delta": delta, "usage": _usage(usage)})
        return [*events, {"type": "message_stop"}]

    def failed(self, status: int, message: str) -> Json:
        """Return an error."""
        return {"type": "error", "error": {"type": _ERRORS.get(status, "api_error"), "message": message}}

    def whole(self, finish: str | None, usage: Usage) -> Json:
        """Return the message."""
        for index, given in self._inputs.items():
            self._blocks[index]["input"] = parsed(given)
        reason = None if finish is None else _ENDS.get(finish, finish)
        more = {"stop_reason": reason, "stop_sequence": None, "usage": _usage(usage)}
        return {**self._head, "content": self._blocks, **more}

    def _in_block(self, block: Json) -> list[Json]:
        """Go on with a block of this kind, or begin it."""
        if self._is_open and self._blocks[-1]["type"] == block["type"]:
            return []
        events = self._closed()
        self._is_open = True
        self._blocks.append(dict(block))
        return [*events, {"type": "content_block_start", "index": len(self._blocks) - 1, "content_block": block}]

    def _closed(self) -> list[Json]:
        if not self._is_open:
            return []
        self._is_open = False
        last = self._blocks[-1]
        events: list[Json] = []
        if last["type"] == "thinking":
            last["signature"] = "c2lnbmVk"
            events.append(self._delta({"type": "signature_delta", "signature": last["signature"]}))
        return [*events, {"type": "content_block_stop", "index": len(self._blocks) - 1}]

    def _delta(self, delta: Json) -> Json:
        return {"type": "content_block_delta", "index": len(self._blocks) - 1, "delta": delta}


def parsed(arguments: str) -> Json:
    """Return the arguments of a call; what is no object is none."""
    try:
        found = json.loads(arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _usage(usage: Usage) -> Json:
    return {"input_tokens": usage.prompt, "output_tokens": usage.completion}


def _messages(message: Json) -> list[Json]:
    """Return a message; results of tools are messages of their own, before what else is said."""
    content, role = message.get("content"), message.get("role")
    if not isinstance(content, list):
        return [{"role": role, "content": content}]
    parts, found, calls = [], [], []
    for block in objects(content):
        match block.get("type"):
            case "text":
                parts.append({"type": "text", "text": block.get("text")})
            case "image":
                source = block.get("source") or {}
                parts.append(picture(source.get("media_type"), source.get("data")))
            case "tool_use":
                calls.append(function(str(block.get("name")), json.dumps(block.get("input")), str(block.get("id"))))
            case "tool_result":
                told = block.get("content")
                words = (
                    told if isinstance(told, str) else "\n".join(str(each.get("text", "")) for each in objects(told))
                )
                found.append({"role": "tool", "tool_call_id": block.get("tool_use_id"), "content": words})
    if parts or calls or not found:
        found.append({"role": role, "content": parts, **({"tool_calls": calls} if calls else {})})
    return found
