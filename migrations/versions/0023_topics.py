"""Topics of private chats that the bot is to name."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("chats", sa.Column("topic_title", sa.String(), nullable=True))
    where = sa.text("topic_title IS NOT NULL")
    op.create_index("ix_chats_topic_title", "chats", ["topic_title"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_index("ix_chats_topic_title", "chats")
    op.drop_column("chats", "topic_title")
