import asyncio

import pytest

from providers.errors import ServiceFailed
from providers.wire.credential import Credential


class Source:
    """Gives 1, 2, 3 …, each when `open` is set; 0 fails."""

    def __init__(self, *values: int) -> None:
        self.values = list(values)
        self.fetched = 0
        self.open = asyncio.Event()

    async def fetch(self) -> int:
        self.fetched += 1
        value = self.values[self.fetched - 1]
        await self.open.wait()
        if not value:
            raise ServiceFailed("no", status=500)
        return value


async def test_simultaneous_calls_fetch_once() -> None:
    source, credential = Source(1), Credential[int]()
    source.open.set()

    assert await asyncio.gather(*(credential.get(source.fetch) for _ in range(20))) == [1] * 20
    assert source.fetched == 1


async def test_a_refused_value_is_renewed_once_and_never_the_new_one() -> None:
    source, credential = Source(1000, 2000), Credential[int]()
    source.open.set()
    old = await credential.get(source.fetch)
    credential.refuse(old)
    new = await credential.get(source.fetch)

    credential.refuse(old)

    assert await credential.get(source.fetch) == new == 2000
    assert source.fetched == 2


async def test_a_value_that_is_not_taken_is_fetched_anew_and_a_new_one_is_used_anyhow() -> None:
    source, credential = Source(1, 2), Credential[int]()
    source.open.set()

    first = await credential.get(source.fetch, take=lambda _: False)
    second = await credential.get(source.fetch, take=lambda value: value > 1)
    third = await credential.get(source.fetch, take=lambda value: value > 1)

    assert (first, second, third) == (1, 2, 2)


async def test_a_failure_is_shared_by_those_who_waited_and_forgotten_after() -> None:
    source, credential = Source(0, 5), Credential[int]()
    calls = [asyncio.ensure_future(credential.get(source.fetch)) for _ in range(5)]
    await asyncio.sleep(0)
    source.open.set()
    found = await asyncio.gather(*calls, return_exceptions=True)

    assert {type(one) for one in found} == {ServiceFailed}
    assert source.fetched == 1
    assert await credential.get(source.fetch) == 5


async def test_a_failure_through_one_proxy_is_not_that_of_another() -> None:
    source, credential = Source(0, 5), Credential[int]()
    first = asyncio.ensure_future(credential.get(source.fetch, proxy="a"))
    second = asyncio.ensure_future(credential.get(source.fetch, proxy="b"))
    await asyncio.sleep(0)
    source.open.set()

    with pytest.raises(ServiceFailed):
        await first
    assert await second == 5


async def test_a_cancelled_fetch_leaves_the_place_to_the_next() -> None:
    source, credential = Source(1, 2), Credential[int]()
    first = asyncio.ensure_future(credential.get(source.fetch))
    second = asyncio.ensure_future(credential.get(source.fetch))
    await asyncio.sleep(0)
    first.cancel()
    source.open.set()

    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first
