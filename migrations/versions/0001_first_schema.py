"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "access",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "rule", sa.Enum("allow", "deny", "owner", "told", name="rule", native_enum=False, length=16), nullable=False
        ),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", name="pk_access"),
    )
    op.create_table(
        "admins",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", "user_id", name="pk_admins"),
    )
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telegram_id", sa.Integer(), nullable=False),
        sa.Column("thread_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("missing_told", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("system_prompt", sa.String(), nullable=True),
        sa.Column("streaming", sa.Boolean(), nullable=False),
        sa.Column("reasoning", sa.Boolean(), nullable=False),
        sa.Column("since_turn", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )
    op.create_index("uq_chats_telegram_id_thread_id", "chats", ["telegram_id", "thread_id"], unique=True)
    op.create_table(
        "identity",
        sa.Column("bot_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pairing_code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("bot_id", name="pk_identity"),
    )
    op.create_table(
        "notices",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", "message_id", name="pk_notices"),
    )
    op.create_index("ix_notices_sent_at", "notices", ["sent_at"], unique=False)
    op.create_table(
        "peers",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paused_until", sa.Double(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", name="pk_peers"),
    )
    op.create_table(
        "updates",
        sa.Column("update_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_updates"),
    )
    op.create_index("ix_updates_taken_at", "updates", ["taken_at"], unique=False)
    op.create_table(
        "busy",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_busy_chat_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name="pk_busy"),
    )
    op.create_table(
        "models",
        sa.Column("chat_id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_models_chat_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "provider", name="pk_models"),
    )
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
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_turns_chat_id"),
        sa.ForeignKeyConstraint(["replaces"], ["turns.id"], name="fk_turns_replaces"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.UniqueConstraint("update_id", name="uq_turns_update_id"),
    )
    op.create_index("ix_turns_chat_id_id", "turns", ["chat_id", "id"], unique=False)
    op.create_index("ix_turns_replaces", "turns", ["replaces"], unique=False)
    op.create_index("ix_turns_state_id", "turns", ["state", "id"], unique=False)
    op.create_index(
        "uq_turns_open",
        "turns",
        ["chat_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('generating', 'delivering')"),
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
    op.create_index("ix_messages_chat_id_turn_id", "messages", ["chat_id", "turn_id"], unique=False)
    op.create_index("ix_messages_turn_id_id", "messages", ["turn_id", "id"], unique=False)
    op.create_table(
        "parts",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_parts_turn_id"),
        sa.PrimaryKeyConstraint("turn_id", "number", name="pk_parts"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("parts")
    op.drop_table("messages")
    op.drop_table("turns")
    op.drop_table("models")
    op.drop_table("busy")
    op.drop_table("updates")
    op.drop_table("peers")
    op.drop_table("notices")
    op.drop_table("identity")
    op.drop_table("chats")
    op.drop_table("admins")
    op.drop_table("access")
