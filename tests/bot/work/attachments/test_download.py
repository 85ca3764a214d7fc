"""Files that come from a Bot API server of one's own, which names a place on this machine."""

from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.telegram import PRODUCTION, TelegramAPIServer
from aiogram.methods import GetFile
from aiogram.types import File

from bot.extract.found import Reason, Unread
from bot.work.attachments.download import MAX_FILE, Download
from tests.bot.telegram import Telegram
from tests.clock import FakeClock


def named(session: Telegram, source: Path, api: TelegramAPIServer) -> Download:
    session.api = api
    session.answers(GetFile, File(file_id="f", file_unique_id="u", file_path=str(source)))
    return Download(Bot("1:a", session=session), FakeClock())


async def test_it_is_copied_from_there(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"content")

    await named(session, source, TelegramAPIServer.from_base("http://127.0.0.1:9")).fetch("f", target)

    assert target.read_bytes() == b"content"


async def test_more_than_a_bot_may_have_is_not_copied(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as file:
        file.truncate(MAX_FILE + 1)

    with pytest.raises(Unread) as unread:
        await named(session, source, TelegramAPIServer.from_base("http://127.0.0.1:9")).fetch("f", target)

    assert unread.value.reason is Reason.TOO_BIG
    assert not target.exists()


async def test_telegram_itself_never_names_a_place_on_this_machine(session: Telegram, tmp_path: Path) -> None:
    source, target = tmp_path / "secret", tmp_path / "target"
    source.write_bytes(b"secret")

    with pytest.raises(Unread):
        await named(session, source, PRODUCTION).fetch("f", target)

    assert not target.exists()
