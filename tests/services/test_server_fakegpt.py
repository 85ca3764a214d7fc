"""FakeGpt's server refuses what the real one would."""

import json
import time
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services import fakegpt
from tests.services.browser import CHROME, Headers, read
from tests.services.service import Service

FAKEGPT = {
    "Accept-Language": "en-US",
    "User-Agent": CHROME.format(117),
    "Referer": "https://chat-shared2.zhile.io/?v=2",
    "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
    "sec-ch-ua-platform": '"Linux"',
    "sec-ch-ua-mobile": "?0",
}


@pytest.fixture
async def fake() -> AsyncIterator[fakegpt.FakeGpt]:
    async with fakegpt.FakeGpt() as server:
        yield server


def fake_body(prompt: str = "Hello") -> dict[str, object]:
    message = {
        "id": str(uuid.uuid4()),
        "author": {"role": "user"},
        "content": {"content_type": "text", "parts": [prompt]},
        "metadata": {},
    }
    return {
        "action": "next",
        "messages": [message],
        "parent_message_id": str(uuid.uuid4()),
        "model": "text-davinci-002-render-sha",
        "plugin_ids": [],
        "timezone_offset_min": -120,
        "suggestions": [],
        "history_and_training_disabled": True,
        "arkose_token": "",
        "force_paragen": False,
    }


async def fake_login(browser: aiohttp.ClientSession, server: Service, password: str = "k3v9x0q2ma") -> tuple[int, str]:
    form = {"token_key": "bbb", "session_password": password}
    return await read(await browser.post(server.base_url + "/auth/login", data=form, headers=FAKEGPT))


async def fake_sign_in(browser: aiohttp.ClientSession, server: Service, password: str = "k3v9x0q2ma") -> str:
    await fake_login(browser, server, password)
    status, text = await read(await browser.get(server.base_url + "/api/auth/session", headers=FAKEGPT))
    assert status == 200, text
    return str(json.loads(text)["accessToken"])


async def fake_ask(
    browser: aiohttp.ClientSession, server: Service, token: str, *, headers: Headers | None = None, body: object = None
) -> tuple[int, str]:
    own = {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": f"Bearer {token}"}
    return await read(
        await browser.post(
            server.base_url + "/api/conversation",
            data=json.dumps(body or fake_body()).encode(),
            headers=FAKEGPT | own if headers is None else headers,
        )
    )


async def test_fakegpt_signs_in_and_answers_with_growing_snapshots(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    now = str(int(time.time()))
    loads = await read(await browser.get(fake.base_url + "/api/loads", params={"t": now}, headers=FAKEGPT))
    token = await fake_sign_in(browser, fake)

    status, text = await fake_ask(browser, fake, token)

    assert [entry["token_id"] for entry in json.loads(loads[1])["loads"]] == ["aaa", "bbb"]
    assert status == 200
    assert text.encode() == fakegpt.answer("Hel", "Hello")
    assert fake.calls == {"loads": 1, "login": 1, "session": 1, "conversation": 1}
    assert fake.prompts == ["Hello"]
    assert fake.complaints == []


@pytest.mark.parametrize("name", FAKEGPT)
@pytest.mark.parametrize("value", [None, "another"])
async def test_fakegpt_demands_each_header_on_every_request(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, name: str, value: str | None
) -> None:
    headers = {key: text for key, text in FAKEGPT.items() if key != name} | ({name: value} if value else {})
    now = str(int(time.time()))
    form = {"token_key": "bbb", "session_password": "k3v9x0q2ma"}
    answers = [
        await browser.get(fake.base_url + "/api/loads", params={"t": now}, headers=headers),
        await browser.post(fake.base_url + "/auth/login", data=form, headers=headers),
        await browser.get(fake.base_url + "/api/auth/session", headers=headers),
    ]
    conversation = headers | {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": "x"}

    found = [(await read(answer))[0] for answer in answers]
    found.append((await fake_ask(browser, fake, "x", headers=conversation))[0])

    assert found == [400] * 4
    assert len(fake.complaints) == 4


@pytest.mark.parametrize("name", ["Content-Type", "Accept", "X-Authorization"])
async def test_fakegpt_demands_the_headers_of_a_conversation(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, name: str
) -> None:
    token = await fake_sign_in(browser, fake)
    own = {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": f"Bearer {token}"}
    headers = FAKEGPT | {key: text for key, text in own.items() if key != name}

    status, text = await fake_ask(browser, fake, token, headers=headers)

    assert (status, name.lower() in text.lower()) == (400, True)


@pytest.mark.parametrize("query", ["", "?t=1", "?t=1.5", "?t=now&x=1", "?t=milli"])
async def test_fakegpt_demands_the_present_second(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, query: str
) -> None:
    query = query.replace("now", str(int(time.time()))).replace("milli", str(int(time.time() * 1000)))

    status, _ = await read(await browser.get(fake.base_url + "/api/loads" + query, headers=FAKEGPT))

    assert status == 400


@pytest.mark.parametrize(
    "form",
    [
        {"token_key": "bbb"},
        {"session_password": "k3v9x0q2ma"},
        {"token_key": "zzz", "session_password": "k3v9x0q2ma"},
        {"token_key": "bbb", "session_password": "short"},
        {"token_key": "bbb", "session_password": "K3V9X0Q2MA"},
        {"token_key": "bbb", "session_password": "k3v9x0q2ma", "more": "1"},
    ],
)
async def test_fakegpt_refuses_another_login_form(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, form: dict[str, str]
) -> None:
    status, _ = await read(await browser.post(fake.base_url + "/auth/login", data=form, headers=FAKEGPT))

    assert status == 400


async def test_fakegpt_refuses_a_login_as_json_or_with_a_used_password(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    good = {"token_key": "bbb", "session_password": "k3v9x0q2ma"}
    as_json = await read(await browser.post(fake.base_url + "/auth/login", json=good, headers=FAKEGPT))
    first = await fake_login(browser, fake)
    again = await fake_login(browser, fake)

    assert [as_json[0], first[0], again[0]] == [400, 200, 400]


async def test_fakegpt_knows_dead_accounts_and_can_redirect_after_a_login(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    fake.dead = {"bbb"}
    dead, _ = await fake_login(browser, fake)
    fake.dead, fake.login_redirects = set(), True
    alive, text = await fake_login(browser, fake, "0123456789")

    assert dead == 403
    assert (alive, "ChatGPT" in text) == (200, True)
    assert fake.calls["start"] == 1


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_fakegpt_refuses_a_session_without_cookies_and_a_wrong_token(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, refusal: int
) -> None:
    fake.refusal = 401 if refusal == 401 else 403 if refusal == 403 else 200
    no_cookie = await read(await browser.get(fake.base_url + "/api/auth/session", headers=FAKEGPT))
    token = await fake_sign_in(browser, fake)
    wrong_token = await fake_ask(browser, fake, "wrong")
    browser.cookie_jar.clear()
    no_cookies = await fake_ask(browser, fake, token)

    for status, text in (no_cookie, wrong_token, no_cookies):
        assert (status, "detail" in json.loads(text)) == (refusal, True)
    assert fake.complaints == []


async def test_a_new_fakegpt_login_and_a_revocation_end_older_sessions(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    old = await fake_sign_in(browser, fake)
    new = await fake_sign_in(browser, fake, "0123456789")
    answers = [await fake_ask(browser, fake, old), await fake_ask(browser, fake, new)]
    fake.revoke()
    answers.append(await fake_ask(browser, fake, new))

    assert [status for status, _ in answers] == [401, 200, 401]


@pytest.mark.parametrize("key", fake_body())
@pytest.mark.parametrize("change", ["missing", "another"])
async def test_fakegpt_demands_each_key_of_a_conversation(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, key: str, change: str
) -> None:
    token = await fake_sign_in(browser, fake)
    body = fake_body()
    if change == "missing":
        del body[key]
    else:
        body[key] = 0

    status, _ = await fake_ask(browser, fake, token, body=body)

    assert status == 400


@pytest.mark.parametrize(
    "message",
    [
        {"id": "not-a-uuid"},
        {"id": str(uuid.uuid1())},
        {"id": str(uuid.uuid4()).upper()},
        {"author": {"role": "assistant"}},
        {"content": {"content_type": "text", "parts": ["Hi", "there"]}},
        {"content": {"content_type": "code", "parts": ["Hi"]}},
        {"content": {"content_type": "text", "parts": [" "]}},
        {"content": {"content_type": "text", "parts": ["Hi"], "more": 1}},
        {"metadata": {"a": 1}},
        {"more": 1},
    ],
)
async def test_fakegpt_demands_each_part_of_the_message(
    browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt, message: dict[str, object]
) -> None:
    token = await fake_sign_in(browser, fake)
    body = fake_body()
    assert isinstance(body["messages"], list)
    body["messages"] = [body["messages"][0] | message]

    status, _ = await fake_ask(browser, fake, token, body=body)

    assert status == 400


async def test_fakegpt_refuses_extra_keys_and_used_ids(browser: aiohttp.ClientSession, fake: fakegpt.FakeGpt) -> None:
    token = await fake_sign_in(browser, fake)
    extra = await fake_ask(browser, fake, token, body=fake_body() | {"conversation_id": "1"})
    body = fake_body()
    first = await fake_ask(browser, fake, token, body=body)
    again = await fake_ask(browser, fake, token, body=body)

    assert [extra[0], first[0], again[0]] == [400, 200, 400]
