"""What every server can be told to do; what each of them refuses is in test_server_*.py."""

import gzip
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services import chatgptfree, faults, wordpress
from tests.services.browser import CHATGPTFREE, ajax, page, read
from tests.services.wire import Wire, sse


@pytest.fixture
async def free() -> AsyncIterator[chatgptfree.ChatgptFree]:
    async with chatgptfree.ChatgptFree() as server:
        yield server


async def test_a_repeated_header_and_a_stray_address_are_refused(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    twice = [*CHATGPTFREE.items(), ("accept", "*/*")]
    found = [
        await read(await browser.get(free.base_url + "/", headers=twice)),
        await read(await browser.get(free.base_url, headers=CHATGPTFREE)),
        await read(await browser.get(free.base_url + "/chat", headers=CHATGPTFREE)),
    ]

    assert [status for status, _ in found] == [400] * 3
    assert free.calls["stray"] == 2


async def test_a_fault_answers_the_next_request_that_is_in_order(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    free.faults["page"].extend([faults.status(429, headers={"Retry-After": "7"}), faults.page()])
    wrong = await read(await browser.get(free.base_url + "/"))
    first = await browser.get(free.base_url + "/", headers=CHATGPTFREE)
    second = await read(await browser.get(free.base_url + "/", headers=CHATGPTFREE))

    assert wrong[0] == 400
    assert (first.status, first.headers["Retry-After"]) == (429, "7")
    assert "Down for" in second[1]
    await page(browser, free, CHATGPTFREE, "/")
    first.release()


async def test_a_body_travels_in_pieces_packed_or_whole(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    expected = wordpress.stream("Hel", "lo").decode()
    for wire in (Wire(), Wire(every=1), Wire(cuts=(3, 3, 9, 9999)), Wire(gzip=True)):
        free.wire = wire
        assert await ajax(browser, free, fields, CHATGPTFREE) == (200, expected)
    free.wire = Wire(gzip=True)
    form = CHATGPTFREE | {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=browser.cookie_jar) as raw:
        answer = await raw.post(free.base_url + "/wp-admin/admin-ajax.php", data=fields, headers=form)
        assert gzip.decompress(await answer.read()).decode() == expected


async def test_a_held_answer_ends_with_the_client_and_a_cut_one_without_its_last_chunk(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    url = free.base_url + "/wp-admin/admin-ajax.php"
    free.wire = Wire(end="hold")
    held = await browser.post(url, data=fields, headers=CHATGPTFREE)
    await held.content.readline()
    assert free.streaming == 1
    held.close()
    await free.streams(0)

    free.wire = Wire(end="cut")
    cut = await browser.post(url, data=fields, headers=CHATGPTFREE)
    with pytest.raises(aiohttp.ClientPayloadError):
        await cut.read()
    cut.close()


async def test_a_server_can_hang_up_and_be_silent(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    # aiohttp repeats a GET once by itself where the connection is lost
    free.faults["page"].extend([faults.hang_up(), faults.hang_up()])
    with pytest.raises(aiohttp.ClientConnectionError):
        await browser.get(free.base_url + "/", headers=CHATGPTFREE)
    free.faults["page"].append(faults.silence())
    with pytest.raises(TimeoutError):
        await browser.get(free.base_url + "/", headers=CHATGPTFREE, timeout=aiohttp.ClientTimeout(sock_read=0.05))
    await free.streams(0)


def test_events_are_framed_as_asked() -> None:
    assert sse(["a", {"b": 1}]) == b'data: a\n\ndata: {"b": 1}\n\ndata: [DONE]\n\n'
    assert sse(["a"], newline="\r\n", space="", end="") == b"data:a\r\n\r\n"
