"""Which turns were under way when the process died, and how often; messages that a vain search may have missed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("turns", sa.Column("under_way", sa.Boolean(), nullable=False, server_default=sa.text("0")))
    op.add_column("turns", sa.Column("deaths", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "strays",
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("lost_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name="fk_strays_turn_id_turns"),
        sa.PrimaryKeyConstraint("turn_id", "number", "after", name="pk_strays"),
    )


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("strays")
    op.drop_column("turns", "deaths")
    op.drop_column("turns", "under_way")
