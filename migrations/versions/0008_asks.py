"""Which message asks an admin about a stranger: it is edited when that is decided elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "asks",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("admin", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("telegram_id", "admin", name="pk_asks"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("asks")
