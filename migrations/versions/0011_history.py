"""Conversations have a title and a time, can be deleted, and what was said in them can be found by its words."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import sqlalchemy as sa
from alembic import op

from bot.storage.conversations.title import title_of
from bot.storage.engine.word_index import make_finds
from bot.storage.exchanges.words import words
from providers.blocks import Content, text_of
from providers.notation import from_json

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

log = logging.getLogger("bot.storage.engine.migration")

STEP = 10_000  # rows at once
TELL_S = 5.0
SORTED = 32 * 2**20  # bytes of new words that FTS5 holds before it writes them (sqlite.org/fts5.html, "hashsize")
USUAL = 2**20


class _Progress:
    """How far it has come."""

    now = "looking at what is there"

    @contextmanager
    def told(self) -> Iterator[None]:
        """Log it every few seconds: a single statement may take longer than that."""
        ended = Event()

        def tell() -> None:
            while not ended.wait(TELL_S):
                log.info("bringing the database up to date: %s", self.now)

        teller = Thread(target=tell, daemon=True)
        teller.start()
        try:
            yield
        finally:
            ended.set()
            teller.join()


def upgrade() -> None:
    """Bring the schema up."""
    progress = _Progress()
    with progress.told():
        op.add_column("conversations", sa.Column("title", sa.String(), server_default=sa.text("''"), nullable=False))
        op.add_column(
            "conversations", sa.Column("touched_at", sa.Double(), server_default=sa.text("0"), nullable=False)
        )
        op.add_column("conversations", sa.Column("deleted_at", sa.Double(), nullable=True))
        _name(progress)
        op.drop_index("ix_conversations_chat_id", "conversations")
        op.create_index(
            "ix_conversations_chat_id_touched_at",
            "conversations",
            ["chat_id", "touched_at"],
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        op.create_index(
            "ix_conversations_deleted_at",
            "conversations",
            ["deleted_at"],
            sqlite_where=sa.text("deleted_at IS NOT NULL"),
        )
        op.create_index("ix_parts_answer_id", "parts", ["answer_id"])
        make_finds(op.get_bind())
        _index(progress)


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("finds")
    op.drop_index("ix_parts_answer_id", "parts")
    op.drop_index("ix_conversations_deleted_at", "conversations")
    op.drop_index("ix_conversations_chat_id_touched_at", "conversations")
    op.create_index("ix_conversations_chat_id", "conversations", ["chat_id"])
    for column in ("deleted_at", "touched_at", "title"):
        op.drop_column("conversations", column)


def _name(progress: _Progress) -> None:
    """Call each conversation by its first question, and say when its last one was asked."""
    connection = op.get_bind()
    last = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM conversations").scalar() or 0
    for low in range(1, last + 1, STEP):
        progress.now = f"titles, {low - 1} of {last} conversations"
        rows = connection.exec_driver_sql(
            """
            SELECT id,
                (SELECT substr(content, 1, 4000) FROM prompts WHERE conversation_id = conversations.id
                    ORDER BY id LIMIT 1),
                (SELECT created_at FROM prompts WHERE conversation_id = conversations.id ORDER BY id DESC LIMIT 1)
            FROM conversations WHERE id BETWEEN ? AND ?
            """,
            (low, low + STEP - 1),
        ).all()
        named = [(_title(content), at or 0.0, id_) for id_, content, at in rows]
        if named:
            connection.exec_driver_sql("UPDATE conversations SET title = ?, touched_at = ? WHERE id = ?", named)


def _index(progress: _Progress) -> None:
    """Note the words of each exchange that is done."""
    connection = op.get_bind()
    is_index = connection.exec_driver_sql(
        "SELECT sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE name = 'finds'"
    ).scalar()
    if is_index:
        connection.exec_driver_sql("INSERT INTO finds (finds, rank) VALUES ('hashsize', ?)", (SORTED,))
    last = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM answers").scalar() or 0
    for low in range(1, last + 1, STEP):
        progress.now = f"words, {low - 1} of {last} answers"
        rows = connection.exec_driver_sql(
            """
            SELECT answers.id, answers.chat_id, prompts.content, answers.content,
                CASE WHEN answers.note IS NOT NULL THEN answers.shown END
            FROM answers JOIN prompts ON prompts.id = answers.prompt_id
            WHERE answers.id BETWEEN ? AND ? AND answers.state = 'done'
            """,
            (low, low + STEP - 1),
        )
        found = [
            (id_, str(chat_id), words(f"{_text(asked)}\n{_text(said) if said else shown or ''}"))
            for id_, chat_id, asked, said, shown in rows
        ]
        if found:
            connection.exec_driver_sql("INSERT INTO finds (rowid, chat, words) VALUES (?, ?, ?)", found)
    if is_index:
        connection.exec_driver_sql("INSERT INTO finds (finds, rank) VALUES ('hashsize', ?)", (USUAL,))


def _title(stored: str | None) -> str:
    content = _content(stored)
    if not content and stored and stored.startswith('[{"type":"text","text":"'):  # it was cut in the middle
        beginning = stored.rpartition("\\")[0].rstrip("\\") if "\\" in stored[-6:] else stored
        content = _content(f'{beginning}"}}]')
    return title_of([content])


def _text(stored: str | None) -> str:
    return text_of(_content(stored))


def _content(stored: str | None) -> Content:
    """Read a content; what is damaged has no words."""
    try:
        return from_json(stored) if stored else ()
    except ValueError:
        return ()
