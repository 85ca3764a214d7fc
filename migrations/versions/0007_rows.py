"""One row no longer is prompt, queue entry, answer and owner of messages: prompts, answers, replies, conversations.

Answers keep the ids of their turns, so that the buttons on the screen stay true. A turn that replaced another one is a
further version in that one's reply where it took over its messages (the former has no parts left), else it has a reply
of its own.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

log = logging.getLogger("bot.storage.engine.migration")

STEP = 20_000  # turns at once
TELL_S = 5.0


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
        _make_tables()
        op.add_column("chats", sa.Column("conversation_id", sa.Integer(), nullable=True))
        _trace_versions()
        last = op.get_bind().exec_driver_sql("SELECT coalesce(max(id), 0) FROM turns").scalar() or 0
        for low in range(1, last + 1, STEP):
            progress.now = f"{low - 1} of {last} answers"
            _move(low, low + STEP - 1)
        progress.now = "replies"
        _finish_replies()
        progress.now = "removing what was moved"
        for table in ("parts", "strays", "messages", "turns"):
            op.drop_table(table)
        op.execute("DROP TABLE moved_turns")
        op.rename_table("new_parts", "parts")
        op.rename_table("new_strays", "strays")
        op.drop_column("chats", "since_turn")
        progress.now = "indexes"
        _make_indexes()


def _make_tables() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_conversations_chat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_table(
        "replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("wanted_id", sa.Integer(), nullable=True),
        sa.Column("shown_id", sa.Integer(), nullable=True),
        sa.Column("dirty", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_replies_chat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
    )
    op.create_table(
        "prompts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("unread", sa.String(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_prompts_conversation_id"),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_prompts_chat_id"),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name="fk_prompts_reply_id"),
        sa.PrimaryKeyConstraint("id", name="pk_prompts"),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prompt_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "state", sa.Enum("queued", "generating", "done", name="state", native_enum=False, length=16), nullable=False
        ),
        sa.Column(
            "outcome",
            sa.Enum("answered", "failed", "stopped", "undeliverable", name="outcome", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("under_way", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("deaths", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("dropped_by", sa.Integer(), nullable=True),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("shown", sa.String(), nullable=True),
        sa.Column("kept", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("prompt_tokens", sa.Integer(), nullable=True),
        sa.Column("completion_tokens", sa.Integer(), nullable=True),
        sa.Column("is_estimated", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_answers_prompt_id"),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_answers_chat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
    )
    op.create_table(
        "new_parts",
        sa.Column("reply_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("late_since", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name="fk_parts_reply_id"),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_parts_answer_id"),
        sa.PrimaryKeyConstraint("reply_id", "number", name="pk_parts"),
    )
    op.create_table(
        "new_strays",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("lost_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_strays_answer_id"),
        sa.PrimaryKeyConstraint("answer_id", "number", "after", name="pk_strays"),
    )


def _make_indexes() -> None:
    op.create_index("ix_conversations_chat_id", "conversations", ["chat_id"])
    op.create_index("uq_replies_dirty", "replies", ["chat_id"], unique=True, sqlite_where=sa.text("dirty = 1"))
    op.create_index("ix_replies_chat_id_id", "replies", ["chat_id", "id"])
    op.create_index("ix_replies_message_id", "replies", ["message_id"])
    op.create_index("ix_prompts_conversation_id_id", "prompts", ["conversation_id", "id"])
    op.create_index("ix_prompts_chat_id_id", "prompts", ["chat_id", "id"])
    op.create_index("ix_prompts_parent_id", "prompts", ["parent_id"])
    op.create_index("ix_prompts_reply_id", "prompts", ["reply_id"])
    op.create_index(
        "uq_answers_generating", "answers", ["chat_id"], unique=True, sqlite_where=sa.text("state = 'generating'")
    )
    op.create_index("ix_answers_state_id", "answers", ["state", "id"])
    op.create_index("ix_answers_chat_id_state", "answers", ["chat_id", "state"])
    op.create_index("ix_answers_prompt_id", "answers", ["prompt_id"])
    op.create_index("ix_answers_dropped_by", "answers", ["dropped_by"], sqlite_where=sa.text("dropped_by IS NOT NULL"))
    op.create_index("ix_parts_message_id", "parts", ["message_id"])
    op.create_index("ix_parts_late_since", "parts", ["late_since"], sqlite_where=sa.text("late_since IS NOT NULL"))


def _trace_versions() -> None:
    """Note of each turn the conversation, the turn that its reply began with, the one before it, and what it shows.

    `counts`: others go on from it. `is_own`: it shows something of its own, and not what the former one did.
    """
    op.execute(
        """
        CREATE TABLE moved_turns (
            id INTEGER PRIMARY KEY, conversation_id INTEGER, reply_id INTEGER, first_id INTEGER, parent_id INTEGER,
            is_own BOOLEAN, counts BOOLEAN
        )
        """
    )
    op.execute(
        """
        INSERT INTO moved_turns (id, conversation_id, reply_id, first_id, is_own, counts)
        SELECT
            turns.id,
            min(turns.id) OVER (PARTITION BY turns.chat_id, turns.id > chats.since_turn),
            turns.id,
            turns.id,
            1,
            turns.replaces IS NULL OR turns.state != 'done' OR (
                turns.outcome IN ('answered', 'stopped')
                AND EXISTS (SELECT 1 FROM messages WHERE turn_id = turns.id AND role = 'assistant')
            )
        FROM turns JOIN chats ON chats.id = turns.chat_id
        """
    )
    _trace_replaced()
    op.execute(
        """
        WITH before AS (
            SELECT id, max(CASE WHEN counts THEN id END) OVER (
                PARTITION BY conversation_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS head FROM moved_turns
        )
        UPDATE moved_turns SET parent_id = before.head FROM before
        WHERE before.id = moved_turns.id AND moved_turns.first_id = moved_turns.id
        """
    )
    op.execute(
        """
        UPDATE moved_turns SET parent_id = first.parent_id
        FROM moved_turns AS first WHERE first.id = moved_turns.first_id AND moved_turns.first_id != moved_turns.id
        """
    )


def _trace_replaced() -> None:
    """Follow the few turns that replace others, oldest first, each to what it replaced."""
    connection = op.get_bind()
    rows = connection.exec_driver_sql(
        """
        SELECT turns.id, turns.replaces,
            NOT EXISTS (SELECT 1 FROM parts WHERE parts.turn_id = turns.replaces)
                AND turns.message_id = former.message_id
                AND (SELECT text FROM messages WHERE turn_id = turns.id AND role = 'user')
                    IS (SELECT text FROM messages WHERE turn_id = turns.replaces AND role = 'user'),
            turns.state != 'done' AND turns.state != 'delivering'
                OR EXISTS (SELECT 1 FROM messages WHERE turn_id = turns.id AND role = 'assistant')
                OR (turns.attempt > 0 AND turns.shown IS NOT former.shown)
        FROM turns JOIN turns AS former ON former.id = turns.replaces ORDER BY turns.id
        """
    )
    traced: dict[int, tuple[int, int]] = {}
    moved = []
    for turn_id, replaced, is_in_place, is_own in rows.all():
        reply_id, first_id = traced.get(replaced, (replaced, replaced))
        reply_id = reply_id if is_in_place else turn_id
        traced[turn_id] = reply_id, first_id
        moved.append((reply_id, first_id, not is_in_place or bool(is_own), turn_id))
    for row in moved:
        connection.exec_driver_sql("UPDATE moved_turns SET reply_id = ?, first_id = ?, is_own = ? WHERE id = ?", row)


def _move(low: int, high: int) -> None:
    """Make the new rows of the turns with ids from `low` to `high`."""
    here = f"turns.id BETWEEN {int(low)} AND {int(high)}"
    text = "json_array(json_object('type', 'text', 'text', {}))"
    words = "(SELECT group_concat(text, '') FROM messages WHERE turn_id = turns.id AND role = '{}')"
    asked, said = text.format(f"coalesce({words.format('user')}, '')"), words.format("assistant")
    op.execute(
        f"""
        INSERT INTO conversations (id, chat_id, head_id)
        SELECT turns.id, turns.chat_id, NULL FROM turns JOIN moved_turns USING (id)
        WHERE {here} AND moved_turns.conversation_id = turns.id
        """
    )
    op.execute(
        f"""
        INSERT INTO replies (id, chat_id, message_id, dirty)
        SELECT turns.id, turns.chat_id, turns.message_id, 0 FROM turns JOIN moved_turns USING (id)
        WHERE {here} AND moved_turns.reply_id = turns.id
        """
    )
    op.execute(
        f"""
        INSERT INTO prompts (
            id, conversation_id, chat_id, parent_id, reply_id, user_id, language, content, unread, created_at
        )
        SELECT turns.id, moved_turns.conversation_id, turns.chat_id, moved_turns.parent_id, turns.id, turns.user_id,
            turns.language, {asked}, turns.unread, turns.created_at
        FROM turns JOIN moved_turns USING (id) WHERE {here} AND moved_turns.reply_id = turns.id
        """
    )
    keeps = "turns.shown IS NULL AND turns.attempt > 0 AND turns.outcome IN ('stopped', 'failed')"
    op.execute(
        f"""
        INSERT INTO answers (
            id, prompt_id, chat_id, user_id, state, outcome, attempt, under_way, deaths, stop, dropped_by, content,
            shown, kept, note, is_estimated, created_at, closed_at
        )
        SELECT turns.id, moved_turns.reply_id, turns.chat_id, turns.user_id,
            CASE turns.state WHEN 'delivering' THEN 'done' ELSE turns.state END,
            turns.outcome, turns.attempt, turns.under_way, turns.deaths, turns.stop, turns.dropped_by,
            CASE WHEN {said} IS NOT NULL THEN {text.format(said)} END,
            CASE WHEN NOT moved_turns.is_own THEN turns.note WHEN turns.shown IS NOT {said} THEN turns.shown END,
            CASE WHEN {keeps} THEN '[]' END,
            CASE WHEN moved_turns.is_own THEN turns.note END,
            0, turns.created_at, turns.closed_at
        FROM turns JOIN moved_turns USING (id) WHERE {here}
        """
    )
    op.execute(
        f"""
        INSERT OR IGNORE INTO new_parts (reply_id, number, answer_id, message_id, after, late_since)
        SELECT moved_turns.reply_id, parts.number, turns.id, parts.message_id, parts.after, parts.late_since
        FROM parts JOIN turns ON turns.id = parts.turn_id JOIN moved_turns ON moved_turns.id = turns.id
        WHERE {here} ORDER BY turns.id DESC
        """
    )


def _finish_replies() -> None:
    """Say which answer each reply wants and shows, and which one each conversation goes on from."""
    op.execute(
        """
        WITH newest AS (SELECT reply_id, max(id) AS id FROM moved_turns WHERE is_own GROUP BY reply_id)
        UPDATE replies SET wanted_id = newest.id FROM newest WHERE newest.reply_id = replies.id
        """
    )
    op.execute(
        """
        WITH standing AS (
            SELECT moved_turns.reply_id, max(moved_turns.id) AS id FROM moved_turns JOIN turns USING (id)
            WHERE is_own AND turns.state = 'done' GROUP BY moved_turns.reply_id
        )
        UPDATE replies SET shown_id = standing.id FROM standing WHERE standing.reply_id = replies.id
        AND replies.id NOT IN (
            SELECT moved_turns.reply_id FROM moved_turns JOIN turns USING (id)
            WHERE turns.state = 'delivering' OR (turns.state != 'done' AND turns.attempt > 0)
        )
        """
    )
    op.execute(
        """
        UPDATE replies SET dirty = 1 WHERE id IN (
            SELECT moved_turns.reply_id FROM moved_turns JOIN turns USING (id) WHERE turns.state = 'delivering'
        )
        """
    )
    op.execute(
        """
        UPDATE replies SET note = newest.note FROM (
            SELECT moved_turns.reply_id, max(turns.id) AS id, turns.note, moved_turns.is_own, turns.outcome
            FROM moved_turns JOIN turns USING (id) GROUP BY moved_turns.reply_id
        ) AS newest
        WHERE newest.reply_id = replies.id AND NOT newest.is_own AND newest.outcome = 'failed'
        """
    )
    op.execute(
        """
        WITH heads AS (SELECT conversation_id, max(id) AS id FROM moved_turns WHERE counts GROUP BY 1)
        UPDATE conversations SET head_id = heads.id FROM heads WHERE heads.conversation_id = conversations.id
        """
    )
    op.execute(
        """
        UPDATE chats SET conversation_id = (
            SELECT max(conversation_id) FROM moved_turns JOIN turns USING (id)
            WHERE turns.chat_id = chats.id AND turns.id > chats.since_turn
        )
        """
    )
    op.execute(
        "INSERT INTO new_strays (answer_id, number, after, highest, lost_at)"
        " SELECT turn_id, number, after, highest, lost_at FROM strays"
    )


def downgrade() -> None:
    """Bring the schema down. Raises ValueError where the rows hold what it cannot: pictures, further wordings."""
    _refuse_what_has_no_place()
    _make_former_tables()
    op.add_column("chats", sa.Column("since_turn", sa.Integer(), server_default="0", nullable=False))
    _move_back()
    for table in ("parts", "strays", "answers", "prompts", "replies", "conversations"):
        op.drop_table(table)
    op.rename_table("new_parts", "parts")
    op.rename_table("new_strays", "strays")
    op.drop_column("chats", "conversation_id")
    _make_former_indexes()


def _refuse_what_has_no_place() -> None:
    connection = op.get_bind()
    others = " UNION ALL ".join(
        f"SELECT 1 FROM {table}, json_each(content) WHERE json_extract(value, '$.type') != 'text'"
        for table in ("prompts", "answers")
    )
    wordings = "SELECT 1 FROM prompts GROUP BY reply_id HAVING count(*) > 1"
    if connection.exec_driver_sql(f"SELECT EXISTS ({others} UNION ALL {wordings})").scalar():
        raise ValueError("the database holds pictures or several wordings of a question, for which 0006 has no place")


def _make_former_tables() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("queued", "generating", "delivering", "done", name="state", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum("answered", "failed", "stopped", "undeliverable", name="outcome", native_enum=False, length=16),
            nullable=True,
        ),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("stop", sa.Boolean(), nullable=False),
        sa.Column("shown", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("closed_at", sa.Double(), nullable=True),
        sa.Column("dropped_by", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("under_way", sa.Boolean(), nullable=False, server_default=sa.text("0")),
        sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("unread", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_turns_chat_id"),
        sa.ForeignKeyConstraint(["replaces"], ["turns.id"], name="fk_turns_replaces"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("update_id", name="uq_turns_update_id"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_messages_chat_id"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_messages_turn_id"),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_table(
        "new_parts",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("late_since", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_parts_turn_id"),
        sa.PrimaryKeyConstraint("turn_id", "number", name="pk_parts"),
    )
    op.create_table(
        "new_strays",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("lost_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_strays_turn_id_turns"),
        sa.PrimaryKeyConstraint("turn_id", "number", "after", name="pk_strays"),
    )


def _make_former_indexes() -> None:
    op.create_index("ix_turns_chat_id_id", "turns", ["chat_id", "id"])
    op.create_index("ix_turns_replaces", "turns", ["replaces"])
    op.create_index("ix_turns_state_id", "turns", ["state", "id"])
    is_open = sa.text("state IN ('generating', 'delivering')")
    op.create_index("uq_turns_open", "turns", ["chat_id"], unique=True, sqlite_where=is_open)
    op.create_index("ix_turns_dropped_by", "turns", ["dropped_by"], sqlite_where=sa.text("dropped_by IS NOT NULL"))
    op.create_index("ix_turns_chat_id_state", "turns", ["chat_id", "state"])
    op.create_index("ix_turns_message_id", "turns", ["message_id"])
    op.create_index("ix_messages_chat_id_turn_id", "messages", ["chat_id", "turn_id"])
    op.create_index("ix_messages_turn_id_id", "messages", ["turn_id", "id"])
    op.create_index("ix_parts_message_id", "parts", ["message_id"])
    op.create_index("ix_parts_late_since", "parts", ["late_since"], sqlite_where=sa.text("late_since IS NOT NULL"))


def _move_back() -> None:
    """Make the former rows: of several versions the parts belong to the newest, which shows what is wanted."""
    words = "(SELECT coalesce(group_concat(json_extract(value, '$.text'), ''), '') FROM json_each({}))"
    shown = "CASE WHEN {0}.kept IS NULL THEN coalesce({0}.shown, " + words.format("{0}.content") + ") END"
    op.execute(
        f"""
        INSERT INTO turns (
            id, update_id, chat_id, message_id, user_id, replaces, state, outcome, attempt, stop, shown, language,
            created_at, closed_at, dropped_by, note, under_way, deaths, unread
        )
        SELECT answers.id, -answers.id, answers.chat_id, coalesce(replies.message_id, 0), answers.user_id,
            coalesce(
                (
                    SELECT max(former.id) FROM answers AS former
                    WHERE former.prompt_id = answers.prompt_id AND former.id < answers.id
                ),
                (
                    SELECT max(former.id) FROM answers AS former JOIN prompts AS beside ON beside.id = former.prompt_id
                    WHERE beside.conversation_id = prompts.conversation_id AND beside.parent_id IS prompts.parent_id
                    AND former.id < answers.id
                )
            ),
            CASE WHEN answers.state = 'done' AND replies.dirty AND answers.id = newest.id THEN 'delivering'
                ELSE answers.state END,
            answers.outcome, answers.attempt, answers.stop,
            CASE WHEN answers.id = newest.id AND answers.state = 'done' THEN {shown.format("wanted")}
                ELSE {shown.format("answers")} END,
            prompts.language, answers.created_at, answers.closed_at, answers.dropped_by,
            CASE WHEN answers.id = newest.id THEN coalesce(replies.note, answers.note) ELSE answers.note END,
            answers.under_way, answers.deaths, prompts.unread
        FROM answers JOIN prompts ON prompts.id = answers.prompt_id JOIN replies ON replies.id = prompts.reply_id
        JOIN (
            SELECT prompts.reply_id, max(answers.id) AS id
            FROM answers JOIN prompts ON prompts.id = answers.prompt_id GROUP BY 1
        ) AS newest ON newest.reply_id = replies.id
        LEFT JOIN answers AS wanted ON wanted.id = replies.wanted_id
        ORDER BY answers.id
        """
    )
    op.execute(
        f"""
        INSERT INTO messages (turn_id, chat_id, role, text)
        SELECT answers.id, answers.chat_id, 'user', {words.format("prompts.content")}
        FROM answers JOIN prompts ON prompts.id = answers.prompt_id ORDER BY answers.id
        """
    )
    op.execute(
        f"""
        INSERT INTO messages (turn_id, chat_id, role, text)
        SELECT id, chat_id, 'assistant', {words.format("content")} FROM answers WHERE content IS NOT NULL ORDER BY id
        """
    )
    op.execute(
        """
        INSERT INTO new_parts (turn_id, number, message_id, after, late_since)
        SELECT max(answers.id), parts.number, parts.message_id, parts.after, parts.late_since
        FROM parts JOIN prompts ON prompts.reply_id = parts.reply_id JOIN answers ON answers.prompt_id = prompts.id
        GROUP BY parts.reply_id, parts.number
        """
    )
    op.execute(
        "INSERT INTO new_strays (turn_id, number, after, highest, lost_at)"
        " SELECT answer_id, number, after, highest, lost_at FROM strays"
    )
    op.execute(
        """
        UPDATE chats SET since_turn = coalesce((
            SELECT max(answers.id) FROM answers JOIN prompts ON prompts.id = answers.prompt_id
            WHERE answers.chat_id = chats.id AND prompts.conversation_id IS NOT chats.conversation_id
        ), 0)
        """
    )
