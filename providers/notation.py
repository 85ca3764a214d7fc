"""Notation: the content of a message as JSON, as it stands in a database row and in a file of conversations.

It is a list of objects, each with its `type` first and then the fields of its class:

    [{"type":"text","text":"Hi","is_foreign":false},
     {"type":"image","sha256":"9f…","media_type":"image/jpeg","name":"","size":5120,"is_foreign":true}]

It is text that a database can search: nothing is escaped but what must be. What does not say whose words it holds, as
what was written before there was `is_foreign`, counts as foreign.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict

from providers.blocks import (
    Attached,
    Audio,
    Block,
    Content,
    Document,
    Draw,
    Image,
    Raw,
    Text,
    ToolCall,
    ToolResult,
    Unknown,
)

_HALVES = re.compile(r"[\ud800-\udfff]")

_NAMES: Mapping[type[Block], str] = {
    Text: "text",
    Image: "image",
    Audio: "audio",
    Document: "document",
    Attached: "attached",
    Draw: "draw",
    ToolCall: "tool_call",
    ToolResult: "tool_result",
    Raw: "raw",
}


def to_json(content: Content) -> str:
    """Return the JSON of a content, the same for the same content; any text is taken.

    Two lone surrogates that make one character come back as that character; others come back as they were.
    """
    text = f"[{','.join(map(_object, content))}]"
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def from_json(value: str) -> Content:
    """Read what `to_json` wrote; fields that are not known are left out. Raises ValueError, which quotes nothing."""
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("a content that is no JSON") from None
    if not isinstance(items, list):
        raise ValueError("a content that is no list of blocks")
    return tuple(map(_block, items))


def _object(block: Block) -> str:
    if isinstance(block, Unknown):
        return block.json
    return _compact({"type": _NAMES[type(block)], **asdict(block)})


def _block(item: object) -> Block:
    is_foreign = not isinstance(item, dict) or item.get("is_foreign") is not False
    match item:
        case {"type": "text", "text": str(text)}:
            return Text(text, is_foreign)
        case {"type": "draw"}:
            return Draw()
        case {
            "type": "image" | "audio" as kind,
            "sha256": str(sha256),
            "media_type": str(media_type),
            "name": str(name),
            "size": int(size),
        }:
            return (Image if kind == "image" else Audio)(sha256, media_type, name, size, is_foreign)
        case {
            "type": "document",
            "sha256": str(sha256),
            "media_type": str(media_type),
            "name": str(name),
            "size": int(size),
            "tokens": int(tokens),
        }:
            return Document(sha256, media_type, name, size, tokens, is_foreign)
        case {
            "type": "attached",
            "file_id": str(file_id),
            "is_picture": bool(is_picture),
            "name": str(name),
            "size": int(size),
        }:
            heard = item.get("media_type") if isinstance(item, dict) else ""  # older rows have none
            return Attached(file_id, is_picture, name, size, heard if isinstance(heard, str) else "", is_foreign)
        case {"type": "tool_call", "id": str(id_), "name": str(name), "arguments": str(arguments)}:
            return ToolCall(id_, name, arguments)
        case {
            "type": "tool_result",
            "id": str(id_),
            "name": str(name),
            "text": str(text),
            "is_error": bool(is_error),
        }:
            return ToolResult(id_, name, text, is_error, is_foreign)
        case {"type": "raw", "provider": str(provider), "model": str(model), "json": str(raw)}:
            return Raw(provider, model, raw)
        case {"type": str(kind)} if kind not in _NAMES.values():
            return Unknown(kind, _compact(item))
        case {"type": str(kind)}:
            raise ValueError(f"a block of type {kind} without one of its fields")
    raise ValueError("a block without a type")


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
