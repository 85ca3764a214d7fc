"""The chat page, and the policy that lets nothing but itself run in it."""

import base64
import hashlib
import re
from pathlib import Path

from aiohttp import web

_PAGE = Path(__file__).with_name("index.html")
_INLINE = re.compile(r"<(script|style)\b[^>]*>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_MISSING = "<!doctype html><html lang=en><title>Playground</title><p>The Bot API answers at this address.</p></html>"


def add_page(app: web.Application, prefix: str) -> None:
    """Serve the page at the root."""
    app.router.add_get(f"{prefix}/", _page)
    if prefix:
        app.router.add_get(prefix, _to_slash)


def is_page(request: web.Request) -> bool:
    """Tell whether a request is for the page itself, to which other sites may link."""
    return request.method == "GET" and request.match_info.handler in (_page, _to_slash)


async def _page(request: web.Request) -> web.Response:
    text = _PAGE.read_text(encoding="utf-8") if _PAGE.exists() else _MISSING
    headers = {
        "Content-Security-Policy": policy(text),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


async def _to_slash(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"{request.path}/")


def policy(page: str) -> str:
    """Return the Content-Security-Policy of a page: its own inline scripts and styles by their hashes, nothing else."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, content in _INLINE.findall(page):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        hashes[kind.lower()].append(f"'sha256-{digest}'")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_sources(hashes['script'])}",
            f"style-src {_sources(hashes['style'])}",
            "connect-src 'self'",
            "img-src 'self' blob: data:",
            "media-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _sources(hashes: list[str]) -> str:
    return " ".join(hashes) or "'none'"
