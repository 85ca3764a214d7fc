"""Updates by webhook: each is stored before it is answered, nobody else gets in, and nothing is lost on the way."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app.build import build
from bot.intake.updates.post import MAX_BYTES
from bot.report.server import MAX_CONNECTIONS
from bot.settings import ConfigurationError
from telegram_playground.client import Bot, Chat, PlaygroundClient, User
from telegram_playground.model import Model
from telegram_playground.server import Playground
from tests.bot.raw import said
from tests.database import Database
from tests.ports import free_port
from tests.walks.conftest import TOKEN, Hasty, answers
from tests.walks.hasty import settings
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

SECRET = "our-own-secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def hook() -> dict[str, Any]:
    """The settings of a webhook at a port that is free now."""
    port = free_port()
    return {"webhook_url": f"http://127.0.0.1:{port}", "webhook_port": port, "webhook_secret": SECRET}


async def post(
    hook: Mapping[str, Any], body: bytes | BytesIO, *, secret: str | None = SECRET, bot_id: int = 123456789
) -> int:
    headers = {} if secret is None else {HEADER: secret}
    url = f"{hook['webhook_url']}/telegram/{bot_id}"
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def certificate(file: Path) -> Path:
    """Make one as docs/operating.md says, for this machine."""
    name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["-keyout", f"{file}.key", "-out", f"{file}.crt"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "365", *name, *made]
    subprocess.run(command, check=True, capture_output=True)  # ours
    file.write_text(Path(f"{file}.crt").read_text() + Path(f"{file}.key").read_text())
    return file


async def until_set(people: PlaygroundClient) -> None:
    """Wait for the first setWebhook."""
    if not await set_calls(people):
        await people.wait_call("setWebhook")


async def set_calls(people: PlaygroundClient) -> int:
    return len(await people.calls(method="setWebhook"))


async def test_updates_come_by_webhook_and_are_set_once(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    await people.write(chat, ann, "before")

    async with hasty(**hook):
        await people.wait(chat, text="You said: before", complete=True)
    async with hasty(**hook):
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)

    assert await set_calls(people) == 1
    assert not await people.calls(method="getUpdates")
    async with hasty(**{**hook, "webhook_secret": "another"}):
        await people.write(chat, ann, "again")
        await people.wait(chat, text="You said: again", complete=True)
    assert await set_calls(people) == 2


async def test_a_secret_is_made_and_kept_for_our_user_only(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, chat: Chat, ann: User, database: Database
) -> None:
    hook["webhook_secret"] = None
    for text in ("one", "two"):
        async with hasty(**hook):
            await people.write(chat, ann, text)
            await people.wait(chat, text=f"You said: {text}", complete=True)

    kept = database.file(".webhook")
    assert await set_calls(people) == 1
    assert len(json.loads(kept.read_text())["secret"]) >= 32
    assert kept.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("chat")
async def test_who_does_not_know_the_secret_leaves_no_trace(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, model: Model
) -> None:
    update = json.dumps(said("let me in")).encode()

    async with hasty(**hook):
        await until_set(people)
        refused = [await post(hook, update, secret=secret) for secret in (None, "", "wrong", SECRET + "x", "\udcff")]
        other = await post(hook, update, bot_id=1)
        large = await post(hook, BytesIO(b"x" * (MAX_BYTES + 1)))
        broken = [await post(hook, body) for body in (b"", b"{", b"[]", b"{}", b"[" * 100_000)]

    assert refused == [401] * 5
    assert other == 404
    assert large == 413
    assert broken == [400] * 5
    assert model.prompts() == []


@pytest.mark.proof
async def test_switching_loses_nothing_and_doubles_nothing(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    for number, how in enumerate([{}, hook, {}, hook]):
        await people.write(chat, ann, f"down {number}")
        async with hasty(**how):
            await people.write(chat, ann, f"up {number}")
            await people.wait(chat, text=f"You said: up {number}", complete=True)

    expected = [f"You said: {when} {number}" for number in range(4) for when in ("down", "up")]
    assert await answers(people, chat, ann) == expected
    assert len(model.prompts()) == 8


async def test_a_webhook_that_somebody_sets_while_we_poll_is_removed_and_told(
    hasty: Hasty,
    telegram: Playground,
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with hasty(admins=str(ann.id)):
        await people.wait_call("getUpdates")
        async with aiohttp.ClientSession() as other:
            foreign = {"url": "https://127.0.0.1:9/hook"}
            async with other.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json=foreign) as response:
                assert response.status == 200
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)
        await people.wait(chat, text="Whoever did it knows my token")

    assert "somebody has set a webhook" in caplog.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
async def test_with_a_certificate_of_its_own_the_bot_needs_no_proxy(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, chat: Chat, ann: User, tmp_path: Path
) -> None:
    own = hook | {
        "webhook_url": hook["webhook_url"].replace("http:", "https:"),
        "webhook_certificate": certificate(tmp_path / "first.pem"),
    }
    for number, file in enumerate(("first.pem", "first.pem", "second.pem")):  # a renewed one is shown to Telegram too
        if not (tmp_path / file).exists():
            certificate(tmp_path / file)
        async with hasty(**own | {"webhook_certificate": tmp_path / file}):
            await people.write(chat, ann, f"hello {number}")
            await people.wait(chat, text=f"You said: hello {number}", complete=True)

    assert await set_calls(people) == 2
    assert (await people.calls(method="getWebhookInfo"))[-1]["result"]["has_custom_certificate"]


async def test_a_certificate_that_cannot_be_read_ends_the_bot_by_its_name(
    hook: dict[str, Any], telegram: Playground, bot: Bot, tmp_path: Path
) -> None:
    (tmp_path / "own.pem").write_text("no certificate")
    own = hook | {"webhook_certificate": tmp_path / "own.pem"}

    with pytest.raises(ConfigurationError, match="WEBHOOK_CERTIFICATE"):
        async with build(settings(bot_token=bot.token, telegram_api_url=telegram.url, **own)):
            pass


@pytest.mark.proof
async def test_a_webhook_that_somebody_changes_is_set_again(
    hasty: Hasty, hook: dict[str, Any], telegram: Playground, people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    async with hasty(**hook):
        await until_set(people)
        foreign = {"url": f"{hook['webhook_url']}/telegram/123456789", "secret_token": "theirs"}
        async with (
            aiohttp.ClientSession() as other,
            other.post(f"{telegram.url}/bot{TOKEN}/setWebhook", json=foreign) as response,
        ):
            assert response.status == 200
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="You said: hello", complete=True)


async def test_an_address_that_telegram_refuses_ends_the_bot_by_its_name(
    hook: dict[str, Any], telegram: Playground, people: PlaygroundClient, bot: Bot
) -> None:
    refused = "Bad Request: bad webhook: HTTPS url must be provided for webhook"
    await people.fault("setWebhook", "error", code=400, description=refused, times=None)

    async with build(settings(bot_token=bot.token, telegram_api_url=telegram.url, **hook)) as app:
        with pytest.raises(ConfigurationError, match="WEBHOOK_URL"):
            await app.run()


async def test_a_kill_in_a_burst_loses_nothing(
    hook: dict[str, Any], people: PlaygroundClient, bot: Bot, environment: dict[str, str], tmp_path: Path
) -> None:
    child = Child(tmp_path, {**environment, **{name.upper(): str(value) for name, value in hook.items()}})
    await people.set(limits="off")
    users = [await people.add_user(f"Ann{number}") for number in range(12)]
    chats = [await people.private(user, bot) for user in users]
    for _ in range(3):
        await child.start()
        await until_set(people)
        for user, chat in zip(users, chats, strict=True):
            await people.write(chat, user, f"question {len(await people.messages(chat))}")
        await child.kill()
    await child.start()

    for user, chat in zip(users, chats, strict=True):
        while len([one for one in await answers(people, chat, user) if one.startswith("You said")]) < 3:  # noqa: ASYNC110  # of another process
            await asyncio.sleep(0.05)


async def test_where_others_hold_all_connections_a_post_is_told_to_come_again(
    hasty: Hasty, hook: dict[str, Any], people: PlaygroundClient, chat: Chat, ann: User
) -> None:
    async with hasty(**hook):
        await until_set(people)
        held = [await asyncio.open_connection("127.0.0.1", hook["webhook_port"]) for _ in range(MAX_CONNECTIONS)]
        body = json.dumps(said("Hello")).encode()

        assert await post(hook, body) == 503
        for _, writer in held:
            writer.close()
        while await post(hook, body) == 503:  # noqa: ASYNC110  # the server is to hear of it
            await asyncio.sleep(0.02)
