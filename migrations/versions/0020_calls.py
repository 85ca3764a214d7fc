"""What models call, and how far that has come."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "steps",
        sa.Column("answer_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("prompt_tokens", NUMBER, nullable=True),
        sa.Column("completion_tokens", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_steps_answer_id")),
        sa.PrimaryKeyConstraint("answer_id", "number", name=op.f("pk_steps")),
    )
    op.create_table(
        "calls",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("answer_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("is_foreign", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("asked_until", sa.Double(), nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("key", NUMBER, nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_calls_answer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
    )
    op.add_column("chats", sa.Column("tools_shown", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("uq_calls_position", "calls", ["answer_id", "number", "position"], unique=True)


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("chats", "tools_shown")
    op.drop_table("calls")
    op.drop_table("steps")
