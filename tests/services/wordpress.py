"""What the two sites with the WordPress chat plug-in share: the page, the nonce, the forms of an answer."""

import json
import secrets
from typing import Literal

from aiohttp import web

from tests.services.wire import DONE, sse

ACTION = "wpaicg_chat_shortcode_message"
AJAX = "/wp-admin/admin-ajax.php"

Refusal = Literal["object", "-1", "page"]


def markup(nonce: str, post_id: str) -> str:
    """Return a page with the chat's attributes, once as the plug-in writes them and once more as a decoy after it."""
    chat = f'<div class="wpaicg-chatbox" data-user="" data-post-id="{post_id}" data-nonce="{nonce}" data-bot-id="0">'
    decoy = "<p data-nonce='later' data-post-id='9'></p>"
    return f"<!DOCTYPE html><html><head><title>Chat</title></head><body>{chat}</div>{decoy}</body></html>"


def whole(text: str, *, indent: int | None = None) -> bytes:
    """Return the answer as one object; `msg` keeps its default text, as the plug-in leaves it."""
    return json.dumps({"status": "success", "msg": "Something went wrong", "data": text}, indent=indent).encode()


def delta(content: str | None, **rest: object) -> dict[str, object]:
    """Return a payload in OpenAI's chunk format."""
    return {"id": "c", "choices": [{"index": 0, "delta": {"content": content} | rest, "finish_reason": None}]}


def stream(*texts: str, newline: str = "\n", space: str = " ", end: str = DONE) -> bytes:
    """Return the answer as a stream of deltas, with the usual first and last payload."""
    last: list[dict[str, object]] = [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"total": 3}},
    ]
    return sse([delta("", role="assistant"), *map(delta, texts), *last], newline=newline, space=space, end=end)


def failure(msg: str) -> dict[str, object]:
    """Return the object by which the plug-in tells a failure with status 200."""
    return {"status": "error", "msg": msg}


def refuse(kind: Refusal) -> web.Response:
    """Refuse a stale nonce in one of the plug-in's three ways."""
    match kind:
        case "object":
            return web.json_response(failure("Nonce verification failed"))
        case "-1":
            return web.Response(status=403, text="-1", content_type="text/html")
        case "page":
            html = "<html><head><title>WordPress &rsaquo; Error</title></head><body>The link has expired.</body></html>"
            return web.Response(status=403, text=html, content_type="text/html")


def fresh_nonce() -> str:
    """Return a nonce as WordPress makes them."""
    return secrets.token_hex(5)
