"""The messages whose buttons are to be taken away; the buttons that an answer offers beside 🔄."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
    op.add_column("answers", sa.Column("offered", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("answers", "offered")
    op.drop_table("worn")
