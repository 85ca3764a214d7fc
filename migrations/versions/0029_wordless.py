"""Why a PDF that is kept as it came has no words."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("files", sa.Column("wordless", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("files", "wordless")
