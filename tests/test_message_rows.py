"""What people wrote before 0010 is a message of its question afterwards, so that it can be edited."""

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event

from bot.storage.engine.database import open_database
from bot.storage.engine.migration import MIGRATIONS
from bot.storage.questions.questions import Verdict
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text
from tests.bot.store import Store
from tests.clock import FakeClock

ROWS = """
INSERT INTO chats (id, telegram_id, thread_id, provider, streaming, reasoning, conversation_id)
    VALUES (1, 7, 0, 'alpha', 1, 0, 1);
INSERT INTO conversations (id, chat_id, head_id) VALUES (1, 1, 2);
INSERT INTO replies (id, chat_id, message_id, wanted_id, shown_id) VALUES (1, 1, 50, 1, 1), (2, 1, 50, 2, 2);
INSERT INTO replies (id, chat_id, message_id, wanted_id) VALUES (3, 1, NULL, 3);
INSERT INTO prompts (id, conversation_id, chat_id, reply_id, user_id, language, content, created_at) VALUES
    (1, 1, 1, 1, 11, 'en', '[{"type":"text","text":"one"}]', 5),
    (2, 1, 1, 2, 11, 'en', '[{"type":"text","text":"one"}]', 6),
    (3, 1, 1, 3, 11, 'en', '[{"type":"text","text":"of a group that was"}]', 7);
INSERT INTO answers (id, prompt_id, chat_id, user_id, state, outcome, content, attempt, stop, created_at) VALUES
    (1, 1, 1, 11, 'done', 'answered', '[{"type":"text","text":"1"}]', 1, 0, 5),
    (2, 2, 1, 11, 'done', 'answered', '[{"type":"text","text":"1 again"}]', 1, 0, 6),
    (3, 3, 1, 11, 'queued', NULL, NULL, 0, 0, 7);
"""


async def test_a_message_belongs_to_its_newest_wording_and_can_be_edited(tmp_path: Path) -> None:
    _former(tmp_path / "bot.db")

    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/bot.db") as sessions:
        store = Store(sessions, FakeClock())
        same, other = Piece(50, (Text("one"),), fingerprint="x"), Piece(50, (Text("uno"),), fingerprint="y")
        assert await store.prompts.revise(1, 1, same, user_id=11, language="en") is Verdict.NOTHING
        assert await store.prompts.revise(2, 1, other, user_id=11, language="en") is Verdict.ACCEPTED
        assert [(job.reply_id, job.state.value) for job in await store.queue()][-1] == (2, "queued")
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        assert database.execute("SELECT message_id, prompt_id FROM messages").fetchall() == [(50, 4)]
        assert database.execute("SELECT id FROM answers WHERE stood").fetchall() == [(1,), (2,)]


def _former(file: Path) -> None:
    """Make a database of 0009 with some rows."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        connection.commit()
    engine.dispose()
    with closing(sqlite3.connect(file)) as database, database:
        database.executescript(ROWS)
