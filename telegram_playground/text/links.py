"""Addresses behind formatted text: which ones Telegram keeps.

After tdlib td/telegram/LinkManager.cpp (get_checked_link, get_link_user_id).
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from telegram_playground.protocol.wire import Json
from telegram_playground.text.spans import Span

_USER = re.compile(r"tg://user/?\?id=(\d{1,15})", re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "ton", "tonsite"})
_HOST = re.compile(r"[^\s<>\"{}|\\^`@/?#:]+")


def checked_link(url: str) -> str | None:
    """Return the address as Telegram stores it, or None for one it does not accept."""
    url = url.strip()
    if not url or any(character.isspace() for character in url):
        return None
    if url.lower().startswith("tg:"):
        return url
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _SCHEMES or not (_HOST.fullmatch(host) or ":" in host):
        return None
    if ("." not in host.strip(".") and ":" not in host) or ".." in host:
        return None
    return parts._replace(path=parts.path or "/").geturl()


def first_address(text: str, entities: Sequence[Json]) -> str | None:
    """Return the first address of a text that has a page: what a preview is made of (tdlib get_first_url)."""
    for entity in entities:
        if entity["type"] == "text_link":
            address = str(entity["url"])
        elif entity["type"] == "url":
            units = text.encode("utf-16-le")
            address = units[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
        else:
            continue
        if not address.lower().startswith(("tg:", "ton:", "tonsite:")):
            return address
    return None


def link_span(url: str, start: int, end: int) -> Span | None:
    """Return a link or a mention of a user by id; None where the address is refused: the text stays plain."""
    user = _USER.fullmatch(url)
    if user:
        return Span("text_mention", start, end, {"user": {"id": int(user[1])}})
    link = checked_link(url)
    return Span("text_link", start, end, {"url": link}) if link else None
