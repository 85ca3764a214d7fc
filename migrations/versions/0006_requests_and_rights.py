"""Who asks for access, who may choose in a group, what waits for an answer about rights, what was not read."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("access", sa.Column("name", sa.String(), nullable=True))
    op.add_column("access", sa.Column("title", sa.String(), nullable=True))
    op.add_column("access", sa.Column("shown_at", sa.Double(), nullable=True))
    op.add_column("chats", sa.Column("open_to_members", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("chats", sa.Column("album", sa.String(), nullable=True))
    op.add_column("turns", sa.Column("unread", sa.String(), nullable=True))
    op.create_table(
        "held",
        sa.Column("update_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("telegram_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_held"),
    )
    op.create_table(
        "digests",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", name="pk_digests"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("digests")
    op.drop_table("held")
    op.drop_column("turns", "unread")
    op.drop_column("chats", "album")
    op.drop_column("chats", "open_to_members")
    for column in ("shown_at", "title", "name"):
        op.drop_column("access", column)
