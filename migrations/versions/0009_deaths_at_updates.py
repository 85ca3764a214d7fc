"""Which updates were being handled when a process died, and how often: one that kills each time is passed over."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "risks",
        sa.Column("update_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("update_id", name="pk_risks"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("risks")
