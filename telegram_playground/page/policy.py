"""The chat page: its files, and the policy that lets nothing but them run in it."""

from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).parent
_INDEX = _FOLDER / "index.html"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".json": "application/json"}
_FILES = {file.relative_to(_FOLDER).as_posix(): file for file in _FOLDER.rglob("*") if file.suffix in _TYPES}
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_CHANGING = {**_HEADERS, "Cache-Control": "no-store"}
_LASTING = {**_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}


def add_page(app: web.Application, prefix: str) -> None:
    """Serve the page at the root, and what it loads below `page/<version>/`: known files only."""
    app.router.add_get(f"{prefix}/", _page)
    app.router.add_get(f"{prefix}/page/{{version}}/{{name:.+}}", _part)
    if prefix:
        app.router.add_get(prefix, _to_slash)


def is_page(request: web.Request) -> bool:
    """Tell whether a request is for the page itself, to which other sites may link."""
    return request.method == "GET" and request.match_info.handler in (_page, _to_slash)


async def _page(request: web.Request) -> web.Response:
    text = _INDEX.read_text(encoding="utf-8").replace('"page/', f'"page/{_version()}/')
    return web.Response(text=text, content_type="text/html", headers=_CHANGING)


async def _part(request: web.Request) -> web.Response:
    file = _FILES.get(request.match_info["name"])
    if file is None:
        raise web.HTTPNotFound
    return web.Response(text=file.read_text(encoding="utf-8"), content_type=_TYPES[file.suffix], headers=_LASTING)


async def _to_slash(request: web.Request) -> web.Response:
    raise web.HTTPFound(f"{request.path}/")


def _version() -> str:
    """Return a name for what the files are now: it changes with each of them, so that browsers may keep them."""
    return f"{max(file.stat().st_mtime_ns for file in _FILES.values()):x}"
