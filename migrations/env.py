"""Run the migrations on the connection that the bot opened (bot/storage/engine/database.py)."""

from alembic import context

from bot.storage.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    on_version_apply=context.config.attributes.get("after_each", ()),
)
with context.begin_transaction():
    context.run_migrations()
