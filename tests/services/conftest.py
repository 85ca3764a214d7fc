"""The four services, each with its provider."""

from collections.abc import AsyncIterator

import pytest

from providers.base import AsyncGeneratorProvider
from providers.http import Http
from tests.services.cases import CASES, Case
from tests.services.service import Service


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(connect_timeout_s=5, silence_timeout_s=10) as client:
        yield client


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
