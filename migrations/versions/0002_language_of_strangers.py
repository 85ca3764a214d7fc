"""The language of strangers, so that who is let in reads it in his own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("access", sa.Column("language", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("access", "language")
