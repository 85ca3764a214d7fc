"""The four services, each with its provider."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from providers.base import AsyncGeneratorProvider
from providers.wire.http import Http
from tests.services.cases import CASES, Case
from tests.services.service import Service


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(connect_timeout_s=5, silence_timeout_s=10) as client:
        yield client


@pytest.fixture
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session that keeps cookies and sends no headers of its own."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, skip_auto_headers=("User-Agent", "Accept")) as session:
        yield session


@pytest.fixture(params=CASES, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> Case:
    found = request.param
    assert isinstance(found, Case)
    return found


@pytest.fixture
async def service(case: Case) -> AsyncIterator[Service]:
    async with case.server() as server:
        yield server
        assert server.complaints == []


@pytest.fixture
def provider(case: Case, service: Service, http: Http) -> AsyncGeneratorProvider:
    return case.provider(service.base_url, http)
