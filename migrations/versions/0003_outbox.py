"""The outbox, who is told what in answer to which update, and indexes for databases with a long history."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("stored_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.add_column("access", sa.Column("update_id", sa.Integer(), nullable=True))
    op.add_column("busy", sa.Column("update_id", sa.Integer(), nullable=True))
    op.add_column("turns", sa.Column("dropped_by", sa.Integer(), nullable=True))
    op.create_index("ix_turns_dropped_by", "turns", ["dropped_by"], sqlite_where=sa.text("dropped_by IS NOT NULL"))
    op.create_index("ix_turns_chat_id_state", "turns", ["chat_id", "state"])
    op.create_index("ix_turns_message_id", "turns", ["message_id"])
    op.create_index("ix_parts_message_id", "parts", ["message_id"])


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_index("ix_parts_message_id", "parts")
    op.drop_index("ix_turns_message_id", "turns")
    op.drop_index("ix_turns_chat_id_state", "turns")
    op.drop_index("ix_turns_dropped_by", "turns")
    op.drop_column("turns", "dropped_by")
    op.drop_column("busy", "update_id")
    op.drop_column("access", "update_id")
    op.drop_table("outbox")
