"""Each answer is told with its steps to a collector of traces, without a word of it."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from telegram_playground.client import Chat, PlaygroundClient, User
from tests.walks.conftest import Hasty

protocol = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
pytestmark = pytest.mark.walk


@pytest.fixture
async def told() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A collector, and what it was sent."""
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    async with TestServer(app) as server:
        yield str(server.make_url("")), bodies


async def test_an_answer_is_one_trace_with_its_first_text_and_its_calls(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User, told: tuple[str, list[bytes]]
) -> None:
    url, bodies = told
    async with hasty(traces_url=url):
        await people.write(chat, ann, "a secret")
        await people.wait(chat, text="You said: a secret", complete=True)
        await people.write(chat, ann, "and more")
        await people.wait(chat, text="You said: and more", complete=True)

    spans = [
        span
        for body in bodies
        for resource in protocol.ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    root = next(span for span in spans if span.name == "answer")
    steps = [span for span in spans if span.trace_id == root.trace_id and span is not root]
    assert {"provider", "first text", "telegram sendMessage"} <= {span.name for span in steps}
    assert {span.parent_span_id for span in steps} == {root.span_id}
    assert all(root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano for span in steps)
    assert b"secret" not in b"".join(bodies)


async def test_a_collector_that_is_away_costs_no_answer(
    hasty: Hasty, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    async with hasty(traces_url="http://127.0.0.1:9"):
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
