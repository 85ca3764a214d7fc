"""A statement is compiled once in a process, however many databases it has open."""

from pathlib import Path

import pytest
from sqlalchemy.sql.compiler import SQLCompiler

from bot.storage.engine.database import create_engine, open_database
from bot.storage.people.access import Accesses
from tests.clock import FakeClock


async def test_what_one_bot_has_compiled_another_does_not_compile_again(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[SQLCompiler] = []
    make = SQLCompiler.__init__

    def note(self: SQLCompiler, *given: object, **named: object) -> None:
        compiled.append(self)
        make(self, *given, **named)  # type: ignore[arg-type]  # whatever was given

    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}") as one,
        open_database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}") as other,
    ):
        await Accesses(one, clock).owners()
        monkeypatch.setattr(SQLCompiler, "__init__", note)
        await Accesses(other, clock).owners()

    assert not compiled


def test_servers_of_different_versions_share_nothing() -> None:
    one, same, newer = (create_engine(f"postgresql+asyncpg://somewhere/{name}").dialect for name in "abc")
    one.server_version_info = same.server_version_info = (16, 1)
    newer.server_version_info = (17, 0)

    assert one == same
    assert one != newer
    assert hash(one) == hash(newer)
    assert one != create_engine("sqlite+aiosqlite://").dialect
