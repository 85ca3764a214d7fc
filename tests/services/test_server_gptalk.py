"""GPTalk's server refuses what the real one would."""

import json
import time
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services import gptalk
from tests.services.browser import CHROME, Headers, read
from tests.services.service import Service

GPTALK = {
    "authority": "gptalk.net",
    "accept": "*/*",
    "accept-language": "de-DE,de;q=0.9,en-DE;q=0.8,en;q=0.7,en-US;q=0.6,nl;q=0.5,zh-CN;q=0.4,zh-TW;q=0.3,zh;q=0.2",
    "content-type": "application/json",
    "origin": "https://gptalk.net",
    "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"Linux"',
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-origin",
    "user-agent": CHROME.format(117),
    "x-auth-appid": "2229",
    "x-auth-openid": "",
    "x-auth-platform": "",
    "x-auth-timestamp": "now",
}


def stamped(headers: Headers) -> Headers:
    """Put the present second where it belongs."""
    if headers.get("x-auth-timestamp") == "now":
        return headers | {"x-auth-timestamp": str(int(time.time()))}
    return headers


@pytest.fixture
async def talk() -> AsyncIterator[gptalk.GPTalk]:
    async with gptalk.GPTalk() as server:
        yield server


def talk_body(prompt: str = "Hello") -> dict[str, object]:
    return {
        "content": prompt,
        "accept": "stream",
        "from": 1,
        "model": "gpt-3.5-turbo",
        "is_mobile": 0,
        "user_agent": CHROME.format(117),
        "is_open_ctx": 0,
        "prompt": "",
        "roid": 111,
        "temperature": 0,
        "ctx_msg_count": 3,
        "created_at": int(time.time()),
    }


async def talk_post(
    browser: aiohttp.ClientSession, server: Service, path: str, body: object, headers: Headers | None = None
) -> tuple[int, str]:
    fields = stamped(GPTALK if headers is None else headers)
    return await read(await browser.post(server.base_url + path, data=json.dumps(body).encode(), headers=fields))


async def talk_login(browser: aiohttp.ClientSession, server: Service) -> str:
    body = {"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}
    status, text = await talk_post(browser, server, "/api/chatgpt/user/login", body)
    assert status == 200, text
    return str(json.loads(text)["data"]["token"])


async def talk_ask(
    browser: aiohttp.ClientSession, server: Service, token: str, body: dict[str, object] | None = None
) -> tuple[int, str]:
    now = int(time.time())
    headers = GPTALK | {"authorization": f"Bearer {token}", "x-auth-timestamp": str(now)}
    body = {"created_at": now, **(body or talk_body())} if body else talk_body() | {"created_at": now}
    return await talk_post(browser, server, "/api/chatgpt/chatapi/text", body, headers)


async def talk_stream(browser: aiohttp.ClientSession, server: Service, ticket: str) -> tuple[int, str]:
    url = server.base_url + "/api/chatgpt/chatapi/stream"
    return await read(await browser.get(url, params={"token": ticket}, headers=stamped(GPTALK)))


async def test_gptalk_answers_a_registered_question_once(browser: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    token = await talk_login(browser, talk)
    _, text = await talk_ask(browser, talk, token)
    ticket = json.loads(text)["data"]["token"]
    raw = await read(
        await browser.get(talk.base_url + f"/api/chatgpt/chatapi/stream?token={ticket}", headers=stamped(GPTALK))
    )
    first = await talk_stream(browser, talk, ticket)
    again = await talk_stream(browser, talk, ticket)

    assert {"+", "/", "="} & set(ticket)
    assert raw[0] == (401 if "+" in ticket else 200)
    if raw[0] == 401:
        assert first == (200, gptalk.answer("Hel", "Hello").decode())
    assert again[0] == 401
    assert talk.uses == [1]
    assert talk.models == ["gpt-3.5-turbo"]
    assert talk.complaints == []


@pytest.mark.parametrize("name", GPTALK)
@pytest.mark.parametrize("value", [None, "1"])
async def test_gptalk_demands_each_header_on_every_request(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, name: str, value: str | None
) -> None:
    headers = {key: text for key, text in GPTALK.items() if key != name} | ({name: value} if value else {})
    bearer = headers | {"authorization": "Bearer x"}
    body = {"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}
    found = [
        await talk_post(browser, talk, "/api/chatgpt/user/login", body, headers),
        await talk_post(browser, talk, "/api/chatgpt/chatapi/text", talk_body(), bearer),
        await read(
            await browser.get(
                talk.base_url + "/api/chatgpt/chatapi/stream", params={"token": "x"}, headers=stamped(headers)
            )
        ),
    ]

    assert [status for status, _ in found] == [400] * 3


@pytest.mark.parametrize("path", ["/api/chatgpt/user/login", "/api/chatgpt/chatapi/stream?token=x"])
async def test_gptalk_wants_authorization_for_a_question_alone(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, path: str
) -> None:
    headers = stamped(GPTALK | {"authorization": "Bearer x"})
    method = "GET" if "stream" in path else "POST"
    body = json.dumps({"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}).encode()

    status, text = await read(
        await browser.request(method, talk.base_url + path, headers=headers, data=body if method == "POST" else None)
    )
    question = await talk_post(browser, talk, "/api/chatgpt/chatapi/text", talk_body())

    assert (status, "authorization" in text) == (400, True)
    assert question[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {"platform": "fingerprint"},
        {"fingerprint": "0" * 32},
        {"fingerprint": "A" * 32, "platform": "fingerprint"},
        {"fingerprint": "0" * 31, "platform": "fingerprint"},
        {"fingerprint": "0" * 32, "platform": "web"},
        {"fingerprint": "0" * 32, "platform": "fingerprint", "more": 1},
    ],
)
async def test_gptalk_refuses_another_login_body(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, body: dict[str, object]
) -> None:
    status, _ = await talk_post(browser, talk, "/api/chatgpt/user/login", body)

    assert status == 400


async def test_gptalk_refuses_a_used_fingerprint(browser: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    body = {"fingerprint": "0" * 32, "platform": "fingerprint"}
    found = [await talk_post(browser, talk, "/api/chatgpt/user/login", body) for _ in range(2)]

    assert [status for status, _ in found] == [200, 400]


@pytest.mark.parametrize("key", talk_body())
@pytest.mark.parametrize("change", ["missing", "another"])
async def test_gptalk_demands_each_key_of_a_question(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, key: str, change: str
) -> None:
    token = await talk_login(browser, talk)
    body = talk_body()
    body[key] = {} if change == "another" else body[key]
    if change == "missing":
        del body[key]
    headers = GPTALK | {"authorization": f"Bearer {token}"}

    status, _ = await talk_post(browser, talk, "/api/chatgpt/chatapi/text", body, headers)

    assert status == 400


@pytest.mark.parametrize("change", [{"content": " "}, {"more": 1}, {"created_at": 1}, {"temperature": "0"}])
async def test_gptalk_refuses_a_wrong_question(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, change: dict[str, object]
) -> None:
    token = await talk_login(browser, talk)

    status, _ = await talk_ask(browser, talk, token, talk_body() | change)

    assert status == 400


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_gptalk_refuses_the_sixth_question_and_unknown_tokens(
    browser: aiohttp.ClientSession, talk: gptalk.GPTalk, refusal: int
) -> None:
    talk.refusal = 401 if refusal == 401 else 403 if refusal == 403 else 200
    token = await talk_login(browser, talk)
    found = [await talk_ask(browser, talk, token) for _ in range(6)]
    found.append(await talk_ask(browser, talk, "unknown"))
    found.append(await talk_stream(browser, talk, "unknown"))

    assert [status for status, _ in found] == [200] * 5 + [refusal] * 3
    assert all(json.loads(text)["data"] is None and json.loads(text)["msg"] for _, text in found[5:])
    assert talk.uses == [5]


async def test_gptalk_revokes_tokens_and_streams(browser: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    token = await talk_login(browser, talk)
    _, text = await talk_ask(browser, talk, token)
    talk.revoke()
    talk.revoke_streams()

    assert (await talk_ask(browser, talk, token))[0] == 401
    assert (await talk_stream(browser, talk, json.loads(text)["data"]["token"]))[0] == 401
