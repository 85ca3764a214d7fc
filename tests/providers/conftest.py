"""The HTTP client, a server to talk to, and an environment without settings."""

import os
from collections.abc import AsyncIterator

import pytest

from providers.base import AsyncGeneratorProvider
from providers.registry import kinds
from providers.wire.http import Http
from tests.providers.official import judge
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(connect_timeout_s=5, silence_timeout_s=10) as client:
        yield client


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def judged(
    request: pytest.FixtureRequest, server: Server, provider: AsyncGeneratorProvider
) -> AsyncIterator[None]:
    """After a test have the vendor's package read the server's last answer: it must read what the provider reads.

    A body that is none of this vendor's is marked `foreign`, with whose it is.
    """
    yield
    path = request.module.PATH
    if path not in server.answers or request.node.get_closest_marker("foreign"):
        return
    ours = await outcome(provider.create_async_generator(None, HELLO))
    theirs = await judge(provider.id, server.url)

    assert theirs.text == ours.text
    if ours.error is None:
        assert theirs.failure is None
        assert theirs.ends
        if theirs.usage and ours.usage:
            assert theirs.usage == (ours.usage.prompt_tokens, ours.usage.completion_tokens)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take the settings of all providers out of the environment; the test puts in what it wants."""
    prefixes = tuple(kind.settings.model_config["env_prefix"] for kind in kinds().values())
    for name in list(os.environ):
        if name.startswith((*prefixes, "GOOGLE_")):
            monkeypatch.delenv(name)
    return monkeypatch
