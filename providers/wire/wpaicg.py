"""The WordPress chat plug-in "AI Power" (wpaicg): the page that holds its nonce, the form, and what it answers.

    form A   events with OpenAI's chunks, `choices[0].delta.content`, up to `[DONE]`
    form B   one JSON object, the answer under `data`; it follows form A as well and then says nothing new

Source: seed services' protocol, 4 and 5.
"""

import asyncio
import html
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass

import aiohttp

from providers.errors import EmptyAnswer, ProviderError, ServiceFailed, SignInFailed
from providers.surrogates import HalfCharacter, whole_characters
from providers.wire.document import Document, read_text, text_at
from providers.wire.route import Route
from providers.wire.sse import DONE, lines, parse_object
from providers.wire.status import error_in, unexpected

AJAX_PATH = "/wp-admin/admin-ajax.php"
LIMITED = "[LIMITED]"
STALE_NONCE = "-1"  # what WordPress itself says of one
OBJECT_AFTER_STREAM = 1.0  # seconds that form B may come after the end marker of a stream without text


@dataclass(frozen=True, slots=True)
class Page:
    """What the chat's page says; both are empty where it does not say it."""

    nonce: str
    post_id: str

    @classmethod
    def parse(cls, text: str) -> "Page":
        """Find the first `data-nonce` and the first `data-post-id` that are not empty, in either kind of quotes."""
        return cls(nonce=_attribute(text, "data-nonce"), post_id=_attribute(text, "data-post-id"))


def form(page: Page, *, url: str, prompt: str, **more: str) -> dict[str, str]:
    """Return the fields of a question."""
    fields = {
        "_wpnonce": page.nonce,
        "post_id": page.post_id,
        "url": url,
        "action": "wpaicg_chat_shortcode_message",
        "message": whole_characters(prompt),
        "bot_id": "0",
    }
    return fields | more


class Answer:
    """Reads the lines of an answer in either form."""

    def __init__(self) -> None:
        self.began = False
        self.done = False
        self._document = Document()
        self._half = HalfCharacter()
        self._garbage = False

    def feed(self, line: str) -> str:
        """Take a line; return the text that it brings. Raises ProviderError where it tells a failure."""
        payload = self._document.feed(line)
        text = self._text_in(payload) if payload else ""
        self.began = self.began or bool(text)
        return text

    def end(self) -> str:
        """Return the text that is left at the end of the body. Raises ProviderError where there was none at all."""
        body = self._document.text
        item = parse_object(body)
        if item is not None and (failure := _failure(item)):
            raise failure
        if self.began:
            return self._half.end()
        if body == STALE_NONCE:
            raise SignInFailed("the nonce was refused")
        if item is None or "data" not in item:
            raise unexpected(body or "no text in the stream") if body or self._garbage else EmptyAnswer("empty answer")
        if item["data"] in (None, ""):
            raise EmptyAnswer("empty answer")
        if not isinstance(item["data"], str):
            raise ServiceFailed("unexpected answer: its text is no text", status=200)
        return whole_characters(item["data"])

    def _text_in(self, payload: str) -> str:
        rest = payload.removeprefix(DONE)
        if rest != payload and rest[:1] in ("", "{"):  # form B may follow without a line break
            self.done = True
            self._document.add(rest)
            return ""
        if payload == LIMITED:
            raise ServiceFailed("the service's quota is used up", status=200)
        item = parse_object(payload)
        if item is None:
            self._garbage = True
            return ""
        if failure := _failure(item):
            raise failure
        return self._half.feed(text_at(item, "choices", 0, "delta", "content"))


async def read_page(route: Route, url: str, *, headers: Mapping[str, str], cookies: aiohttp.CookieJar) -> Page:
    """Fetch the chat's page; the cookies that it sets go into the jar. Raises ProviderError."""
    async with route.request("GET", url, headers=headers, cookies=cookies, follow=True) as response:
        return Page.parse(await read_text(response))


async def ask(
    route: Route, url: str, form: Mapping[str, str], *, headers: Mapping[str, str], cookies: aiohttp.CookieJar
) -> AsyncGenerator[str, None]:
    """Send a question to the site whose base URL is `url` and yield the pieces of its answer. Raises ProviderError."""
    async with (
        route.request("POST", url + AJAX_PATH, headers=headers, cookies=cookies, form=form) as response,
        aclosing(answer(response)) as texts,
    ):
        async for text in texts:
            yield text


async def answer(response: aiohttp.ClientResponse) -> AsyncGenerator[str, None]:
    """Yield the pieces of an answer in either form; the status must have been checked.

    Raises SignInFailed where the nonce was refused, other ProviderErrors for other failures.
    """
    reader = Answer()
    async with aclosing(lines(response)) as source:
        async for line in source:
            if text := reader.feed(line):
                yield text
            if reader.done:
                break
        if reader.done and not reader.began:
            await _read_object(reader, source)
    if rest := reader.end():
        yield rest


async def _read_object(reader: Answer, source: AsyncGenerator[str, None]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(OBJECT_AFTER_STREAM):
            async for line in source:
                reader.feed(line)


def _failure(item: dict[str, object]) -> ProviderError | None:
    reason = text_at(item, "msg") or text_at(item, "message") or "the service gives no reason"
    if item.get("tokenLimitReached") is True:
        return ServiceFailed(said=reason, status=200)
    if item.get("status") == "error":
        return SignInFailed(said=reason) if "nonce" in reason.lower() else ServiceFailed(said=reason, status=200)
    return error_in(item)


def _attribute(text: str, name: str) -> str:
    pattern = rf"""(?<![\w-]){name}\s*=\s*(?:"([^"]*)"|'([^']*)')"""
    values = (html.unescape(found[1] or found[2] or "").strip() for found in re.finditer(pattern, text, re.IGNORECASE))
    return next(filter(None, values), "")
