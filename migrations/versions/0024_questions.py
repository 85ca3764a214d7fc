"""Which wordings are of one question: others after the same answer are branches beside it."""

import sqlalchemy as sa
from alembic import op

from bot.storage.dialect import NUMBER

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OF_ONE_REPLY = """
UPDATE prompts SET question_id = (SELECT min(first.id) FROM prompts first WHERE first.reply_id = prompts.reply_id)
WHERE EXISTS (SELECT 1 FROM prompts first WHERE first.reply_id = prompts.reply_id AND first.id < prompts.id)
"""


def upgrade() -> None:
    """Bring the schema up."""
    op.add_column("prompts", sa.Column("question_id", NUMBER, nullable=True))
    op.execute(_OF_ONE_REPLY)


def downgrade() -> None:
    """Bring the schema down."""
    op.drop_column("prompts", "question_id")
