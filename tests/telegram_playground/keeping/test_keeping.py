"""A server that is started again with the same --state file goes on where it was."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest

from telegram_playground.__main__ import main
from telegram_playground.client import Chat, PlaygroundClient
from telegram_playground.keeping.file import Changes, StateFile, Unusable
from telegram_playground.keeping.keeper import Keeper
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.process.clock import SystemClock
from telegram_playground.server import Playground
from tests.stopwatch import PATIENCE_S
from tests.telegram_playground.raw_bot import TOKEN, RawBot

KILLS = 40 if "THOROUGH" in os.environ else 3
WRITER = """
import itertools, sys
from pathlib import Path
from telegram_playground.keeping.file import Changes, StateFile
file = StateFile(Path(sys.argv[1]))
for number in itertools.count(int(sys.argv[2])):
    rows = {f"row/{each}": str(number) for each in range(200)}
    file.write(Changes(rows, files=[(f"file/{number}", str(number), b"x" * 10_000)], gone_files=[f"file/{number - 5}"]))
    print(number, flush=True)
"""


def started(path: Path) -> Playground:
    return Playground(limits=Limits.off(), state=path)


async def fill(playground: Playground, people: PlaygroundClient, bot: RawBot) -> tuple[Chat, Chat]:
    """Do one of each thing that is kept."""
    helper = await people.bot(TOKEN, username="helper_bot", supports_inline_queries=True)
    ann, bob = await people.add_user("Ann", username="anna", language="de"), await people.add_user("Bob")
    chat = await people.private(ann, helper)
    first = await people.write(chat, ann, "/start")
    group = await people.add_group("Club", members=[ann, bob], bots=[helper], forum=True, username="the_club")
    await people.promote(group, helper)
    await people.add_topic(group, "News")
    keys = {"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]}
    asked = await bot("sendMessage", chat_id=chat.id, text="*Well?*", parse_mode="MarkdownV2", reply_markup=keys)
    await people.react(chat, ann, asked["message_id"], "👍")
    await people.send_file(chat, ann, "a.txt", b"words", caption="this", reply_to=first.message_id)
    await bot("sendPoll", chat_id=group.id, question="Tea?", options=[{"text": "yes"}, {"text": "no"}])
    await bot("sendInvoice", chat_id=chat.id, title="x", description="y", payload="z", currency="XTR",
              prices=[{"label": "a", "amount": 1}])  # fmt: skip
    await bot("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    await bot("createChatInviteLink", chat_id=group.id, name="door")
    await bot("pinChatMessage", chat_id=chat.id, message_id=asked["message_id"])
    channel = await people.add_group("Post", members=[ann], bots=[helper], kind="channel")
    await people.command("link_group", chat=channel.key, group=group.key)
    await bot("sendMessage", chat_id=channel.id, text="news")
    await people.set(callback_expiry_s=7)
    return chat, group


def seen(playground: Playground) -> object:
    """Return all that is to be the same after a restart."""
    world = playground.world
    chats = [[chat.control_json(), [message.seen() for message in chat.messages.values()], chat.permissions,
              [invite.json() for invite in chat.invites.values()], chat.linked and chat.linked.key]
             for chat in world.chats.values()]  # fmt: skip
    bots = [[bot.control_json(), bot.commands, bot.texts, bot.updates.kept()] for bot in world.bots.values()]
    tables = [world.polls, world.invoices, world.invoice_links, world.payments, world.sticker_sets]
    return [chats, bots, [user.json() for user in world.users.values()], [str(table) for table in tables],
            world.options, world.roster.last_ids]  # fmt: skip


async def test_people_chats_messages_and_files_are_there_again(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with started(tmp_path / "state") as playground, PlaygroundClient(playground.url) as people:
        chat, group = await fill(playground, people, RawBot(session, playground.url))
        before = seen(playground)

    async with started(tmp_path / "state") as again, PlaygroundClient(again.url) as people:
        assert seen(again) == before
        bot = RawBot(session, again.url)
        ann = again.world.roster.named("anna")
        sent = next(each for each in again.world.chats[chat.key].messages.values() if "document" in each.content)
        assert sent.sender is ann  # the same person, not one like her
        assert sent.json()["reply_to_message"]["text"] == "/start"
        path = (await bot("getFile", file_id=sent.content["document"]["file_id"]))["file_path"]
        async with session.get(f"{again.url}/file/bot{TOKEN}/{path}") as response:
            assert await response.read() == b"words"
        poll = next(each for each in again.world.chats[group.key].messages.values() if "poll" in each.content)
        voted = await people.command(
            "vote", chat=group.key, user=sent.sender.id, message_id=poll.message_id, options=[0]
        )
        assert voted["poll"]["total_voter_count"] == 1
        updates = [next(iter(update.keys() - {"update_id"})) for update in await bot("getUpdates")]
        assert updates[0] == "message"
        assert updates[-1] == "poll"


def test_a_scenario_that_fails_midway_leaves_no_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed, state = tmp_path / "seed.toml", tmp_path / "state"
    people = '[people.{0}]\nfirst_name = "{0}"\nusername = "the_same"\n'
    seed.write_text(people.format("ann") + people.format("bob"), encoding="utf-8")

    for _ in range(2):  # the second start finds nothing that counts as played
        assert main(["--port", "0", "--seed", str(seed), "--state", str(state)]) == 2
        assert "the username the_same is taken" in capsys.readouterr().err

    file = StateFile(state)
    assert (file.things(), [*file.files()]) == ({}, [])
    file.close()


async def test_a_world_is_kept_when_it_is_made(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as playground, PlaygroundClient(playground.url) as people:
        with playground.making():
            await people.add_user("Ann", username="anna")
            await playground.save()

    async with started(tmp_path / "state") as again:
        assert (again.is_new, again.world.roster.named("anna") is not None) == (False, True)


async def test_what_was_taken_away_stays_away(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as playground, PlaygroundClient(playground.url) as people:
        ann = await people.add_user("Ann")
        chat = await people.private(ann, await people.bot(TOKEN))
        first = await people.write(chat, ann, "one")
        await people.write(chat, ann, "two")
        await playground.save()
        await people.delete(chat, ann, first.message_id)

    async with started(tmp_path / "state") as again, PlaygroundClient(again.url) as people:
        assert [message.text for message in await people.messages(chat)] == ["two"]
        await people.command("reset")

    async with started(tmp_path / "state") as again:
        assert again.world.chats == {}
        assert [*again.world.bots] == [42]


async def test_after_a_kill_no_id_is_given_twice(tmp_path: Path, session: aiohttp.ClientSession) -> None:
    async with started(tmp_path / "state") as playground, PlaygroundClient(playground.url) as people:
        ann = await people.add_user("Ann")
        chat = await people.private(ann, await people.bot(TOKEN))
        await people.write(chat, ann, "kept")
        await playground.save()
        (tmp_path / "killed").write_bytes((tmp_path / "state").read_bytes())  # what is on the disk at this instant
        lost = await people.write(chat, ann, "lost")
        last = (await RawBot(session, playground.url)("getUpdates"))[-1]

    async with started(tmp_path / "killed") as again, PlaygroundClient(again.url) as people:
        assert [message.text for message in await people.messages(chat)] == ["kept"]
        following = await people.write(chat, ann, "next")
        assert following.message_id > lost.message_id
        assert (await RawBot(session, again.url)("getUpdates"))[-1]["update_id"] > last["update_id"]


async def test_it_is_saved_while_it_runs(tmp_path: Path) -> None:
    async with started(tmp_path / "state") as playground, PlaygroundClient(playground.url) as people:
        await people.add_user("Ann")
        async with asyncio.timeout(PATIENCE_S):
            while b"Ann" not in (tmp_path / "state").read_bytes():  # noqa: ASYNC110  # the disk is looked at from outside
                await asyncio.sleep(0.02)


async def test_a_save_that_is_cancelled_ends_before_the_next_begins(tmp_path: Path) -> None:
    keeper = Keeper(started(tmp_path / "other").stage, tmp_path / "state", SystemClock())
    loop, go_on = asyncio.get_running_loop(), threading.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    before = loop.run_in_executor(None, go_on.wait)
    saving = asyncio.ensure_future(keeper.save())
    for _ in range(5):
        await asyncio.sleep(0)
    saving.cancel()
    await asyncio.wait([saving], timeout=0.05)
    has_ended = saving.done()
    go_on.set()
    await asyncio.gather(before, saving, return_exceptions=True)

    assert not has_ended
    await keeper.close()
    file = StateFile(tmp_path / "state")
    assert '"clean":true' in file.things()["server"]
    file.close()


def test_a_process_killed_at_any_instant_leaves_the_last_state_or_the_one_before(tmp_path: Path) -> None:
    path, said = tmp_path / "state", 0
    for kill in range(KILLS):
        command = [sys.executable, "-c", WRITER, str(path), str(said + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout
            for _ in range(3 + kill):
                said = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            said = max([said, *map(int, writer.stdout.read().split())])

        file = StateFile(path)
        numbers = {int(body) for body in file.things().values()}
        files = [int(body) for body, _ in file.files()]
        file.close()

        assert len(numbers) == 1
        assert numbers <= {said, said + 1}  # one may have been written and not said
        assert files[-1] == max(numbers)
        said = max(numbers)


def test_a_file_that_is_no_state_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, content in (("text", b"hello, this is no database " * 100), ("short", b"x")):
        path = tmp_path / name
        path.write_bytes(content)

        assert main(["--port", "0", "--state", str(path)]) == 2
        assert path.read_bytes() == content
    assert main(["--port", "0", "--state", str(tmp_path / "no" / "folder")]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'text'} is something else than a state of the playground",
        f"{tmp_path / 'short'} is something else than a state of the playground",
        f"{tmp_path / 'no' / 'folder'} cannot be opened: No such file or directory",
    ]


def test_two_servers_do_not_share_a_state(tmp_path: Path) -> None:
    first = StateFile(tmp_path / "state")
    with pytest.raises(Unusable, match="is used by another server"):
        StateFile(tmp_path / "state")
    first.close()
    StateFile(tmp_path / "state").close()


def test_changes_that_could_not_be_written_are_written_with_the_next(tmp_path: Path) -> None:
    changes = Changes({"a": "1", "b": "1"}, files=[("f", "{}", b"1"), ("g", "{}", b"2")])
    changes.add(Changes({"c": "1"}, gone=["a"], gone_files=["f"]))
    file = StateFile(tmp_path / "state")
    file.write(changes)

    assert file.things() == {"b": "1", "c": "1"}
    assert [data for _, data in file.files()] == [b"2"]
    file.close()
