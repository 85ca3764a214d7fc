"""Images: pictures are made by services with OpenAI's endpoint for it.

    POST {base}/images/generations    {model, prompt, n} → {"data": [{"b64_json": "…"} or {"url": "…"}], "usage": {…}}
    POST {base}/images/edits          the same as a form, with the pictures that are to be changed: image, or image[]

Models called gpt-image stream what they have so far: `image_generation.partial_image`, then
`image_generation.completed`; with `image_edit` where one is changed. Others are asked for base64, which some refuse:
what a service refuses it is not sent again. Source: openai 3.54.0, types/images_response.py, image_gen_*_event.py.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from aiohttp import ClientResponse, FormData
from pydantic_settings import SettingsConfigDict

from providers.base import (
    NO_FILES,
    Alive,
    AsyncGeneratorProvider,
    Clock,
    Delta,
    Media,
    Message,
    ProviderModelMixin,
    Usage,
    content_of,
)
from providers.blocks import Block, Draw, Image, text_of
from providers.capabilities import price_in
from providers.cost import cost_of_media
from providers.errors import EmptyAnswer, NothingToSend, NotTaken, ProviderError, Refused, ServiceFailed
from providers.media.endpoints import Endpoint, Endpoints
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.wire.completion import count
from providers.wire.pictures import MAX_BASE64, body_of, fetched, picture_in, picture_of
from providers.wire.status import error_in, unexpected

ID = "images"
MODEL = "gpt-image-2"
MAX_PROMPT = 32_000  # characters
MAX_IMAGES = 16  # that are changed at once
MAKING_S = 240.0  # a picture takes minutes without a word
SIGN_S = 5.0  # between two signs of life
PREVIEWS = 2
MAX_LINE = MAX_BASE64 + 4096


class ImagesSettings(ProviderSettings):
    """IMAGES_BASE_URL, as that of OpenAI, the key for it where it wants one, and the model."""

    model_config = SettingsConfigDict(env_prefix="IMAGES_")

    api_key: ApiKey | None = None
    base_url: BaseUrl | None = None
    model: str = ""


class Pictures(ProviderModelMixin, AsyncGeneratorProvider):
    """Makes a picture of the newest message's words, or changes its pictures, at the first service that does that."""

    id = ID
    label = "Images"
    url = ""
    context_tokens = 1_000_000

    def __init__(self, endpoints: Sequence[Endpoint], *, clock: Clock) -> None:
        self.endpoints = Endpoints(endpoints, clock)
        self.editors = Endpoints(endpoints, clock)  # the same: one may lack this endpoint alone
        self._clock = clock
        self._plain: set[str] = set()  # services that refuse what is more than the prompt

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return that pictures can be changed."""
        return frozenset({Image})

    def default(self) -> str:
        """Return the model that is asked first."""
        return next((each.model for each in self.endpoints), "")

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Make one picture; `model` is the endpoint's own. Raises NotTaken where no service has the endpoint."""
        content = content_of(messages[-1]["content"])
        prompt = text_of(content).strip()[:MAX_PROMPT]
        if not prompt:
            raise NothingToSend("no message with text")
        images = [block for block in content if isinstance(block, Image) and block.sha256 in files]
        given = [(each.media_type, files[each.sha256]) for each in images[:MAX_IMAGES]]
        endpoints = self.editors if given else self.endpoints
        for endpoint in endpoints:
            try:
                async with aclosing(self._made(endpoint, prompt, given)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except ProviderError as error:
                endpoints.note(endpoint, error, is_sure=False if given else None)
        raise NotTaken({Draw, Image} if given else {Draw})

    async def _made(
        self, endpoint: Endpoint, prompt: str, images: Sequence[tuple[str, bytes]]
    ) -> AsyncGenerator[Delta, None]:
        """Ask one service; what it refuses beside the prompt it is not asked for again."""
        while True:
            more = {} if endpoint.id in self._plain else _extras(endpoint.model)
            try:
                async with aclosing(self._drawn(endpoint, {"prompt": prompt, **more}, images)) as deltas:
                    async for delta in deltas:
                        yield delta
                return
            except ServiceFailed as error:
                if error.status not in (400, 422) or isinstance(error, Refused) or not more:
                    raise
                self._plain.add(endpoint.id)

    async def _drawn(
        self, endpoint: Endpoint, body: Mapping[str, object], images: Sequence[tuple[str, bytes]]
    ) -> AsyncGenerator[Delta, None]:
        """Yield what comes of one request, and a sign of life while nothing does."""
        coming: asyncio.Queue[Delta | None] = asyncio.Queue()
        asking = asyncio.ensure_future(self._ask(endpoint, body, images, coming))
        asking.add_done_callback(lambda _: coming.put_nowait(None))
        try:
            while True:
                try:
                    async with asyncio.timeout(SIGN_S):
                        delta = await coming.get()
                except TimeoutError:
                    yield Alive()
                    continue
                if delta is None:
                    break
                yield delta
        finally:
            if not asking.done():
                asking.cancel()
                with suppress(asyncio.CancelledError):
                    await asking
        asking.result()

    async def _ask(
        self,
        endpoint: Endpoint,
        body: Mapping[str, object],
        images: Sequence[tuple[str, bytes]],
        coming: asyncio.Queue[Delta | None],
    ) -> None:
        whole: dict[str, object] = {"model": endpoint.model, "n": 1, **body}
        path = f"/images/{'edits' if images else 'generations'}"
        sent = _form(whole, images) if images else whole
        async with endpoint.post(path, sent, self._clock, limit_s=MAKING_S) as response:
            if response.content_type == "text/event-stream":
                found = await _streamed(response, coming)
            else:
                found = _object(await body_of(response, MAX_LINE))
            media = await _picture(endpoint, found)
        if usage := _usage(found, endpoint):
            coming.put_nowait(usage)
        coming.put_nowait(media)


def _form(body: Mapping[str, object], images: Sequence[tuple[str, bytes]]) -> FormData:
    """Return what is asked as a form, as OpenAI's own package makes it: one picture has a name of its own."""
    form = FormData()
    for name, value in body.items():
        form.add_field(name, str(value).lower() if isinstance(value, bool) else str(value))
    for number, (media_type, data) in enumerate(images, start=1):
        filename = f"picture{number}.{media_type.partition('/')[2]}"
        form.add_field("image" if len(images) == 1 else "image[]", data, filename=filename, content_type=media_type)
    return form


def _extras(model: str) -> dict[str, object]:
    """Return what a model is asked for beside the picture."""
    if model.rpartition("/")[2].startswith("gpt-image"):
        return {"stream": True, "partial_images": PREVIEWS, "output_format": "jpeg"}
    return {"response_format": "b64_json"}


async def _streamed(response: ClientResponse, coming: asyncio.Queue[Delta | None]) -> dict[str, object]:
    """Hand on the previews; return the object that ends the stream, with the picture in it."""
    line = bytearray()
    last: dict[str, object] = {}
    async for some in response.content.iter_any():
        *whole, rest = some.split(b"\n")
        for piece in whole:
            line += piece
            if line.startswith(b"data:") and (found := _event(bytes(line[5:]))):
                if str(found.get("type", "")).endswith("partial_image"):
                    if preview := picture_in(found.get("b64_json"), final=False):
                        coming.put_nowait(preview)
                elif found.get("b64_json") or found.get("data"):
                    last = found
            line.clear()
        line += rest
        if len(line) > MAX_LINE:
            raise ServiceFailed("a picture that does not end", status=response.status)
    return last


def _event(data: bytes) -> dict[str, object] | None:
    if data.strip() in (b"", b"[DONE]"):
        return None
    return _object(data)


def _object(body: bytes) -> dict[str, object]:
    """Read what a service answers. Raises ProviderError."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise unexpected(body[:4096].decode("utf-8", "replace"))
    if error := error_in(found):
        raise error
    return found


async def _picture(endpoint: Endpoint, found: Mapping[str, object]) -> Media:
    """Return the picture in an answer. Raises ProviderError."""
    listed = found.get("data")
    entry = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else found
    media = await asyncio.to_thread(picture_in, entry.get("b64_json"))
    if media is None and isinstance(url := entry.get("url"), str):
        media = picture_in(url) if url.startswith("data:") else None
        media = media or picture_of(await fetched(endpoint.http, url, endpoint.url))
    if media is None:
        raise EmptyAnswer("no picture")
    return media


def _usage(found: Mapping[str, object], endpoint: Endpoint) -> Usage | None:
    """Return what one picture took, None where nobody says anything."""
    told = found.get("usage")
    usage = None
    if isinstance(told, dict):
        usage = Usage(
            count(told.get("input_tokens")), count(told.get("output_tokens")), cost=price_in(told.get("cost"))
        )
    cost = cost_of_media(endpoint.prices, endpoint.media, usage, pictures=1)
    return usage if cost is None else replace(usage or Usage(0, 0), cost=cost)
