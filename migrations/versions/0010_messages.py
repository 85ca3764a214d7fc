"""People's messages as rows of their own, when a question may be answered, and which answers stood once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# Of several wordings that were said by one message the newest has it; what was not said by words alone is not known.
FILL = """
INSERT INTO messages (chat_id, message_id, prompt_id, number, content, length_utf16, sent_at, unread)
SELECT chat_id, message_id, prompt_id, 0, content, 0, sent_at, unread FROM (
    SELECT replies.chat_id, replies.message_id, max(prompts.id) AS prompt_id
    FROM replies JOIN prompts ON prompts.reply_id = replies.id
    WHERE replies.message_id IS NOT NULL GROUP BY replies.chat_id, replies.message_id
) AS newest JOIN (SELECT id, content, created_at AS sent_at, unread FROM prompts) AS said ON said.id = newest.prompt_id
"""
STOOD = """
UPDATE answers SET stood = true WHERE state = 'done' AND outcome IN ('answered', 'stopped', 'failed')
AND id NOT IN (SELECT wanted_id FROM replies WHERE dirty AND wanted_id IS NOT NULL)
"""


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("prompts", sa.Column("ready_at", sa.Double(), nullable=True))
    where = sa.text("ready_at IS NOT NULL")
    op.create_index("ix_prompts_ready_at", "prompts", ["ready_at"], sqlite_where=where, postgresql_where=where)
    op.add_column("answers", sa.Column("stood", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "messages",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("prompt_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("length_utf16", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("forwarded_from", sa.String(), nullable=True),
        sa.Column("unread", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_messages_chat_id"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_messages_prompt_id"),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name="pk_messages"),
    )
    op.create_index("ix_messages_prompt_id", "messages", ["prompt_id"])
    op.create_index("ix_messages_message_id", "messages", ["message_id"])
    op.drop_index("ix_replies_message_id", "replies")  # whose message it is, is found there now
    op.execute(FILL)
    op.execute(STOOD)


def downgrade() -> None:
    """Bring the schema down."""
    op.execute("UPDATE answers SET outcome = 'stopped' WHERE outcome = 'superseded'")
    op.create_index("ix_replies_message_id", "replies", ["message_id"])
    op.drop_table("messages")
    op.drop_column("answers", "stood")
    op.drop_index("ix_prompts_ready_at", "prompts")
    op.drop_column("prompts", "ready_at")
