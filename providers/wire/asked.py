"""Asked: a question to a server of OpenAI's protocol, and its body by chat completions; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.base import Role
from providers.blocks import Content, Document, text_of
from providers.tools import Tool
from providers.wire.encoding import Part, calls_in, encoded, own_message, results_in
from providers.wire.forms import Form
from providers.wire.glued_calls import call_message, functions


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a model; `options` by the names of chat completions, `files` by SHA-256."""

    model: str
    talk: Sequence[tuple[Role, Content]]
    files: Mapping[str, bytes]
    options: Mapping[str, object]
    tools: Sequence[Tool] = ()
    may_call: bool = True

    def options_in(self, form: Form) -> dict[str, object]:
        """Return the options that are sent."""
        return {name: value for name, value in self.options.items() if name not in form.without}


def by_chat(asked: Asked, form: Form) -> dict[str, object]:
    """Return the body of a question; OpenAI's new models refuse max_tokens, older servers know no other name."""
    names = {"max_tokens": "max_completion_tokens"} if form.limits_all else {}
    body: dict[str, object] = {
        "messages": [message for role, content in asked.talk for message in _messages(role, content, asked.files)],
        "stream": form.streams,
        **{names.get(option, option): value for option, value in asked.options_in(form).items()},
    }
    if asked.model:
        body["model"] = asked.model
    if form.streams and form.counts:
        body["stream_options"] = {"include_usage": True}
    if asked.tools:
        body["tools"] = functions(asked.tools)
        body |= {} if asked.may_call else {"tool_choice": "none"}
    return body


def _messages(role: Role, content: Content, files: Mapping[str, bytes]) -> list[object]:
    """Return a message as the protocol has it: one for each result, and the words of one with calls beside these."""
    if results := results_in(content):
        return [{"role": "tool", "tool_call_id": each.id, "content": each.text} for each in results]
    if calls := calls_in(content):
        kept = own_message(content)  # a list was kept by Responses
        return [kept if isinstance(kept, dict) else call_message(text_of(content), calls)]
    return [{"role": role, "content": encoded(content, files, _image, _document)}]


def _image(media_type: str, data: str) -> Part:
    """Return it as data: a server at home cannot fetch, and Telegram's address holds the token."""
    return {"type": "image_url", "image_url": {"url": f"data:{media_type};base64,{data}"}}


def _document(block: Document, data: str) -> Part:
    name = block.name or "document.pdf"
    return {"type": "file", "file": {"filename": name, "file_data": f"data:{block.media_type};base64,{data}"}}
