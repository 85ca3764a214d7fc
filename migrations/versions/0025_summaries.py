"""Summaries of what falls out of conversations."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("chats", sa.Column("summaries", sa.Boolean(), nullable=True))
    op.create_table(
        "summaries",
        sa.Column("answer_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("told_by", NUMBER, nullable=True),
        sa.Column("is_foreign", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_summaries_answer_id")),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_summaries")),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("summaries")
    op.drop_column("chats", "summaries")
