"""Updates by webhook where several processes share the bots: each takes any post, and none is lost or doubled."""

import asyncio
import json
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.intake.updates.postman import FORGET_S, Fetch, Postman
from bot.storage.engine.database import Sessions, create_engine
from bot.storage.ownership.posts import Posts, PostsOfBot
from bot.tally import Tally
from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Model
from tests.clock import FakeClock
from tests.ports import free_port
from tests.postgres import Postgres
from tests.stopwatch import PATIENCE_S
from tests.walks.conftest import answers
from tests.walks.nursery import Child

BOT, SECRET = 4_200, "a secret"
ROOT = Path(__file__).parents[2]
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


@dataclass
class Said:
    """What somebody posts."""

    body: bytes
    secret: str = SECRET
    length: int | None = None

    async def read(self, _limit: int) -> bytes:
        return self.body


def update(number: int) -> Said:
    return Said(json.dumps({"update_id": number}).encode())


@asynccontextmanager
async def postman(url: str, clock: Clock) -> AsyncIterator[Postman]:
    """Run one, as a process does."""
    engine = create_engine(url)
    one = Postman(Posts(engine), clock)
    running = asyncio.ensure_future(one.run())
    try:
        yield one
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await engine.dispose()


async def test_what_one_process_takes_another_one_brings_into_the_rows_at_once_and_in_its_order(
    url: str, db: Sessions, clock: FakeClock
) -> None:
    """No time goes by: it is not found by a later look."""
    received: list[int] = []
    all_there = asyncio.Event()

    async def receive(*raws: dict[str, int]) -> None:
        received.extend(raw["update_id"] for raw in raws)
        if len(received) == 30:
            all_there.set()

    async with postman(url, clock) as here, postman(url, clock) as there:
        await clock.asleep(2)
        posts, tally = PostsOfBot(db, BOT, clock), Tally()
        fetching = asyncio.ensure_future(Fetch(posts, here.arrived[BOT], tally).run(receive))
        box = there.letterbox(BOT, SECRET)
        statuses = [await box.answer(update(number)) for number in range(30)]
        async with asyncio.timeout(PATIENCE_S):
            await all_there.wait()
            while await posts.waiting(1):  # noqa: ASYNC110  # another task's work
                await asyncio.sleep(0.01)
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)

    assert statuses == [HTTPStatus.OK] * 30
    assert received == [*range(30)]
    assert tally.updates["webhook"] == 30


async def test_a_post_is_confirmed_when_it_is_kept_and_one_that_comes_twice_is_kept_once(
    url: str, db: Sessions, clock: FakeClock
) -> None:
    async with postman(url, clock) as one:
        box = one.letterbox(BOT, SECRET)
        assert await box.answer(Said(b'{"update_id": 1}', secret="another")) is HTTPStatus.UNAUTHORIZED
        assert await box.answer(Said(b"[]")) is HTTPStatus.BAD_REQUEST
        assert [await box.answer(update(number)) for number in (1, 1, 2)] == [HTTPStatus.OK] * 3
        kept = await PostsOfBot(db, BOT, clock).waiting(9)
        assert await PostsOfBot(db, BOT + 1, clock).waiting(9) == {}

    assert [*kept.values()] == ['{"update_id": 1}', '{"update_id": 2}']
    assert box.posts == {HTTPStatus.UNAUTHORIZED: 1, HTTPStatus.BAD_REQUEST: 1, HTTPStatus.OK: 3}
    assert await box.answer(update(3)) is HTTPStatus.SERVICE_UNAVAILABLE  # it has ended


async def test_posts_of_a_bot_that_nobody_has_had_for_a_week_are_forgotten(
    url: str, db: Sessions, postgres: Postgres, name: str, clock: FakeClock
) -> None:
    removed, away, served = bots = BOT, BOT + 1, BOT + 2

    async def kept() -> list[int]:
        return [len(await PostsOfBot(db, bot, clock).waiting(9)) for bot in bots]

    async with postman(url, clock) as one:
        for bot in bots:
            assert await one.letterbox(bot, SECRET).answer(update(bot)) is HTTPStatus.OK
        left = f"({removed}, now() - interval '8 days'), ({away}, now() - interval '6 days'), ({served}, NULL)"
        postgres.sql(f"INSERT INTO deltagram_shared.bots (bot_id, left_at) VALUES {left}", database=name)
    async with postman(url, clock):
        await clock.advance(FORGET_S / 2)  # after a week without any process nobody has taken a bot yet
        await clock.asleep()
        assert await kept() == [1, 1, 1]
        await clock.advance(FORGET_S / 2)
        await clock.asleep()

    assert await kept() == [0, 1, 1]


async def test_where_the_database_does_not_answer_a_post_is_told_to_come_again(
    url: str, postgres: Postgres, clock: FakeClock
) -> None:
    async with postman(url, clock) as one:
        box = one.letterbox(BOT, SECRET)
        assert await box.answer(update(1)) is HTTPStatus.OK
        await asyncio.to_thread(postgres.stop, at_once=True)
        away = await box.answer(update(2))
        await asyncio.to_thread(postgres.start)
        async with asyncio.timeout(PATIENCE_S):
            while await box.answer(update(2)) is not HTTPStatus.OK:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.05)

    assert away is HTTPStatus.SERVICE_UNAVAILABLE


def configured(folder: Path, port: int, *bots: int) -> Path:
    """Write the configuration that is shipped, for some processes on this machine and without a certificate."""
    text = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text(encoding="utf-8").partition("\nresolvers")[0]
    text = re.sub(r"bind :443 .*", f"bind 127.0.0.1:{port}", text)
    servers = "\n".join(f"  server bot{bot} 127.0.0.1:{bot} check inter 100ms fall 1 rise 1" for bot in bots)
    text, count = re.subn(r"  server-template .*", servers, text)
    assert count == 1
    file = folder / "haproxy.cfg"
    file.write_text(f"{text}\n", encoding="utf-8")
    return file


@pytest.mark.walk
@pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed")
async def test_a_balancer_may_send_each_post_to_any_process_and_one_may_be_killed(
    environment: Mapping[str, str], tmp_path: Path, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    port, own = free_port(), [free_port(), free_port()]
    children = []
    for number, each in enumerate(own):
        folder = tmp_path / f"process{number}"
        folder.mkdir()
        hook = {"WEBHOOK_URL": f"http://127.0.0.1:{port}", "WEBHOOK_PORT": str(each)}
        children.append(Child(folder, {**environment, **hook}))
    assert HAPROXY
    balancer = await asyncio.create_subprocess_exec(
        HAPROXY, "-db", "-f", str(configured(tmp_path, port, *own)), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await children[0].start()
        await people.wait_call("setWebhook")
        await children[1].start()
        async with asyncio.timeout(PATIENCE_S):
            while "standing by" not in children[1].log():  # noqa: ASYNC110  # another process writes it
                await asyncio.sleep(0.05)
        for number in range(6):  # to each of the two in turn
            await people.write(chat, ann, f"question {number}")
            await people.wait(chat, text=f"You said: question {number}", complete=True)
        os.kill(children[0].pid, signal.SIGKILL)
        await people.write(chat, ann, "after the kill")
        await people.wait(chat, text="You said: after the kill", complete=True)
    finally:
        balancer.terminate()
        await balancer.wait()
        for child in children:
            await child.kill()

    assert await answers(people, chat, ann) == [
        *(f"You said: question {number}" for number in range(6)),
        "You said: after the kill",
    ]
    assert len(model.prompts()) == 7
