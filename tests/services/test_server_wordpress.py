"""The servers of ChatGptt and ChatgptFree refuse what the real ones would."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services import chatgptfree, chatgptt, wordpress
from tests.services.browser import CHATGPTFREE, CHROME, ajax, page, read

CHATGPTT = {
    "authority": "chatgptt.me",
    "accept": "application/json",
    "origin": "https://chatgptt.me",
    "referer": "https://chatgptt.me/chat",
    "user-agent": CHROME.format(131),
}


@pytest.fixture
async def chat() -> AsyncIterator[chatgptt.ChatGptt]:
    async with chatgptt.ChatGptt() as server:
        yield server


@pytest.fixture
async def free() -> AsyncIterator[chatgptfree.ChatgptFree]:
    async with chatgptfree.ChatgptFree() as server:
        yield server


def chat_fields(fields: dict[str, str], client: str = "09fe41b2aa") -> dict[str, str]:
    own = {"chatbot_identity": "shortcode", "wpaicg_chat_client_id": client, "wpaicg_chat_history": "None"}
    return fields | own


async def test_chatgptt_answers_with_one_object_once_per_nonce(
    browser: aiohttp.ClientSession, chat: chatgptt.ChatGptt
) -> None:
    fields = await page(browser, chat, CHATGPTT)
    first = await ajax(browser, chat, chat_fields(fields), CHATGPTT)
    again = await ajax(browser, chat, chat_fields(fields, "0123456789"), CHATGPTT)

    assert (first[0], json.loads(first[1])["data"]) == (200, "Hello")
    assert json.loads(again[1]) == {"status": "error", "msg": "Nonce verification failed"}
    assert chat.complaints == []


@pytest.mark.parametrize("name", CHATGPTT)
@pytest.mark.parametrize("value", [None, "another"])
async def test_chatgptt_demands_each_header_on_both_requests(
    browser: aiohttp.ClientSession, chat: chatgptt.ChatGptt, name: str, value: str | None
) -> None:
    fields = chat_fields(await page(browser, chat, CHATGPTT))
    headers = {key: text for key, text in CHATGPTT.items() if key != name} | ({name: value} if value else {})

    found = [await read(await browser.get(chat.base_url, headers=headers)), await ajax(browser, chat, fields, headers)]

    assert [status for status, _ in found] == [400, 400]


@pytest.mark.parametrize("name", chatgptt.FIELDS)
@pytest.mark.parametrize("change", ["missing", "wrong"])
async def test_chatgptt_demands_each_field(
    browser: aiohttp.ClientSession, chat: chatgptt.ChatGptt, name: str, change: str
) -> None:
    fields = chat_fields(await page(browser, chat, CHATGPTT))
    if change == "wrong":
        fields[name] = " "
    else:
        del fields[name]

    status, _ = await ajax(browser, chat, fields, CHATGPTT)

    assert status == 400


@pytest.mark.parametrize("history", ["None", "", "[]"])
async def test_chatgptt_takes_any_empty_history(
    browser: aiohttp.ClientSession, chat: chatgptt.ChatGptt, history: str
) -> None:
    fields = chat_fields(await page(browser, chat, CHATGPTT)) | {"wpaicg_chat_history": history}

    assert (await ajax(browser, chat, fields, CHATGPTT))[0] == 200


async def test_chatgptt_refuses_extra_fields_used_client_ids_and_json(
    browser: aiohttp.ClientSession, chat: chatgptt.ChatGptt
) -> None:
    fields = chat_fields(await page(browser, chat, CHATGPTT))
    extra = await ajax(browser, chat, fields | {"model": "gpt-4o"}, CHATGPTT)
    url = chat.base_url + "/wp-admin/admin-ajax.php"
    as_json = await read(await browser.post(url, json=fields, headers=CHATGPTT))
    first = await ajax(browser, chat, fields, CHATGPTT)
    again = await ajax(browser, chat, chat_fields(await page(browser, chat, CHATGPTT)), CHATGPTT)

    assert [extra[0], as_json[0], first[0], again[0]] == [400, 400, 200, 400]


@pytest.mark.parametrize(("refusal", "status"), [("object", 200), ("-1", 403), ("page", 403)])
async def test_both_sites_refuse_a_nonce_without_its_cookie_or_from_a_cache(
    browser: aiohttp.ClientSession,
    chat: chatgptt.ChatGptt,
    free: chatgptfree.ChatgptFree,
    refusal: wordpress.Refusal,
    status: int,
) -> None:
    chat.refusal = free.refusal = refusal
    chat.cached_pages = 1
    cached = await ajax(browser, chat, chat_fields(await page(browser, chat, CHATGPTT)), CHATGPTT)
    fields, free_fields = await page(browser, chat, CHATGPTT), await page(browser, free, CHATGPTFREE, "/")
    free.revoke()
    revoked = await ajax(browser, free, free_fields, CHATGPTFREE)
    free_fields = await page(browser, free, CHATGPTFREE, "/")
    browser.cookie_jar.clear()
    bare = [
        await ajax(browser, chat, chat_fields(fields, "0123456789"), CHATGPTT),
        await ajax(browser, free, free_fields, CHATGPTFREE),
    ]

    assert [found[0] for found in (cached, revoked, *bare)] == [status] * 4
    assert chat.complaints + free.complaints == []


async def test_chatgptfree_answers_with_a_stream_as_often_as_asked(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    found = [await ajax(browser, free, fields, CHATGPTFREE) for _ in range(2)]

    assert found == [(200, wordpress.stream("Hel", "lo").decode())] * 2
    assert free.complaints == []


@pytest.mark.parametrize("name", CHATGPTFREE)
@pytest.mark.parametrize("value", [None, "another"])
async def test_chatgptfree_demands_each_header_on_both_requests(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree, name: str, value: str | None
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    headers = {key: text for key, text in CHATGPTFREE.items() if key != name} | ({name: value} if value else {})

    found = [
        await read(await browser.get(free.base_url + "/", headers=headers)),
        await ajax(browser, free, fields, headers),
    ]

    assert [status for status, _ in found] == [400, 400]


@pytest.mark.parametrize("name", chatgptfree.FIELDS)
@pytest.mark.parametrize("change", ["missing", "wrong"])
async def test_chatgptfree_demands_each_field(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree, name: str, change: str
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    if change == "wrong":
        fields[name] = " "
    else:
        del fields[name]

    status, _ = await ajax(browser, free, fields, CHATGPTFREE)

    assert status == 400


async def test_chatgptfree_demands_the_callers_cookies_and_refuses_extra_fields(
    browser: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(browser, free, CHATGPTFREE, "/")
    extra = await ajax(browser, free, fields | {"wpaicg_chat_history": "[]"}, CHATGPTFREE)
    free.cookies = {"caller": "1"}
    without = await ajax(browser, free, fields, CHATGPTFREE)
    browser.cookie_jar.update_cookies({"caller": "1"})
    found = await ajax(browser, free, fields, CHATGPTFREE)

    assert [extra[0], without[0], found[0]] == [400, 400, 200]
