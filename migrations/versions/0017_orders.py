"""What people want of an answer beside its text, until it was sent."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "orders",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("answer_id", NUMBER, nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("message_id", NUMBER, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("attempts", NUMBER, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_orders_answer_id_answers"),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("answer_id", "data", name="uq_orders"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("orders")
