"""Who makes pictures: what is asked of the service, what it may answer, and what is refused of that."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from providers.base import Alive, Delta, Media, Message, Usage
from providers.blocks import Draw, Image, Text
from providers.errors import (
    EmptyAnswer,
    NothingToSend,
    NotTaken,
    ProviderError,
    RateLimited,
    ServiceFailed,
    SignInFailed,
)
from providers.media.endpoints import Endpoint
from providers.media.images import Pictures
from providers.wire import pictures
from providers.wire.chat_completion import ChatCompletion
from providers.wire.http import Http
from providers.wire.pictures import picture_in
from tests.clock import FakeClock
from tests.stopwatch import within

JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 9
TEXT = base64.b64encode(JPEG).decode()
Answer = Callable[[web.Request], web.StreamResponse]


class Service:
    """Answers each request in turn, the last answer for good."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []
        self.answers: list[Answer] = []
        self.got: list[dict[str, str]] = []
        self.url = ""

    async def draw(self, request: web.Request) -> web.StreamResponse:
        is_form = request.content_type == "multipart/form-data"
        self.asked.append(await form(request) if is_form else await request.json())
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(request)

    async def file(self, request: web.Request) -> web.Response:
        self.got.append(dict(request.headers))
        return web.Response(body=JPEG)


async def form(request: web.Request) -> dict[str, object]:
    """Return the fields of a form: words, and files as name, type and bytes."""
    found: dict[str, object] = {}
    for name, value in (await request.post()).items():
        is_file = isinstance(value, web.FileField)
        told = (value.content_type, value.file.read()) if isinstance(value, web.FileField) else value
        former = found.get(name, [])
        found[name] = [*former, told] if is_file and isinstance(former, list) else told
    return found


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    service = Service()
    app = web.Application()
    app.router.add_post("/v1/images/generations", service.draw)
    app.router.add_post("/v1/images/edits", service.draw)
    app.router.add_get("/file.jpg", service.file)
    async with TestServer(app) as server:
        service.url = str(server.make_url("/v1"))
        yield service


def told(value: object, status: int = 200, **more: str) -> Answer:
    return lambda _: web.Response(text=json.dumps(value), status=status, content_type="application/json", headers=more)


def page(text: str) -> Answer:
    return lambda _: web.Response(text=text, content_type="text/html")


def maker(http: Http, service: Service, model: str = "flux", *, is_sure: bool = True) -> Pictures:
    endpoint = Endpoint("mine", service.url, model, http, "sk-secret", is_sure)
    return Pictures([endpoint], clock=FakeClock())


async def draw(provider: Pictures, prompt: str = "a fox") -> list[Delta]:
    answer = provider.create_async_generator(None, [Message(role="user", content=prompt)])
    return [delta async for delta in answer if not isinstance(delta, Alive)]


async def test_a_picture_comes_with_what_it_took(http: Http, service: Service) -> None:
    service.answers = [told({"data": [{"b64_json": TEXT}], "usage": {"input_tokens": 3, "output_tokens": 90}})]

    assert await draw(maker(http, service)) == [Usage(3, 90), Media("image/jpeg", JPEG)]
    assert service.asked == [{"model": "flux", "n": 1, "prompt": "a fox", "response_format": "b64_json"}]


async def test_what_a_service_does_not_know_it_is_not_asked_for_again(http: Http, service: Service) -> None:
    refused = {"error": {"message": "Unknown parameter: 'response_format'."}}
    service.answers = [told(refused, 400), told({"data": [{"b64_json": TEXT}]})]
    provider = maker(http, service)

    await draw(provider)
    await draw(provider)

    assert [sorted(body) for body in service.asked] == [
        ["model", "n", "prompt", "response_format"],
        ["model", "n", "prompt"],
        ["model", "n", "prompt"],
    ]


async def test_an_address_on_the_service_itself_is_fetched_without_the_key(http: Http, service: Service) -> None:
    service.answers = [told({"data": [{"url": "/file.jpg"}]})]

    assert await draw(maker(http, service)) == [Media("image/jpeg", JPEG)]
    assert "Authorization" not in service.got[0]


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1:1/x", "http://169.254.169.254/latest", "http://[::1]/x", "file:///etc/passwd"),
        *("http://localhost/x", "gopher://x", "http://10.0.0.1/", "http://[", "//192.168.1.1/x"),
        *(
            "http://１６９.254.169.254/x",
            "http://127。0。0。1:{port}/file.jpg",
            "http://224.0.0.1/x",
            "http://[::127.0.0.1]/x",
        ),
    ],
)
async def test_no_other_address_within_is_asked(http: Http, service: Service, address: str) -> None:
    service.answers = [told({"data": [{"url": address.replace("{port}", str(URL(service.url).port))}]})]

    with pytest.raises(ProviderError):
        await draw(maker(http, service))
    assert service.got == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (page("<html>Welcome</html>"), ServiceFailed),
        (page(""), ServiceFailed),
        (told([]), ServiceFailed),
        (told({"data": []}), EmptyAnswer),
        (told({"data": "x"}), EmptyAnswer),
        (told({"data": [None]}), EmptyAnswer),
        (told({"data": [{"b64_json": "!!!"}]}), EmptyAnswer),
        (told({"data": [{"b64_json": base64.b64encode(b"<svg onload=x>").decode()}]}), EmptyAnswer),
        (told({"data": [{"b64_json": 7, "url": None}]}), EmptyAnswer),
        (told({"error": {"message": "no"}}), ProviderError),
        (told({"error": {"message": "key"}}, 401), SignInFailed),
        (told({"error": {"message": "slow down"}}, 429, **{"Retry-After": "7"}), RateLimited),
    ],
)
async def test_what_is_no_picture_is_a_failure(
    http: Http, service: Service, answer: Answer, error: type[ProviderError]
) -> None:
    service.answers = [answer]

    with pytest.raises(error) as caught:
        await draw(maker(http, service))
    assert "sk-secret" not in str(caught.value)


async def test_an_answer_of_fifty_megabytes_is_left(http: Http, service: Service) -> None:
    service.answers = [lambda _: web.Response(body=b'{"data": [{"b64_json": "' + b"A" * (50 << 20))]

    with pytest.raises(ServiceFailed, match="more than"):
        await draw(maker(http, service))


def event(kind: str, **fields: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


async def test_what_there_is_of_it_comes_first(http: Http, service: Service) -> None:
    body = event("image_generation.partial_image", b64_json=TEXT) + event("image_generation.completed", b64_json=TEXT)
    service.answers = [lambda _: web.Response(body=body, content_type="text/event-stream")]

    deltas = await draw(maker(http, service, "gpt-image-2"))

    assert deltas == [Media("image/jpeg", JPEG, final=False), Media("image/jpeg", JPEG)]
    assert service.asked[0]["stream"] is True


@pytest.mark.parametrize(
    "body",
    [
        event("image_generation.partial_image", b64_json=TEXT),
        b"data: [DONE]\n\n",
        b"",
        event("error", error={"message": "overloaded"}),
        b"data: {broken\n\n",
    ],
)
async def test_a_stream_without_an_end_is_a_failure(http: Http, service: Service, body: bytes) -> None:
    service.answers = [lambda _: web.Response(body=body, content_type="text/event-stream")]

    with pytest.raises(ProviderError):
        await draw(maker(http, service, "gpt-image-2"))


async def test_a_stream_of_one_endless_line_is_left(
    http: Http, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = [lambda _: web.Response(body=b"data: " + b"A" * (40 << 20), content_type="text/event-stream")]

    with pytest.raises(ServiceFailed, match="does not end"):
        await draw(maker(http, service, "gpt-image-2"))


SHAS = [hashlib.sha256(JPEG + end).hexdigest() for end in (b"1", b"2")]
FILES = {sha: JPEG + end for sha, end in zip(SHAS, (b"1", b"2"), strict=True)}


async def change(provider: Pictures, count: int = 1) -> list[Delta]:
    images = tuple(Image(sha, "image/jpeg", "", 9) for sha in SHAS[:count])
    talk = [Message(role="user", content=(*images, Text("make it blue")))]
    return [delta async for delta in provider.create_async_generator(None, talk, files=FILES)]


@pytest.mark.parametrize("count", [1, 2])
async def test_pictures_are_changed_by_a_form_as_openais_own_package_makes_it(
    http: Http, service: Service, count: int
) -> None:
    service.answers = [told({"data": [{"b64_json": TEXT}], "usage": {"input_tokens": 3, "output_tokens": 5}})]
    package = pytest.importorskip("openai")

    found = await change(maker(http, service), count)
    async with package.AsyncOpenAI(base_url=service.url, api_key="k", max_retries=0) as client:
        images = [(f"{number}.jpeg", FILES[sha], "image/jpeg") for number, sha in enumerate(SHAS[:count])]
        await client.images.edit(
            model="flux",
            image=images if count > 1 else images[0],
            prompt="make it blue",
            n=1,
            response_format="b64_json",
        )

    assert found == [Usage(3, 5), Media("image/jpeg", JPEG)]
    ours, theirs = service.asked
    assert ours == theirs
    assert ours["image" if count == 1 else "image[]"] == [("image/jpeg", FILES[sha]) for sha in SHAS[:count]]


async def test_previews_of_a_change_come_first(http: Http, service: Service) -> None:
    events = [
        {"type": "image_edit.partial_image", "b64_json": TEXT},
        {"type": "image_edit.completed", "b64_json": TEXT},
    ]
    service.answers = [
        lambda _: web.Response(
            text="".join(f"data: {json.dumps(each)}\n\n" for each in events), content_type="text/event-stream"
        )
    ]

    found = await change(maker(http, service, "gpt-image-2"))

    assert [each.final for each in found if isinstance(each, Media)] == [False, True]
    assert (service.asked[0]["stream"], service.asked[0]["partial_images"]) == ("true", "2")


async def test_who_changes_none_goes_on_making_some(http: Http, service: Service) -> None:
    provider = maker(http, service)
    service.answers = [told({"error": {"message": "no such path"}}, 404), told({"data": [{"b64_json": TEXT}]})]

    with pytest.raises(NotTaken) as caught:
        await change(provider)

    assert caught.value.kinds == {Draw, Image}
    assert await draw(provider) == [Media("image/jpeg", JPEG)]


async def test_a_service_without_the_endpoint_is_passed_over(http: Http, service: Service) -> None:
    service.answers = [told({}, 404)]
    provider = maker(http, service, is_sure=False)

    for _ in range(2):
        with pytest.raises(NotTaken) as caught:
            await draw(provider)
        assert caught.value.kinds == {Draw}
    assert len(service.asked) == 1
    assert provider.default() == ""


async def test_nothing_is_asked_without_words(http: Http, service: Service) -> None:
    with pytest.raises(NothingToSend):
        await draw(maker(http, service), "  ")
    assert service.asked == []


async def test_who_leaves_between_two_previews_leaves_no_request_behind(http: Http, service: Service) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(event("image_generation.partial_image", b64_json=TEXT))
        await asyncio.Event().wait()
        raise AssertionError

    app = web.Application()
    app.router.add_post("/v1/images/generations", hang)
    async with TestServer(app, handler_cancellation=True) as server:
        service.url = str(server.make_url("/v1"))
        provider = maker(http, service, "gpt-image-2")
        answer = provider.create_async_generator(None, [Message(role="user", content="a fox")])
        assert isinstance(await anext(answer), Media)

        await answer.aclose()

        asking = [task for task in asyncio.all_tasks() if "Pictures" in repr(task.get_coro())]
        assert asking == []


async def test_leaving_closes_the_connection(http: Http, service: Service) -> None:
    asked, left = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        asked.set()
        try:
            await asyncio.sleep(60)
        finally:
            left.set()
        raise AssertionError

    app = web.Application()
    app.router.add_post("/v1/images/generations", hang)
    async with TestServer(app, handler_cancellation=True) as server:
        service.url = str(server.make_url("/v1"))
        task = asyncio.ensure_future(draw(maker(http, service)))
        await asked.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with within(5):
            await left.wait()


@pytest.mark.parametrize(
    "text", [None, 7, "", "data:image/png,abc", "data:image/png;base64,", "AAAA", "A" * (pictures.MAX_BASE64 + 1), "é"]
)
def test_what_is_no_picture_is_none(text: object) -> None:
    assert picture_in(text) is None


def test_a_chat_model_may_answer_with_a_picture_alone() -> None:
    completion = ChatCompletion()
    images = [{"image_url": {"url": f"data:image/jpeg;base64,{TEXT}"}}, {"image_url": None}, None, "x"]

    deltas = completion.take({"choices": [{"delta": {"images": images}, "finish_reason": "stop"}]})
    completion.rest()
    completion.check()

    assert deltas == [Media("image/jpeg", JPEG)]
