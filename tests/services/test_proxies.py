"""All of a call goes through its proxy, and its credentials are nowhere to be read."""

import logging
import traceback
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from providers.base import AsyncGeneratorProvider
from providers.errors import (
    NoConnection,
)
from providers.wire.http import Http
from tests.services import faults
from tests.services.cases import Case, Heard, hear, well
from tests.services.proxies import PASSWORD, HttpProxy, SocksProxy
from tests.services.service import Service


@pytest.fixture
async def proxy() -> AsyncIterator[HttpProxy]:
    async with HttpProxy() as running:
        yield running


async def test_every_request_of_a_call_goes_through_the_proxy(
    provider: AsyncGeneratorProvider, service: Service, case: Case, proxy: HttpProxy
) -> None:
    heard = await hear(provider, proxy=proxy.url)

    assert (heard.error, heard.text) == (None, "Hello")
    assert len(proxy.seen) == len(case.cold)
    assert all(service.base_url in seen for seen in proxy.seen)
    assert service.calls == Counter(case.cold)


async def test_every_connection_of_a_call_goes_through_a_socks_proxy(
    provider: AsyncGeneratorProvider, service: Service, case: Case, http: Http
) -> None:
    async with SocksProxy() as proxy:
        heard = await hear(provider, proxy=proxy.url)
        await http.close()

    assert (heard.error, heard.text) == (None, "Hello")
    assert set(proxy.seen) == {service.authority}
    assert service.peers == proxy.peers


@pytest.mark.parametrize("url", ["gopher://127.0.0.1:1", "http://127.0.0.1:1", "socks5://127.0.0.1:1", "nonsense"])
async def test_a_proxy_that_cannot_be_used_is_no_connection(
    provider: AsyncGeneratorProvider, service: Service, case: Case, url: str
) -> None:
    heard = await hear(provider, proxy=url)

    assert isinstance(heard.error, NoConnection)
    assert service.calls == {}
    await well(provider, service, case)


async def test_credentials_are_in_no_error_and_no_log(
    provider: AsyncGeneratorProvider,
    service: Service,
    case: Case,
    proxy: HttpProxy,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    steps = [*case.cold, *case.warm, case.step]
    shown: list[str] = []

    async def take(heard: Heard) -> None:
        shown.append("".join(traceback.format_exception(heard.error)) if heard.error else "")

    for step in steps:
        service.faults[step].append(faults.echo())
        await take(await hear(provider, proxy=proxy.url))
        await take(await hear(provider))
        service.faults[step].extend([faults.echo(403)] * 2)
        await take(await hear(provider))
        service.faults[step].clear()
    await take(await hear(provider, proxy=proxy.url.replace(PASSWORD, "wr0ng-passw0rd")))

    text = "\n".join([*shown, *(record.getMessage() for record in caplog.records), repr(vars(provider))])
    assert len([line for line in shown if line]) > 3
    secrets = [*service.secrets, PASSWORD, "wr0ng-passw0rd"]
    assert len(secrets) > 3
    assert [secret for secret in secrets if secret in text] == []
