"""The local servers are as strict as the spec: every refusal, asked for with plain aiohttp requests."""

import gzip
import json
import time
import uuid
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.services import chatgptfree, chatgptt, fakegpt, faults, gptalk, wordpress
from tests.services.service import Service
from tests.services.wire import Wire, sse

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"

FAKEGPT = {
    "Accept-Language": "en-US",
    "User-Agent": CHROME.format(117),
    "Referer": "https://chat-shared2.zhile.io/?v=2",
    "sec-ch-ua": '"Google Chrome";v="117", "Not;A=Brand";v="8", "Chromium";v="117"',
    "sec-ch-ua-platform": '"Linux"',
    "sec-ch-ua-mobile": "?0",
}
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
CHATGPTT = {
    "authority": "chatgptt.me",
    "accept": "application/json",
    "origin": "https://chatgptt.me",
    "referer": "https://chatgptt.me/chat",
    "user-agent": CHROME.format(131),
}
CHATGPTFREE = {
    "authority": "chatgptfree.ai",
    "accept": "*/*",
    "accept-language": "en,fr-FR;q=0.9,fr;q=0.8,es-ES;q=0.7,es;q=0.6,en-US;q=0.5,am;q=0.4,de;q=0.3",
    "origin": "https://chatgptfree.ai",
    "referer": "https://chatgptfree.ai/chat/",
    "sec-ch-ua": '"Chromium";v="118", "Google Chrome";v="118", "Not=A?Brand";v="99"',
    "sec-ch-ua-mobile": "?0",
    "sec-ch-ua-platform": '"macOS"',
    "sec-fetch-dest": "empty",
    "sec-fetch-mode": "cors",
    "sec-fetch-site": "same-origin",
    "user-agent": CHROME.format(118),
}

Headers = dict[str, str]


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    plain = ("User-Agent", "Accept")
    async with aiohttp.ClientSession(cookie_jar=jar, skip_auto_headers=plain) as session:
        yield session


async def read(response: aiohttp.ClientResponse) -> tuple[int, str]:
    async with response:
        return response.status, await response.text()


def stamped(headers: Headers) -> Headers:
    """Put the present second where it belongs."""
    if headers.get("x-auth-timestamp") == "now":
        return headers | {"x-auth-timestamp": str(int(time.time()))}
    return headers


# --- FakeGpt -------------------------------------------------------------------------------------------------------


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


async def fake_login(http: aiohttp.ClientSession, server: Service, password: str = "k3v9x0q2ma") -> tuple[int, str]:
    form = {"token_key": "bbb", "session_password": password}
    return await read(await http.post(server.base_url + "/auth/login", data=form, headers=FAKEGPT))


async def fake_sign_in(http: aiohttp.ClientSession, server: Service, password: str = "k3v9x0q2ma") -> str:
    await fake_login(http, server, password)
    status, text = await read(await http.get(server.base_url + "/api/auth/session", headers=FAKEGPT))
    assert status == 200, text
    return str(json.loads(text)["accessToken"])


async def fake_ask(
    http: aiohttp.ClientSession, server: Service, token: str, *, headers: Headers | None = None, body: object = None
) -> tuple[int, str]:
    own = {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": f"Bearer {token}"}
    return await read(
        await http.post(
            server.base_url + "/api/conversation",
            data=json.dumps(body or fake_body()).encode(),
            headers=FAKEGPT | own if headers is None else headers,
        )
    )


async def test_fakegpt_signs_in_and_answers_with_growing_snapshots(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    now = str(int(time.time()))
    loads = await read(await http.get(fake.base_url + "/api/loads", params={"t": now}, headers=FAKEGPT))
    token = await fake_sign_in(http, fake)

    status, text = await fake_ask(http, fake, token)

    assert [entry["token_id"] for entry in json.loads(loads[1])["loads"]] == ["aaa", "bbb"]
    assert status == 200
    assert text.encode() == fakegpt.answer("Hel", "Hello")
    assert fake.calls == {"loads": 1, "login": 1, "session": 1, "conversation": 1}
    assert fake.prompts == ["Hello"]
    assert fake.complaints == []


@pytest.mark.parametrize("name", FAKEGPT)
@pytest.mark.parametrize("value", [None, "another"])
async def test_fakegpt_demands_each_header_on_every_request(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, name: str, value: str | None
) -> None:
    headers = {key: text for key, text in FAKEGPT.items() if key != name} | ({name: value} if value else {})
    now = str(int(time.time()))
    form = {"token_key": "bbb", "session_password": "k3v9x0q2ma"}
    answers = [
        await http.get(fake.base_url + "/api/loads", params={"t": now}, headers=headers),
        await http.post(fake.base_url + "/auth/login", data=form, headers=headers),
        await http.get(fake.base_url + "/api/auth/session", headers=headers),
    ]
    conversation = headers | {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": "x"}

    found = [(await read(answer))[0] for answer in answers]
    found.append((await fake_ask(http, fake, "x", headers=conversation))[0])

    assert found == [400] * 4
    assert len(fake.complaints) == 4


@pytest.mark.parametrize("name", ["Content-Type", "Accept", "X-Authorization"])
async def test_fakegpt_demands_the_headers_of_a_conversation(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, name: str
) -> None:
    token = await fake_sign_in(http, fake)
    own = {"Content-Type": "application/json", "Accept": "text/event-stream", "X-Authorization": f"Bearer {token}"}
    headers = FAKEGPT | {key: text for key, text in own.items() if key != name}

    status, text = await fake_ask(http, fake, token, headers=headers)

    assert (status, name.lower() in text.lower()) == (400, True)


@pytest.mark.parametrize("query", ["", "?t=1", "?t=1.5", "?t=now&x=1", "?t=milli"])
async def test_fakegpt_demands_the_present_second(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, query: str
) -> None:
    query = query.replace("now", str(int(time.time()))).replace("milli", str(int(time.time() * 1000)))

    status, _ = await read(await http.get(fake.base_url + "/api/loads" + query, headers=FAKEGPT))

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
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, form: dict[str, str]
) -> None:
    status, _ = await read(await http.post(fake.base_url + "/auth/login", data=form, headers=FAKEGPT))

    assert status == 400


async def test_fakegpt_refuses_a_login_as_json_or_with_a_used_password(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    good = {"token_key": "bbb", "session_password": "k3v9x0q2ma"}
    as_json = await read(await http.post(fake.base_url + "/auth/login", json=good, headers=FAKEGPT))
    first = await fake_login(http, fake)
    again = await fake_login(http, fake)

    assert [as_json[0], first[0], again[0]] == [400, 200, 400]


async def test_fakegpt_knows_dead_accounts_and_can_redirect_after_a_login(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    fake.dead = {"bbb"}
    dead, _ = await fake_login(http, fake)
    fake.dead, fake.login_redirects = set(), True
    alive, text = await fake_login(http, fake, "0123456789")

    assert dead == 403
    assert (alive, "ChatGPT" in text) == (200, True)
    assert fake.calls["start"] == 1


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_fakegpt_refuses_a_session_without_cookies_and_a_wrong_token(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, refusal: int
) -> None:
    fake.refusal = 401 if refusal == 401 else 403 if refusal == 403 else 200
    no_cookie = await read(await http.get(fake.base_url + "/api/auth/session", headers=FAKEGPT))
    token = await fake_sign_in(http, fake)
    wrong_token = await fake_ask(http, fake, "wrong")
    http.cookie_jar.clear()
    no_cookies = await fake_ask(http, fake, token)

    for status, text in (no_cookie, wrong_token, no_cookies):
        assert (status, "detail" in json.loads(text)) == (refusal, True)
    assert fake.complaints == []


async def test_a_new_fakegpt_login_and_a_revocation_end_older_sessions(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt
) -> None:
    old = await fake_sign_in(http, fake)
    new = await fake_sign_in(http, fake, "0123456789")
    answers = [await fake_ask(http, fake, old), await fake_ask(http, fake, new)]
    fake.revoke()
    answers.append(await fake_ask(http, fake, new))

    assert [status for status, _ in answers] == [401, 200, 401]


@pytest.mark.parametrize("key", fake_body())
@pytest.mark.parametrize("change", ["missing", "another"])
async def test_fakegpt_demands_each_key_of_a_conversation(
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, key: str, change: str
) -> None:
    token = await fake_sign_in(http, fake)
    body = fake_body()
    if change == "missing":
        del body[key]
    else:
        body[key] = 0

    status, _ = await fake_ask(http, fake, token, body=body)

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
    http: aiohttp.ClientSession, fake: fakegpt.FakeGpt, message: dict[str, object]
) -> None:
    token = await fake_sign_in(http, fake)
    body = fake_body()
    assert isinstance(body["messages"], list)
    body["messages"] = [body["messages"][0] | message]

    status, _ = await fake_ask(http, fake, token, body=body)

    assert status == 400


async def test_fakegpt_refuses_extra_keys_and_used_ids(http: aiohttp.ClientSession, fake: fakegpt.FakeGpt) -> None:
    token = await fake_sign_in(http, fake)
    extra = await fake_ask(http, fake, token, body=fake_body() | {"conversation_id": "1"})
    body = fake_body()
    first = await fake_ask(http, fake, token, body=body)
    again = await fake_ask(http, fake, token, body=body)

    assert [extra[0], first[0], again[0]] == [400, 200, 400]


# --- GPTalk --------------------------------------------------------------------------------------------------------


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
    http: aiohttp.ClientSession, server: Service, path: str, body: object, headers: Headers | None = None
) -> tuple[int, str]:
    fields = stamped(GPTALK if headers is None else headers)
    return await read(await http.post(server.base_url + path, data=json.dumps(body).encode(), headers=fields))


async def talk_login(http: aiohttp.ClientSession, server: Service) -> str:
    body = {"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}
    status, text = await talk_post(http, server, "/api/chatgpt/user/login", body)
    assert status == 200, text
    return str(json.loads(text)["data"]["token"])


async def talk_ask(
    http: aiohttp.ClientSession, server: Service, token: str, body: dict[str, object] | None = None
) -> tuple[int, str]:
    now = int(time.time())
    headers = GPTALK | {"authorization": f"Bearer {token}", "x-auth-timestamp": str(now)}
    body = {"created_at": now, **(body or talk_body())} if body else talk_body() | {"created_at": now}
    return await talk_post(http, server, "/api/chatgpt/chatapi/text", body, headers)


async def talk_stream(http: aiohttp.ClientSession, server: Service, ticket: str) -> tuple[int, str]:
    url = server.base_url + "/api/chatgpt/chatapi/stream"
    return await read(await http.get(url, params={"token": ticket}, headers=stamped(GPTALK)))


async def test_gptalk_answers_a_registered_question_once(http: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    token = await talk_login(http, talk)
    _, text = await talk_ask(http, talk, token)
    ticket = json.loads(text)["data"]["token"]
    raw = await read(
        await http.get(talk.base_url + f"/api/chatgpt/chatapi/stream?token={ticket}", headers=stamped(GPTALK))
    )
    first = await talk_stream(http, talk, ticket)
    again = await talk_stream(http, talk, ticket)

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
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, name: str, value: str | None
) -> None:
    headers = {key: text for key, text in GPTALK.items() if key != name} | ({name: value} if value else {})
    bearer = headers | {"authorization": "Bearer x"}
    body = {"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}
    found = [
        await talk_post(http, talk, "/api/chatgpt/user/login", body, headers),
        await talk_post(http, talk, "/api/chatgpt/chatapi/text", talk_body(), bearer),
        await read(
            await http.get(
                talk.base_url + "/api/chatgpt/chatapi/stream", params={"token": "x"}, headers=stamped(headers)
            )
        ),
    ]

    assert [status for status, _ in found] == [400] * 3


@pytest.mark.parametrize("path", ["/api/chatgpt/user/login", "/api/chatgpt/chatapi/stream?token=x"])
async def test_gptalk_wants_authorization_for_a_question_alone(
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, path: str
) -> None:
    headers = stamped(GPTALK | {"authorization": "Bearer x"})
    method = "GET" if "stream" in path else "POST"
    body = json.dumps({"fingerprint": uuid.uuid4().hex, "platform": "fingerprint"}).encode()

    status, text = await read(
        await http.request(method, talk.base_url + path, headers=headers, data=body if method == "POST" else None)
    )
    question = await talk_post(http, talk, "/api/chatgpt/chatapi/text", talk_body())

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
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, body: dict[str, object]
) -> None:
    status, _ = await talk_post(http, talk, "/api/chatgpt/user/login", body)

    assert status == 400


async def test_gptalk_refuses_a_used_fingerprint(http: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    body = {"fingerprint": "0" * 32, "platform": "fingerprint"}
    found = [await talk_post(http, talk, "/api/chatgpt/user/login", body) for _ in range(2)]

    assert [status for status, _ in found] == [200, 400]


@pytest.mark.parametrize("key", talk_body())
@pytest.mark.parametrize("change", ["missing", "another"])
async def test_gptalk_demands_each_key_of_a_question(
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, key: str, change: str
) -> None:
    token = await talk_login(http, talk)
    body = talk_body()
    body[key] = {} if change == "another" else body[key]
    if change == "missing":
        del body[key]
    headers = GPTALK | {"authorization": f"Bearer {token}"}

    status, _ = await talk_post(http, talk, "/api/chatgpt/chatapi/text", body, headers)

    assert status == 400


@pytest.mark.parametrize("change", [{"content": " "}, {"more": 1}, {"created_at": 1}, {"temperature": "0"}])
async def test_gptalk_refuses_a_wrong_question(
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, change: dict[str, object]
) -> None:
    token = await talk_login(http, talk)

    status, _ = await talk_ask(http, talk, token, talk_body() | change)

    assert status == 400


@pytest.mark.parametrize("refusal", [200, 401, 403])
async def test_gptalk_refuses_the_sixth_question_and_unknown_tokens(
    http: aiohttp.ClientSession, talk: gptalk.GPTalk, refusal: int
) -> None:
    talk.refusal = 401 if refusal == 401 else 403 if refusal == 403 else 200
    token = await talk_login(http, talk)
    found = [await talk_ask(http, talk, token) for _ in range(6)]
    found.append(await talk_ask(http, talk, "unknown"))
    found.append(await talk_stream(http, talk, "unknown"))

    assert [status for status, _ in found] == [200] * 5 + [refusal] * 3
    assert all(json.loads(text)["data"] is None and json.loads(text)["msg"] for _, text in found[5:])
    assert talk.uses == [5]


async def test_gptalk_revokes_tokens_and_streams(http: aiohttp.ClientSession, talk: gptalk.GPTalk) -> None:
    token = await talk_login(http, talk)
    _, text = await talk_ask(http, talk, token)
    talk.revoke()
    talk.revoke_streams()

    assert (await talk_ask(http, talk, token))[0] == 401
    assert (await talk_stream(http, talk, json.loads(text)["data"]["token"]))[0] == 401


# --- ChatGptt and ChatgptFree --------------------------------------------------------------------------------------


@pytest.fixture
async def chat() -> AsyncIterator[chatgptt.ChatGptt]:
    async with chatgptt.ChatGptt() as server:
        yield server


@pytest.fixture
async def free() -> AsyncIterator[chatgptfree.ChatgptFree]:
    async with chatgptfree.ChatgptFree() as server:
        yield server


def attribute(html: str, name: str) -> str:
    return html.split(f'{name}="')[1].split('"')[0]


async def page(http: aiohttp.ClientSession, server: Service, headers: Headers, path: str = "") -> dict[str, str]:
    """Read the page and return the fields that both sites want."""
    status, html = await read(await http.get(server.base_url + path, headers=headers))
    assert status == 200, html
    return {
        "_wpnonce": attribute(html, "data-nonce"),
        "post_id": attribute(html, "data-post-id"),
        "url": server.base_url,
        "action": "wpaicg_chat_shortcode_message",
        "message": "Hello",
        "bot_id": "0",
    }


def chat_fields(fields: dict[str, str], client: str = "09fe41b2aa") -> dict[str, str]:
    own = {"chatbot_identity": "shortcode", "wpaicg_chat_client_id": client, "wpaicg_chat_history": "None"}
    return fields | own


async def ajax(
    http: aiohttp.ClientSession, server: Service, fields: dict[str, str], headers: Headers
) -> tuple[int, str]:
    form = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    return await read(await http.post(server.base_url + "/wp-admin/admin-ajax.php", data=fields, headers=form))


async def test_chatgptt_answers_with_one_object_once_per_nonce(
    http: aiohttp.ClientSession, chat: chatgptt.ChatGptt
) -> None:
    fields = await page(http, chat, CHATGPTT)
    first = await ajax(http, chat, chat_fields(fields), CHATGPTT)
    again = await ajax(http, chat, chat_fields(fields, "0123456789"), CHATGPTT)

    assert (first[0], json.loads(first[1])["data"]) == (200, "Hello")
    assert json.loads(again[1]) == {"status": "error", "msg": "Nonce verification failed"}
    assert chat.complaints == []


@pytest.mark.parametrize("name", CHATGPTT)
@pytest.mark.parametrize("value", [None, "another"])
async def test_chatgptt_demands_each_header_on_both_requests(
    http: aiohttp.ClientSession, chat: chatgptt.ChatGptt, name: str, value: str | None
) -> None:
    fields = chat_fields(await page(http, chat, CHATGPTT))
    headers = {key: text for key, text in CHATGPTT.items() if key != name} | ({name: value} if value else {})

    found = [await read(await http.get(chat.base_url, headers=headers)), await ajax(http, chat, fields, headers)]

    assert [status for status, _ in found] == [400, 400]


@pytest.mark.parametrize("name", chatgptt.FIELDS)
@pytest.mark.parametrize("change", ["missing", "wrong"])
async def test_chatgptt_demands_each_field(
    http: aiohttp.ClientSession, chat: chatgptt.ChatGptt, name: str, change: str
) -> None:
    fields = chat_fields(await page(http, chat, CHATGPTT))
    if change == "wrong":
        fields[name] = " "
    else:
        del fields[name]

    status, _ = await ajax(http, chat, fields, CHATGPTT)

    assert status == 400


@pytest.mark.parametrize("history", ["None", "", "[]"])
async def test_chatgptt_takes_any_empty_history(
    http: aiohttp.ClientSession, chat: chatgptt.ChatGptt, history: str
) -> None:
    fields = chat_fields(await page(http, chat, CHATGPTT)) | {"wpaicg_chat_history": history}

    assert (await ajax(http, chat, fields, CHATGPTT))[0] == 200


async def test_chatgptt_refuses_extra_fields_used_client_ids_and_json(
    http: aiohttp.ClientSession, chat: chatgptt.ChatGptt
) -> None:
    fields = chat_fields(await page(http, chat, CHATGPTT))
    extra = await ajax(http, chat, fields | {"model": "gpt-4o"}, CHATGPTT)
    url = chat.base_url + "/wp-admin/admin-ajax.php"
    as_json = await read(await http.post(url, json=fields, headers=CHATGPTT))
    first = await ajax(http, chat, fields, CHATGPTT)
    again = await ajax(http, chat, chat_fields(await page(http, chat, CHATGPTT)), CHATGPTT)

    assert [extra[0], as_json[0], first[0], again[0]] == [400, 400, 200, 400]


@pytest.mark.parametrize(("refusal", "status"), [("object", 200), ("-1", 403), ("page", 403)])
async def test_both_sites_refuse_a_nonce_without_its_cookie_or_from_a_cache(
    http: aiohttp.ClientSession,
    chat: chatgptt.ChatGptt,
    free: chatgptfree.ChatgptFree,
    refusal: wordpress.Refusal,
    status: int,
) -> None:
    chat.refusal = free.refusal = refusal
    chat.cached_pages = 1
    cached = await ajax(http, chat, chat_fields(await page(http, chat, CHATGPTT)), CHATGPTT)
    fields, free_fields = await page(http, chat, CHATGPTT), await page(http, free, CHATGPTFREE, "/")
    free.revoke()
    revoked = await ajax(http, free, free_fields, CHATGPTFREE)
    free_fields = await page(http, free, CHATGPTFREE, "/")
    http.cookie_jar.clear()
    bare = [
        await ajax(http, chat, chat_fields(fields, "0123456789"), CHATGPTT),
        await ajax(http, free, free_fields, CHATGPTFREE),
    ]

    assert [found[0] for found in (cached, revoked, *bare)] == [status] * 4
    assert chat.complaints + free.complaints == []


async def test_chatgptfree_answers_with_a_stream_as_often_as_asked(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    found = [await ajax(http, free, fields, CHATGPTFREE) for _ in range(2)]

    assert found == [(200, wordpress.stream("Hel", "lo").decode())] * 2
    assert free.complaints == []


@pytest.mark.parametrize("name", CHATGPTFREE)
@pytest.mark.parametrize("value", [None, "another"])
async def test_chatgptfree_demands_each_header_on_both_requests(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree, name: str, value: str | None
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    headers = {key: text for key, text in CHATGPTFREE.items() if key != name} | ({name: value} if value else {})

    found = [await read(await http.get(free.base_url + "/", headers=headers)), await ajax(http, free, fields, headers)]

    assert [status for status, _ in found] == [400, 400]


@pytest.mark.parametrize("name", chatgptfree.FIELDS)
@pytest.mark.parametrize("change", ["missing", "wrong"])
async def test_chatgptfree_demands_each_field(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree, name: str, change: str
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    if change == "wrong":
        fields[name] = " "
    else:
        del fields[name]

    status, _ = await ajax(http, free, fields, CHATGPTFREE)

    assert status == 400


async def test_chatgptfree_demands_the_callers_cookies_and_refuses_extra_fields(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    extra = await ajax(http, free, fields | {"wpaicg_chat_history": "[]"}, CHATGPTFREE)
    free.cookies = {"caller": "1"}
    without = await ajax(http, free, fields, CHATGPTFREE)
    http.cookie_jar.update_cookies({"caller": "1"})
    found = await ajax(http, free, fields, CHATGPTFREE)

    assert [extra[0], without[0], found[0]] == [400, 400, 200]


# --- what all of them can be told to do ----------------------------------------------------------------------------


async def test_a_repeated_header_and_a_stray_address_are_refused(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    twice = [*CHATGPTFREE.items(), ("accept", "*/*")]
    found = [
        await read(await http.get(free.base_url + "/", headers=twice)),
        await read(await http.get(free.base_url, headers=CHATGPTFREE)),
        await read(await http.get(free.base_url + "/chat", headers=CHATGPTFREE)),
    ]

    assert [status for status, _ in found] == [400] * 3
    assert free.calls["stray"] == 2


async def test_a_fault_answers_the_next_request_that_is_in_order(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    free.faults["page"].extend([faults.status(429, headers={"Retry-After": "7"}), faults.page()])
    wrong = await read(await http.get(free.base_url + "/"))
    first = await http.get(free.base_url + "/", headers=CHATGPTFREE)
    second = await read(await http.get(free.base_url + "/", headers=CHATGPTFREE))

    assert wrong[0] == 400
    assert (first.status, first.headers["Retry-After"]) == (429, "7")
    assert "Down for" in second[1]
    await page(http, free, CHATGPTFREE, "/")
    first.release()


async def test_a_body_travels_in_pieces_packed_or_whole(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    expected = wordpress.stream("Hel", "lo").decode()
    for wire in (Wire(), Wire(every=1), Wire(cuts=(3, 3, 9, 9999)), Wire(gzip=True)):
        free.wire = wire
        assert await ajax(http, free, fields, CHATGPTFREE) == (200, expected)
    free.wire = Wire(gzip=True)
    form = CHATGPTFREE | {"Accept-Encoding": "gzip"}
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=http.cookie_jar) as raw:
        answer = await raw.post(free.base_url + "/wp-admin/admin-ajax.php", data=fields, headers=form)
        assert gzip.decompress(await answer.read()).decode() == expected


async def test_a_held_answer_ends_with_the_client_and_a_cut_one_without_its_last_chunk(
    http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree
) -> None:
    fields = await page(http, free, CHATGPTFREE, "/")
    url = free.base_url + "/wp-admin/admin-ajax.php"
    free.wire = Wire(end="hold")
    held = await http.post(url, data=fields, headers=CHATGPTFREE)
    await held.content.readline()
    assert free.streaming == 1
    held.close()
    await free.streams(0)

    free.wire = Wire(end="cut")
    cut = await http.post(url, data=fields, headers=CHATGPTFREE)
    with pytest.raises(aiohttp.ClientPayloadError):
        await cut.read()
    cut.close()


async def test_a_server_can_hang_up_and_be_silent(http: aiohttp.ClientSession, free: chatgptfree.ChatgptFree) -> None:
    # aiohttp repeats a GET once by itself where the connection is lost
    free.faults["page"].extend([faults.hang_up(), faults.hang_up()])
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.get(free.base_url + "/", headers=CHATGPTFREE)
    free.faults["page"].append(faults.silence())
    with pytest.raises(TimeoutError):
        await http.get(free.base_url + "/", headers=CHATGPTFREE, timeout=aiohttp.ClientTimeout(sock_read=0.05))
    await free.streams(0)


def test_events_are_framed_as_asked() -> None:
    assert sse(["a", {"b": 1}]) == b'data: a\n\ndata: {"b": 1}\n\ndata: [DONE]\n\n'
    assert sse(["a"], newline="\r\n", space="", end="") == b"data:a\r\n\r\n"
