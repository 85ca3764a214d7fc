"""Summaries that were made before contents said whose words they hold may be made of others' words."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up; contents need no change: what does not say whose words it holds counts as foreign."""
    op.execute("UPDATE summaries SET is_foreign = true")


def downgrade() -> None:
    """Bring the schema down."""
