"""Who uses the bot, how much, and as whom it answers: accounts with limits, the use of each day, personas."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHATS = ("persona", "persona_told")


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "accounts",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("own_limit", sa.Integer(), nullable=True),
        sa.Column("told_on", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("telegram_id", name="pk_accounts"),
    )
    op.create_table(
        "usage",
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_id", "day", "provider", name="pk_usage"),
    )
    op.create_index("ix_usage_day", "usage", ["day"])
    op.create_table(
        "invites",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.Double(), nullable=False),
        sa.Column("own_limit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_invites"),
    )
    op.create_table(
        "invite_uses",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("telegram_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["code"], ["invites.code"], name="fk_invite_uses_code", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code", "telegram_id", name="pk_invite_uses"),
    )
    for column in CHATS:
        op.add_column("chats", sa.Column(column, sa.String(), nullable=True))
    op.add_column("chats", sa.Column("removed_at", sa.Double(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    for column in (*CHATS, "removed_at"):
        op.drop_column("chats", column)
    op.drop_table("invite_uses")
    op.drop_table("invites")
    op.drop_table("usage")
    op.drop_table("accounts")
