"""Who works: processes that share a PostgreSQL, which of them has which bot, and what came too late; not on SQLite."""
