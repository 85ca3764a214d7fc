"""Cache: up to where Anthropic is to keep a question for the next one, which then costs a tenth of it; pure.

Marked are the tools, the system prompt, and the last two messages of the user: what stands up to the older of them was
written to the cache by the question before, what stands up to the newer one is for the next. Four marks are the most.

Source: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching.
"""

from collections.abc import Mapping

_MARK = {"cache_control": {"type": "ephemeral"}}  # for five minutes, each time anew


def marked(body: Mapping[str, object]) -> dict[str, object]:
    """Return the body of a question with its marks."""
    found = dict(body)
    if isinstance(system := body.get("system"), str):
        found["system"] = [{"type": "text", "text": system, **_MARK}]
    if isinstance(tools := body.get("tools"), list):
        found["tools"] = _last_marked(tools)
    if isinstance(messages := body.get("messages"), list):
        asked = [number for number, message in enumerate(messages) if message["role"] == "user"][-2:]
        found["messages"] = [
            {**message, "content": _content(message["content"])} if number in asked else message
            for number, message in enumerate(messages)
        ]
    return found


def _content(content: object) -> object:
    """Return a content with a mark at its end."""
    if isinstance(content, str):
        return [{"type": "text", "text": content, **_MARK}]
    return _last_marked(content) if isinstance(content, list) else content


def _last_marked(items: list[object]) -> list[object]:
    return [*items[:-1], *({**item, **_MARK} if isinstance(item, dict) else item for item in items[-1:])]
