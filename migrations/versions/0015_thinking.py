"""What a chat is shown of a model's thoughts: nothing, the last lines meanwhile, or all of it afterwards too."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up; who had switched it on keeps it above the answer."""
    op.add_column("chats", sa.Column("thinking", sa.String(length=16), nullable=False, server_default="live"))
    op.execute("UPDATE chats SET thinking = 'kept' WHERE reasoning")
    op.drop_column("chats", "reasoning")


def downgrade() -> None:
    """Bring the schema down."""
    op.add_column("chats", sa.Column("reasoning", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE chats SET reasoning = (thinking = 'kept')")
    op.drop_column("chats", "thinking")
