"""What is said in groups where the bot reads along."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("chats", sa.Column("read_along", NUMBER, server_default=sa.text("0"), nullable=False))
    op.create_table(
        "overheard",
        sa.Column("chat_id", NUMBER, nullable=False),
        sa.Column("message_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_overheard_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_overheard")),
    )
    op.create_index(op.f("ix_overheard_sent_at"), "overheard", ["sent_at"])


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_index(op.f("ix_overheard_sent_at"), "overheard")
    op.drop_table("overheard")
    op.drop_column("chats", "read_along")
