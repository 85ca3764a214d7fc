"""The messages whose buttons are to be taken away."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "worn",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", "message_id", name="pk_worn"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("worn")
