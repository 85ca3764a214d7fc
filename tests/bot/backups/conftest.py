"""A bot's database with files beside it, at rest."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage.engine.shelf import Shelf

BOT = 123456789


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Path:
    file = tmp_path / "data" / "bot.db"
    file.parent.mkdir(mode=0o700)
    shutil.copy(empty_database, file)
    file.chmod(0o600)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("INSERT INTO identity (bot_id) VALUES (?)", (BOT,))
        connection.commit()
    keep(file, b"a picture")
    return file


def keep(database: Path, data: bytes) -> str:
    """Have a file of somebody lie beside a database."""
    sha256 = Shelf(database.with_name(f"{database.name}.files")).put(data)
    with closing(sqlite3.connect(database)) as connection:
        columns = connection.execute("PRAGMA table_info(files)").fetchall()
        values = {name: "" if "CHAR" in kind.upper() else 0 for _, name, kind, *_ in columns}
        values |= {"telegram_file_id": sha256, "sha256": sha256}
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        connection.execute(f"INSERT INTO files ({names}) VALUES ({marks})", [*values.values()])
        connection.commit()
    return sha256
