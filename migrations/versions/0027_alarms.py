"""What the owner was told of, so that it is told once."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up; a bot that has run before tells that this is done, a new one has nothing to tell."""
    op.create_table(
        "alarms",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("told_at", sa.Double(), nullable=False),
        sa.Column("well_since", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "subject", name=op.f("pk_alarms")),
    )
    op.execute("INSERT INTO alarms (kind, subject, told_at) SELECT 'migrated', '0026', 0 FROM identity LIMIT 1")


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_table("alarms")
