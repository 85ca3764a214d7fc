"""What answers cost, and what of a prompt the service had in its cache."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("answers", sa.Column("cached_tokens", NUMBER, nullable=True))
    op.add_column("answers", sa.Column("cost", NUMBER, nullable=True))
    op.add_column("usage", sa.Column("cost", NUMBER, server_default=sa.text("0"), nullable=False))
    op.add_column("usage", sa.Column("priced", NUMBER, server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("usage", "priced")
    op.drop_column("usage", "cost")
    op.drop_column("answers", "cost")
    op.drop_column("answers", "cached_tokens")
