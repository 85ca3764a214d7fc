"""Files are kept by content as long as a prompt holds them, and no longer."""

import os
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from bot.intake.export import from_json, markdown, to_json
from bot.storage.engine.database import Sessions
from bot.storage.engine.shelf import Shelf
from bot.storage.exchanges.files import Files
from bot.storage.exchanges.words import terms
from bot.storage.questions.questions import Verdict
from bot.storage.tables import Answer, Chat, File, Message, Prompt
from bot.storage.telegram.pieces import Piece
from bot.texts.en import EN
from providers.blocks import Attached
from tests.bot.store import Store
from tests.clock import FakeClock


@pytest.fixture
def files(db: Sessions, clock: FakeClock) -> Files:
    return Files(db, clock)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "files")


def row(file_id: str, sha256: str) -> File:
    counted = {"pages": 0, "pages_read": 0, "characters": 0, "characters_read": 0}
    named = {"telegram_file_id": file_id, "sha256": sha256, "media_type": "image/jpeg", "name": "", "tag": "t"}
    return File(**named, size=1, **counted)


def test_a_file_is_on_the_disk_by_its_bytes_and_then_by_its_name(
    shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    monkeypatch.setattr("os.fsync", lambda number: synced.append(os.fstat(number).st_ino))

    name = shelf.put(b"data")

    assert synced == [(tmp_path / "files" / name).stat().st_ino, (tmp_path / "files").stat().st_ino]


async def asked(store: Store, chat: Chat) -> int:
    await store.accept(chat)
    async with store.db() as session:
        return int((await session.scalars(select(Prompt.id).order_by(Prompt.id.desc()))).first() or 0)


async def forget(store: Store, prompt_id: int) -> None:
    async with store.db.begin() as session:
        await session.execute(update(Prompt).values(parent_id=None))
        await session.execute(delete(Answer).where(Answer.prompt_id == prompt_id))
        await session.execute(delete(Message).where(Message.prompt_id == prompt_id))
        await session.execute(delete(Prompt).where(Prompt.id == prompt_id))


async def test_an_answer_that_was_brought_to_the_private_chat_holds_its_files(store: Store, files: Files) -> None:
    private, there = await store.chats.get(7, 0, provider="alpha"), await store.elsewhere.chat(7, provider="alpha")
    job = await store.made(await store.ask(there))
    async with store.db() as session:
        prompt_id = (await session.scalars(select(Prompt.id))).one()
    await files.hold(prompt_id, [row("one", "aa")])

    brought = await store.elsewhere.bring(90, private.id, message_id=5, answer_id=job.id, user_id=job.user_id)
    await forget(store, prompt_id)

    assert (brought, await files.prune()) == (Verdict.ACCEPTED, ([], "one"))


async def test_with_the_last_prompt_that_holds_it_a_file_goes(store: Store, files: Files, clock: FakeClock) -> None:
    chat = await store.chats.get(7, 0, provider="alpha")
    first, second = await asked(store, chat), await asked(store, chat)
    await files.hold(first, [row("one", "aa")])
    await files.hold(second, [row("two", "aa"), row("three", "bb")])

    await forget(store, second)
    assert await files.prune() == (["bb"], "two")

    await forget(store, first)
    assert await files.prune() == (["aa"], "two")
    assert await files.known(["one", "two", "three"]) == {}


async def test_what_was_read_anew_takes_the_place_of_what_was_known(store: Store, files: Files) -> None:
    chat = await store.chats.get(7, 0, provider="alpha")
    prompt_id = await asked(store, chat)
    await files.hold(prompt_id, [row("one", "aa")])
    await files.hold(prompt_id, [row("one", "bb")])

    assert (await files.known(["one"]))["one"].sha256 == "bb"
    assert await files.missing(["aa", "bb"]) == ["aa"]


def test_a_file_that_was_damaged_on_the_disk_counts_as_none_and_is_written_anew(shelf: Shelf, tmp_path: Path) -> None:
    name = shelf.put(b"content")
    (tmp_path / "files" / name).write_bytes(b"other")
    assert shelf.get(name) is None

    assert shelf.put(b"content") == name

    assert shelf.get(name) == b"content"
    assert (tmp_path / "files" / name).stat().st_mode & 0o077 == 0


def test_what_a_former_process_had_on_its_way_is_swept(shelf: Shelf) -> None:
    part, name = shelf.scratch("x"), shelf.put(b"content")

    shelf.sweep()

    assert (part.exists(), shelf.names()) == (False, [name])


async def test_what_was_said_in_a_recording_is_found_and_saved(store: Store) -> None:
    chat = await store.chats.get(7, provider="alpha")
    voice = Attached("v1", is_picture=False, name="", size=9, media_type="audio/ogg")
    await store.accept(chat, piece=Piece(50, (voice,)))
    job = await store.begun()
    spoken = row("v1", "a" * 64)
    spoken.transcript = "Where is the elephant?"
    await Files(store.db, FakeClock()).hold(job.prompt_id, [spoken])
    await store.replies.stands(await store.made(job, text="In the room."))

    (found,) = await store.finds.find(chat.id, terms("elephant"), most=5)
    assert found.said == "In the room."
    tree = await store.trees.of(chat.id, 1)
    assert tree
    assert tree.asked[0].heard == ("Where is the elephant?",)
    assert "> 🎤 Where is the elephant?" in markdown(tree, EN, "{} {}".format)
    assert from_json(to_json([tree])) == [tree]
    older = to_json([tree]).replace(', "heard": ["Where is the elephant?"]', "")
    assert from_json(older)[0].asked[0].heard == ()
