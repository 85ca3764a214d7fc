"""Which turns were under way when the process died, and how often."""

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


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("turns", "deaths")
    op.drop_column("turns", "under_way")
