"""The control API as an OpenAPI document, so that clients of any language can be made."""

from telegram_playground.protocol.commands import commands
from telegram_playground.protocol.wire import Json

_TYPES: dict[str, Json] = {
    "string": {"type": "string"},
    "integer": {"type": "integer", "format": "int64"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "any": {},
    "strings": {"type": "array", "items": {"type": "string"}},
    "integers": {"type": "array", "items": {"type": "integer", "format": "int64"}},
    "objects": {"type": "array", "items": {"type": "object"}},
    "file": {"type": "string", "format": "binary"},
    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
}
_REFUSED = {"$ref": "#/components/responses/Refused"}


def document() -> Json:
    """Return the document; its addresses are relative to its own."""
    refused = {
        "type": "object",
        "properties": {"ok": {"const": False}, "description": {"type": "string"}},
        "required": ["ok", "description"],
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Telegram playground: control API",
            "version": "1",
            "description": "What people do, what there is, trouble on demand. docs/playground.md describes the values.",
        },
        "servers": [{"url": "."}],
        "paths": {f"/{name}": {"post": _operation(name, told)} for name, told in commands().items()},
        "components": {
            "responses": {
                "Refused": {
                    "description": "The command was refused; nothing has changed.",
                    "content": {"application/json": {"schema": refused}},
                }
            }
        },
    }


def _operation(name: str, told: Json) -> Json:
    kinds: dict[str, str] = told["parameters"]
    properties = {parameter: _TYPES[kind.removesuffix("?")] for parameter, kind in kinds.items()}
    schema: Json = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [parameter for parameter, kind in kinds.items() if not kind.endswith("?")]
    if required:
        schema["required"] = required
    media = "multipart/form-data" if {"file", "files"} & {*kinds.values()} else "application/json"
    done = {"type": "object", "properties": {"ok": {"const": True}, "result": {}}, "required": ["ok", "result"]}
    return {
        "operationId": name,
        "summary": told["about"],
        "requestBody": {"content": {media: {"schema": schema}}, "required": bool(required)},
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": done}}},
            "400": _REFUSED,
            "default": _REFUSED,
        },
    }
