"""What a chat asks of its models, and whether it wants to read who answered."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("chats", sa.Column("names_maker", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("chats", sa.Column("effort", sa.String(), nullable=True))
    op.add_column("chats", sa.Column("temperature", sa.Double(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("chats", "temperature")
    op.drop_column("chats", "effort")
    op.drop_column("chats", "names_maker")
