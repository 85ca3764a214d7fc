"""Encoding: a content as the protocols have it whose parts are objects with a `type`."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping

from providers.blocks import Content, Document, Image, Raw, Text, ToolCall, ToolResult, text_of

Part = dict[str, object]


def encoded(
    content: Content,
    files: Mapping[str, bytes],
    image: Callable[[str, str], Part],
    document: Callable[[Document, str], Part] | None = None,
) -> str | list[Part]:
    """Return a content: a string where it is words alone, which every server takes, else a list of parts.

    `image` makes the part of a picture of its media type and its bytes as base64, `document` that of a PDF of its block
    and its bytes as base64; `files` are the bytes by SHA-256.
    """
    if all(isinstance(block, Text) for block in content):
        return text_of(content)
    parts: list[Part] = []
    for block in content:
        if isinstance(block, Text):
            parts.append({"type": "text", "text": block.text})
        elif isinstance(block, Image):
            parts.append(image(block.media_type, b64encode(files[block.sha256]).decode()))
        elif isinstance(block, Document) and document is not None:
            parts.append(document(block, b64encode(files[block.sha256]).decode()))
    return parts


def own_message(content: Content) -> object | None:
    """Return a message with calls as its service gave it, None where nothing of that was kept."""
    kept = next((block.json for block in content if isinstance(block, Raw)), None)
    return json.loads(kept) if kept is not None else None


def calls_in(content: Content) -> list[ToolCall]:
    """Return the calls in a message."""
    return [block for block in content if isinstance(block, ToolCall)]


def results_in(content: Content) -> list[ToolResult]:
    """Return the results in a message."""
    return [block for block in content if isinstance(block, ToolResult)]
