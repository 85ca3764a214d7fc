"""Files that people sent, by their content; the albums that messages are of."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema up."""
    op.create_table(
        "files",
        sa.Column("telegram_file_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("pages_read", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("characters_read", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("telegram_file_id", name="pk_files"),
    )
    op.create_index("ix_files_sha256", "files", ["sha256"])
    op.create_table(
        "file_uses",
        sa.Column("prompt_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name="fk_file_uses_prompt_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("prompt_id", "sha256", name="pk_file_uses"),
    )
    op.create_index("ix_file_uses_sha256", "file_uses", ["sha256"])
    op.add_column("messages", sa.Column("album", sa.String(), nullable=True))


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("messages", "album")
    op.drop_table("file_uses")
    op.drop_table("files")
