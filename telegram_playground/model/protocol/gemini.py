"""Google's Gemini API. Source: ai.google.dev/api/generate-content, google-genai 3.4.0."""

import json

from telegram_playground.model.answer import ToolCall, Usage
from telegram_playground.model.protocol.anthropic import parsed
from telegram_playground.model.protocol.form import function, objects, picture, tool
from telegram_playground.model.protocol.unnamed import Unnamed
from telegram_playground.protocol.wire import Json

_ENDS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def heard(body: Json, *, model: str, stream: bool) -> Json:
    """Return what OpenAI's service would have got; the model and whether it streams stand in the address."""
    system = body.get("systemInstruction") or body.get("system_instruction")
    words = "\n".join(str(part.get("text", "")) for part in objects((system or {}).get("parts")))
    messages: list[Json] = [{"role": "system", "content": words}] if words else []
    calls = Unnamed()
    for content in objects(body.get("contents")):
        messages += _messages(content, calls)
    tools = [
        tool(each.get("name"), each.get("description"), each.get("parametersJsonSchema") or each.get("parameters"))
        for offer in objects(body.get("tools"))
        for each in objects(offer.get("functionDeclarations") or offer.get("function_declarations"))
    ]
    found = {**body, "model": model, "stream": stream, "messages": messages}
    found.pop("tools", None)
    return found | ({"tools": tools} if tools else {})


def listed(models: list[str]) -> Json:
    """Return the list of models."""
    methods = ["generateContent", "countTokens"]
    limits = {"inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536}
    found = [
        {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": methods, **limits}
        for name in models
    ]
    return {"models": found}


class GeminiVoice:
    """Responses, each with a few parts of the content; `events`: as server-sent events, else as the items of a list."""

    def __init__(self, number: int, model: str, *, events: bool) -> None:
        self._more: Json = {"modelVersion": model, "responseId": f"response-{number}"}
        self._parts: list[Json] = []
        self._events = events
        self._before = b"["
        self.media_type = "text/event-stream" if events else "application/json"
        self.tail = b"" if events else b"]"

    def framed(self, item: Json) -> bytes:
        """Return a response."""
        data = json.dumps(item).encode()
        if self._events:
            return b"data: " + data + b"\r\n\r\n"
        before, self._before = self._before, b",\r\n"
        return before + data

    def begun(self) -> list[Json]:
        """Return nothing: the first response has the first part."""
        return []

    def text(self, text: str) -> list[Json]:
        """Return a piece of the text."""
        return self._part({"text": text})

    def thought(self, thought: str) -> list[Json]:
        """Return a piece of the thoughts."""
        return self._part({"text": thought, "thought": True})

    def call(self, place: int, call: ToolCall) -> list[Json]:
        """Return a call of a function; it comes whole."""
        named = {"id": call.id} if call.id else {}
        return self._part({"functionCall": {**named, "name": call.name, "args": parsed("".join(call.pieces))}})

    def ended(self, finish: str | None, usage: Usage) -> list[Json]:
        """Return the last response: why it ended, and the tokens."""
        return [self._response([{"text": ""}], finish, usage)]

    def failed(self, status: int, message: str) -> Json:
        """Return an error."""
        return {"error": {"code": status, "message": message, "status": _STATUSES.get(status, "UNKNOWN")}}

    def whole(self, finish: str | None, usage: Usage) -> Json:
        """Return the content in one response; pieces of text are one part."""
        parts: list[Json] = []
        for part in self._parts:
            if parts and "text" in part and "text" in parts[-1] and part.get("thought") == parts[-1].get("thought"):
                parts[-1] = {**parts[-1], "text": parts[-1]["text"] + part["text"]}
            else:
                parts.append(part)
        return self._response(parts, finish, usage)

    def _part(self, part: Json) -> list[Json]:
        self._parts.append(part)
        return [{"candidates": [{"content": {"parts": [part], "role": "model"}, "index": 0}], **self._more}]

    def _response(self, parts: list[Json], finish: str | None, usage: Usage) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish is not None:
            candidate["finishReason"] = _ENDS.get(finish, finish)
        counted = {"promptTokenCount": usage.prompt, "candidatesTokenCount": usage.completion}
        counted["totalTokenCount"] = usage.prompt + usage.completion
        return {"candidates": [candidate], "usageMetadata": counted, **self._more}


def _messages(content: Json, calls: Unnamed) -> list[Json]:
    parts: list[Json] = []
    made: list[Json] = []
    found: list[Json] = []
    for part in objects(content.get("parts")):
        inline = part.get("inlineData") or part.get("inline_data")
        call = part.get("functionCall") or part.get("function_call")
        told = part.get("functionResponse") or part.get("function_response")
        if isinstance(part.get("text"), str) and not part.get("thought"):
            parts.append({"type": "text", "text": part["text"]})
        elif isinstance(inline, dict):
            parts.append(picture(inline.get("mimeType") or inline.get("mime_type"), inline.get("data")))
        elif isinstance(call, dict):
            name = str(call.get("name"))
            made.append(function(name, json.dumps(call.get("args") or {}), calls.made(name, call.get("id"))))
        elif isinstance(told, dict):
            answer = told.get("response") or {}
            words = answer.get("output", answer.get("result", answer.get("error", json.dumps(answer))))
            call_id = calls.answered(str(told.get("name")), told.get("id"))
            found.append({"role": "tool", "tool_call_id": call_id, "content": str(words)})
    role = "assistant" if content.get("role") == "model" else "user"
    if parts or made or not found:
        found.append({"role": role, "content": parts, **({"tool_calls": made} if made else {})})
    return found
