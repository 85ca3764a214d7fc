"""The line under an answer apart from its text; edits that may still land."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("turns", sa.Column("note", sa.String(), nullable=True))
    op.add_column("parts", sa.Column("late_since", sa.Double(), nullable=True))
    op.create_index("ix_parts_late_since", "parts", ["late_since"], sqlite_where=sa.text("late_since IS NOT NULL"))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_index("ix_parts_late_since", "parts")
    op.drop_column("parts", "late_since")
    op.drop_column("turns", "note")
