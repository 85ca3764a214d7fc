"""Replies that stand in chats that are not the bot's: inline messages, and answers to guest questions."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("replies", sa.Column("inline_id", sa.String(), nullable=True))
    op.add_column("replies", sa.Column("query_id", sa.String(), nullable=True))
    where = sa.text("inline_id IS NOT NULL")
    op.create_index(
        "uq_replies_inline_id", "replies", ["inline_id"], unique=True, sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_index("uq_replies_inline_id", "replies")
    op.drop_column("replies", "query_id")
    op.drop_column("replies", "inline_id")
