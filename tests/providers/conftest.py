"""The HTTP client, a server to talk to, and an environment without settings."""

import os
from collections.abc import AsyncIterator

import pytest

from providers.registry import kinds
from providers.wire.http import Http
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
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Take the settings of all providers out of the environment; the test puts in what it wants."""
    prefixes = tuple(kind.settings.model_config["env_prefix"] for kind in kinds().values())
    for name in list(os.environ):
        if name.startswith((*prefixes, "GOOGLE_")):
            monkeypatch.delenv(name)
    return monkeypatch
