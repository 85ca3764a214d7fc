"""What belongs to a message that came before: the rest of a long system prompt, albums of which none asks as yet."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NUMBERS = ("cut_message_id", "cut_user_id", "cut_length_utf16")


def upgrade() -> None:
    """Bring the schema up."""
    for name in NUMBERS:
        op.add_column("chats", sa.Column(name, NUMBER, nullable=True))
    op.add_column("chats", sa.Column("cut_at", sa.Double(), nullable=True))
    op.create_table(
        "loose",
        sa.Column("chat_id", NUMBER, nullable=False),
        sa.Column("message_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("album", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("length_utf16", NUMBER, nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("stored_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_loose_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("chat_id", "message_id", name=op.f("pk_loose")),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("loose")
    for name in (*NUMBERS, "cut_at"):
        op.drop_column("chats", name)
