"""Ollama's chat API. Source: github.com/ollama/ollama/blob/main/docs/api.md, ollama 0.6.3."""

import json

from telegram_playground.model.answer import ToolCall, Usage
from telegram_playground.model.protocol.anthropic import parsed
from telegram_playground.model.protocol.form import function, objects, picture
from telegram_playground.model.protocol.unnamed import Unnamed
from telegram_playground.protocol.wire import Json

_ENDS = {"tool_calls": "stop", "content_filter": "stop"}
_WHEN = "2026-01-01T00:00:00Z"


def heard(body: Json) -> Json:
    """Return what OpenAI's service would have got; it streams unless told otherwise."""
    calls, messages = Unnamed(), []
    for message in objects(body.get("messages")):
        told = {name: value for name, value in message.items() if name in ("role", "content")}
        made = [each.get("function") or {} for each in objects(message.get("tool_calls"))]
        if made:
            told["tool_calls"] = [
                function(
                    str(each.get("name")), json.dumps(each.get("arguments") or {}), calls.made(str(each.get("name")))
                )
                for each in made
            ]
        if message.get("role") == "tool":
            told["tool_call_id"] = calls.answered(str(message.get("tool_name") or ""))
        images = message.get("images")
        if isinstance(images, list) and images:
            words = {"type": "text", "text": message.get("content")}
            told["content"] = [words, *(picture("image/jpeg", image) for image in images)]
        messages.append(told)
    return {**body, "stream": body.get("stream") is not False, "messages": messages}


def listed(models: list[str]) -> Json:
    """Return which models have been pulled."""
    details = {"format": "gguf", "family": "playground", "parameter_size": "1B", "quantization_level": "Q4_0"}
    found = [
        {"name": name, "model": name, "modified_at": _WHEN, "size": 1, "digest": "0" * 64, "details": details}
        for name in models
    ]
    return {"models": found}


def shown(name: str) -> Json:
    """Return what a model can."""
    information = {"general.architecture": "playground", "playground.context_length": 131_072}
    return {
        "modelfile": f"FROM {name}",
        "capabilities": ["completion", "tools", "thinking", "vision"],
        "model_info": information,
    }


class OllamaVoice:
    """Objects, one a line, of which the last one is `done`."""

    media_type = "application/x-ndjson"
    tail = b""

    def __init__(self, model: str) -> None:
        self._head: Json = {"model": model, "created_at": _WHEN}
        self._said: Json = {"role": "assistant", "content": ""}

    def framed(self, item: Json) -> bytes:
        """Return a line."""
        return json.dumps(item).encode() + b"\n"

    def begun(self) -> list[Json]:
        """Return nothing: the first line has the first words."""
        return []

    def text(self, text: str) -> list[Json]:
        """Return a piece of the text."""
        self._said["content"] += text
        return self._line({"content": text})

    def thought(self, thought: str) -> list[Json]:
        """Return a piece of the thoughts."""
        self._said["thinking"] = self._said.get("thinking", "") + thought
        return self._line({"content": "", "thinking": thought})

    def call(self, place: int, call: ToolCall) -> list[Json]:
        """Return a call; it comes whole."""
        calls = [{"function": {"name": call.name, "arguments": parsed("".join(call.pieces))}}]
        self._said.setdefault("tool_calls", []).extend(calls)
        return self._line({"content": "", "tool_calls": calls})

    def ended(self, finish: str | None, usage: Usage) -> list[Json]:
        """Return the last line."""
        return [self._last({"role": "assistant", "content": ""}, finish, usage)]

    def failed(self, status: int, message: str) -> Json:
        """Return an error."""
        return {"error": message}

    def whole(self, finish: str | None, usage: Usage) -> Json:
        """Return all of it as the last line."""
        return self._last(self._said, finish, usage)

    def _line(self, said: Json) -> list[Json]:
        return [{**self._head, "message": {"role": "assistant", **said}, "done": False}]

    def _last(self, message: Json, finish: str | None, usage: Usage) -> Json:
        durations = dict.fromkeys(("total_duration", "load_duration", "prompt_eval_duration", "eval_duration"), 1)
        reason = {} if finish is None else {"done_reason": _ENDS.get(finish, finish)}
        counted = {"prompt_eval_count": usage.prompt, "eval_count": usage.completion}
        return {**self._head, "message": message, "done": finish is not None, **reason, **counted, **durations}
