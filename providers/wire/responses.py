"""OpenAI's Responses: what is asked, and the events or the whole object that answers; pure.

Some models answer by it alone. Nothing is stored: the service would keep every conversation for 30 days by default.

Source: the types of openai 3.54.0 (types/responses), looked up 2026-11-22.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping

from providers.base import Delta, Role, Usage
from providers.blocks import MADE, Block, Content, Document, Image, Text, ToolCall, text_of
from providers.tools import Tool, arguments_in
from providers.wire.asked import Asked
from providers.wire.completion import Completion, End, count
from providers.wire.document import at, text_at
from providers.wire.encoding import Part, calls_in, own_message, results_in
from providers.wire.forms import Form
from providers.wire.status import error_in, reason_in

_INCOMPLETE = {"max_output_tokens": End.TOO_LONG, "content_filter": End.FILTERED, "max_messages": End.TOO_LONG}
_OPTIONS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "max_tokens": "max_output_tokens",
    "max_completion_tokens": "max_output_tokens",
}
_SEARCHES = "deep-research"  # such models refuse to work without a source to look in


def by_responses(asked: Asked, form: Form) -> dict[str, object]:
    """Return the body of a question."""
    options = asked.options_in(form)
    reasoning = {"effort": options.get("reasoning_effort"), "summary": "auto" if form.summaries else None}
    body: dict[str, object] = {
        "model": asked.model,
        "input": [
            item for role, content in asked.talk if role != "system" for item in _items(role, content, asked.files)
        ],
        "stream": form.streams,
        "store": False,
        **{theirs: options[ours] for ours, theirs in _OPTIONS.items() if options.get(ours) is not None},
    }
    if system := "\n\n".join(text_of(content) for role, content in asked.talk if role == "system"):
        body["instructions"] = system
    if said := {name: value for name, value in reasoning.items() if value is not None}:
        body["reasoning"] = said
    tools = [_function(tool) for tool in asked.tools] + [{"type": "web_search"}] * (_SEARCHES in asked.model)
    if tools:
        body["tools"] = tools
    if asked.tools:
        body["include"] = ["reasoning.encrypted_content"]  # goes back with the results, as nothing is stored
        body |= {} if asked.may_call else {"tool_choice": "none"}
    return body


def _function(tool: Tool) -> dict[str, object]:
    parameters = dict(tool.parameters)
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": parameters,
        "strict": False,
    }


def _items(role: Role, content: Content, files: Mapping[str, bytes]) -> Iterator[object]:
    """Yield a message as items: results and calls are items of their own."""
    if results := results_in(content):
        yield from ({"type": "function_call_output", "call_id": each.id, "output": each.text} for each in results)
    elif calls := calls_in(content):
        kept = own_message(content)  # an object was kept by chat completions
        if isinstance(kept, list):
            yield from kept
            return
        if words := text_of(content):
            yield {"role": role, "content": words}
        for call in calls:
            given = call.arguments if arguments_in(call.arguments) and call.arguments.strip() else "{}"
            yield {"type": "function_call", "call_id": call.id, "name": call.name, "arguments": given}
    elif all(isinstance(block, Text) for block in content):
        yield {"role": role, "content": text_of(content)}
    else:
        yield {"role": role, "content": [part for block in content for part in _parts(block, files)]}


def _parts(block: Block, files: Mapping[str, bytes]) -> Iterator[Part]:
    match block:
        case Text(text):
            yield {"type": "input_text", "text": text}
        case Image(sha256, media_type):
            data = b64encode(files[sha256]).decode()
            yield {"type": "input_image", "detail": "auto", "image_url": f"data:{media_type};base64,{data}"}
        case Document(sha256, media_type, name):
            data = b64encode(files[sha256]).decode()
            url = f"data:{media_type};base64,{data}"
            yield {"type": "input_file", "filename": name or "document.pdf", "file_data": url}


class Response(Completion):
    """A response out of its events, or whole."""

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        super().__init__(asked, made=made)
        self._is_told = False  # text or a refusal has come by events
        self._items: list[Mapping[str, object]] = []  # that are whole

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take an event, or the whole response where the server does not stream."""
        if not item:
            self.finished = True
            return []
        if error := error_in(item):
            raise error
        kind = item.get("type")
        match kind:
            case "response.output_text.delta":
                self._is_told = True
                return self.text(item.get("delta"))
            case "response.refusal.delta":
                self._is_told = True
                self._refuse(text_at(item, "delta"))
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                return self.reasoning(item.get("delta"))
            case "response.reasoning_summary_part.added" if item.get("summary_index"):
                return self.reasoning("\n\n")
            case "response.output_item.added":
                self.thought = self.thought or text_at(item, "item", "type") == "reasoning"
            case "response.output_item.done" if isinstance(whole := item.get("item"), dict):
                self._items.append(whole)
            case "response.completed" | "response.incomplete" | "response.failed" | "response.cancelled":
                return self._over(item.get("response"))
            case "error":
                raise error_in({"error": item}) or RuntimeError("an error that is none")
            case None if item.get("object") == "response":
                return self._over(item)
            case None if not self.began:
                self.end, self.said = End.FAILED, reason_in(item) or "an object that is no event"
        return []

    def calls(self) -> list[ToolCall]:
        """Return the calls."""
        found = [each for each in self._items if each.get("type") == "function_call" and text_at(each, "name")]
        return [
            ToolCall(
                text_at(each, "call_id") or f"{self.made}{number}", text_at(each, "name"), text_at(each, "arguments")
            )
            for number, each in enumerate(found)
        ]

    def raw(self) -> object:
        """Return all items: those of thoughts go back with the calls."""
        return self._items

    def _over(self, response: object) -> list[Delta]:
        """Take the response as it is at its end: how it ended, what it took, and the text that no event brought."""
        if not isinstance(response, dict):
            return []
        self._count(response.get("usage"))
        if error := error_in(response):
            raise error
        output = response.get("output")
        deltas = [] if self._is_told else self._output(output)
        if not self._items and isinstance(output, list):
            self._items = [each for each in output if isinstance(each, dict)]
        self.finished = True
        match response.get("status"):
            case "completed" if self.end is not End.FILTERED:
                self.end = End.WHOLE
            case "incomplete" if self.end is not End.FILTERED:
                self.ended(_INCOMPLETE, text_at(response, "incomplete_details", "reason") or "incomplete")
            case "failed" | "cancelled" as word:
                self.end, self.word = End.BROKEN, word
        return deltas

    def _output(self, output: object) -> list[Delta]:
        deltas: list[Delta] = []
        for item in output if isinstance(output, list) else []:
            summary, content = at(item, "summary"), at(item, "content")
            for part in summary if isinstance(summary, list) else []:
                deltas += self.reasoning(text_at(part, "text"))
            for part in content if isinstance(content, list) else []:
                if text_at(item, "type") == "reasoning":
                    deltas += self.reasoning(text_at(part, "text"))
                elif text_at(part, "type") == "refusal":
                    self._refuse(text_at(part, "refusal"))
                else:
                    deltas += self.text(text_at(part, "text"))
        return deltas

    def _refuse(self, words: str) -> None:
        self.end, self.said = End.FILTERED, self.said + words

    def _count(self, usage: object) -> None:
        if isinstance(usage, dict):
            cached = at(usage, "input_tokens_details", "cached_tokens")
            self.usage = Usage(count(usage.get("input_tokens")), count(usage.get("output_tokens")), count(cached))
            self.thought = self.thought or count(at(usage, "output_tokens_details", "reasoning_tokens")) > 0
