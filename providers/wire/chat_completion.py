"""OpenAI's chat completion objects, streamed chunks and whole answers alike; pure."""

from collections.abc import Iterator, Mapping

from providers.base import Delta, Usage
from providers.blocks import MADE, ToolCall
from providers.wire.completion import Completion, End, count, dollars
from providers.wire.document import at
from providers.wire.glued_calls import GluedCalls, call_message
from providers.wire.status import error_in, reason_in

_WHOLE = ("stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "stop_sequence", "complete")
_ENDS = {
    **dict.fromkeys(_WHOLE, End.WHOLE),
    "length": End.TOO_LONG,
    "max_tokens": End.TOO_LONG,
    "model_length": End.TOO_LONG,  # Mistral
    "content_filter": End.FILTERED,
    "insufficient_system_resource": End.BROKEN,  # DeepSeek
    "error": End.BROKEN,  # OpenRouter, Mistral
}

_BESIDE_TEXT = {"content", "role"}


class ChatCompletion(Completion):
    """A completion of OpenAI's protocol, with what other servers made of it."""

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        super().__init__(asked, made=made)
        self._calls = GluedCalls(made)
        self._kept: dict[str, object] = {}  # of the message, which must go back with its calls

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take a chunk or a whole answer."""
        if (text := self.text_alone(item)) is not None:
            return self.text(text)
        if not item:
            self.finished = True
            self.end = self.end or End.WHOLE
            return []
        if error := error_in(item):
            raise error
        self._count(item.get("usage"))
        choices = item.get("choices")
        if not isinstance(choices, list):
            self._strange(item)
            return []
        return [delta for choice in choices[:1] if isinstance(choice, dict) for delta in self._choice(choice)]

    def text_alone(self, item: Mapping[str, object]) -> str | None:
        """Return the text of a chunk that says nothing else, as nearly all do."""
        choices = item.get("choices")
        if not isinstance(choices, list) or len(choices) != 1 or item.get("error") or item.get("usage"):
            return None
        choice = choices[0]
        if (
            not isinstance(choice, dict)
            or choice.get("finish_reason")
            or not isinstance(delta := choice.get("delta"), dict)
        ):
            return None
        text = delta.get("content")
        others = delta.keys() - _BESIDE_TEXT
        return text if isinstance(text, str) and text and not any(delta[name] for name in others) else None

    def _choice(self, choice: Mapping[str, object]) -> Iterator[Delta]:
        delta = choice.get("delta") or choice.get("message")
        if isinstance(delta, dict):
            yield from self.reasoning(delta.get("reasoning_content") or delta.get("reasoning"))
            yield from self._content(delta.get("content"))
            for each in images if isinstance(images := delta.get("images"), list) else ():  # OpenRouter
                yield from self.picture(at(each, "image_url", "url") if isinstance(each, dict) else None)
            self._calls.add(delta.get("tool_calls"))
            self._keep(delta)
            if isinstance(refusal := delta.get("refusal"), str) and refusal:
                self.end, self.said = End.FILTERED, self.said + refusal
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self.finished = True
            if self.end is not End.FILTERED:
                self.ended(_ENDS, finish.lower())

    def _content(self, content: object) -> Iterator[Delta]:
        """Yield the text of a content, which is a string or, at Mistral's reasoning models, a list of parts."""
        if not isinstance(content, list):
            yield from self.text(content)
            return
        for part in content:
            if isinstance(part, dict):
                thoughts = part.get("thinking")
                for thought in thoughts if isinstance(thoughts, list) else []:
                    yield from self.reasoning(thought.get("text") if isinstance(thought, dict) else None)
                yield from self.text(part.get("text"))

    def calls(self) -> list[ToolCall]:
        """Return the calls, glued together."""
        return self._calls.calls()

    def raw(self) -> object:
        """Return the assistant's message; DeepSeek and OpenRouter want the thoughts back with it."""
        return {**call_message(self.words, self._calls.calls(), self._calls.more), **self._kept}

    def _keep(self, delta: Mapping[str, object]) -> None:
        if isinstance(thought := delta.get("reasoning_content"), str):
            self._kept["reasoning_content"] = f"{self._kept.get('reasoning_content', '')}{thought}"
        if isinstance(details := delta.get("reasoning_details"), list):
            kept = self._kept.setdefault("reasoning_details", [])
            if isinstance(kept, list):
                kept += details

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            cached = count(at(usage, "prompt_tokens_details", "cached_tokens"))
            cached = cached or count(usage.get("prompt_cache_hit_tokens"))  # DeepSeek
            tokens = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens")), cached
            self.usage = Usage(*tokens, cost=dollars(usage.get("cost")))
            details = usage.get("completion_tokens_details")
            if isinstance(details, dict) and count(details.get("reasoning_tokens")):
                self.thought = True

    def _strange(self, item: Mapping[str, object]) -> None:
        if not self.began and "usage" not in item:
            self.end, self.said = End.FAILED, reason_in(item) or "an object without choices"
