"""`python -m bot run` as operators run it: its own process, made from nothing, spoken to over HTTP only."""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telegram_playground.client import Bot, PlaygroundClient
from telegram_playground.model import Model
from tests.stopwatch import PATIENCE_S
from tests.walks.conftest import TOKEN
from tests.walks.nursery import running

pytestmark = pytest.mark.walk

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def process(*arguments: str, **environment: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a module of ours in the test's own folder; stop it in order."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGTERM)
        await asyncio.wait_for(child.communicate(), 60)


async def test_three_chats_and_a_group_at_once_and_all_is_remembered_after_a_restart(
    environment: Mapping[str, str], people: PlaygroundClient, bot: Bot, model: Model, tmp_path: Path
) -> None:
    whole = " ".join(f"word{number}" for number in range(40))
    words = [f"word{number} " for number in range(40)]
    gates = {at: asyncio.Event() for at in (10, 20, 30)}
    model.says("", *words[:10], gates[10], *words[10:20], gates[20], *words[20:30], gates[30], *words[30:])
    users = [await people.add_user(name, username=name.lower()) for name in ("Ann", "Bob", "Cid")]
    chats = [await people.private(user, bot) for user in users]
    group = await people.add_group("Club", members=users, bots=[bot])

    async with process("bot", "run", **environment, DEMO_PROVIDER="on"):
        for user, chat in zip(users, chats, strict=True):
            await people.write(chat, user, f"I am {user.first_name}")
        await people.write(group, users[0], "@delta_bot and we are a group")
        for at, gate in gates.items():
            for chat in (*chats, group):
                await people.wait(chat, text=f"word{at - 1}\\b", timeout=2 * PATIENCE_S)  # its start takes seconds, too
            gate.set()
        for chat in (*chats, group):
            answer = await people.wait(chat, text="word39$", complete=True)
            assert answer.text == whole
            seen = [entry for entry in await people.transcript(chat) if entry.get("message_id") == answer.message_id]
            texts = [entry["text"].removesuffix("▌").rstrip() for entry in seen]
            assert len({entry["text"] for entry in seen if entry["kind"] == "edit"}) >= 3
            assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(texts))
        await people.write(chats[0], users[0], "/provider demo")
        await people.wait(chats[0], text="demo answers")
    async with running(tmp_path, {**environment, "DEMO_PROVIDER": "on"}) as second:
        await people.write(chats[0], users[0], "/provider")
        menu = await people.wait(chats[0], text="Now answering")
        last = (await people.messages(chats[1]))[-1].message_id
        await people.write(chats[1], users[1], "who am I?")
        await people.wait(chats[1], text="word39$", complete=True, after=last + 1)
        assert await second.stop() == 0

    assert "Now answering: demo" in menu.text
    assert not [call for call in await people.calls() if call.get("error_code")]


async def test_check_says_what_works_and_what_does_not(
    environment: Mapping[str, str], people: PlaygroundClient, tmp_path: Path
) -> None:
    await people.bot(TOKEN, username="delta_bot", can_read_all_group_messages=False)
    async with running(tmp_path, {**environment, "OLLAMA_BASE_URL": "http://127.0.0.1:9"}, "check") as child:
        code = await child.ended()

    lines = child.log().splitlines()
    assert code == 0
    assert any(line.startswith("ok    telegram      @delta_bot") for line in lines)
    assert any("privacy mode is on" in line for line in lines)
    assert any(line.startswith("ok    openai        first text after") for line in lines)
    assert any(line.startswith("FAIL  ollama        cannot be reached") for line in lines)
    assert TOKEN not in child.log()


async def test_check_fails_where_the_token_is_not_known(
    environment: Mapping[str, str], people: PlaygroundClient, tmp_path: Path
) -> None:
    await people.fault("getMe", "error", code=401, description="Unauthorized", times=None)

    async with running(tmp_path, environment, "check") as child:
        code = await child.ended()

    assert code == 2
    assert "FAIL  telegram      the token is not known" in child.log()


async def test_a_mistake_in_the_roles_ends_the_process_with_its_line_and_code_2(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "personas.toml").write_text('[[persona]]\nname = "Teacher"\n')

    async with running(tmp_path, {**environment, "DEMO_PROVIDER": "on"}) as child:
        assert await child.ended() == 2

    assert child.log().splitlines()[-1].startswith("personas.toml, line 1, [[persona]] 1, prompt is not set")
