"""What was heard in a recording, and what of it stands above an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("files", sa.Column("transcript", sa.String(), nullable=True))
    op.add_column("answers", sa.Column("quote", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("answers", "quote")
    op.drop_column("files", "transcript")
