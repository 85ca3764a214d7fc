"""Trouble: why a bot ended, in one line for who looks after it."""

import asyncio
import sqlite3

from sqlalchemy.exc import DBAPIError

from bot.app.many.file import Wanted
from bot.process.lock import Locked
from bot.settings import ConfigurationError
from bot.storage.engine.faults import DatabaseDamaged, Lost, Unusable, is_damaged, reason
from bot.storage.engine.migration import NewerDatabaseError
from bot.storage.people.access import ForeignDatabaseError
from providers.errors import ConfigurationError as ProviderConfigurationError

KNOWN = (ProviderConfigurationError, Locked, Lost, Unusable, NewerDatabaseError, ForeignDatabaseError)


def told(error: BaseException, bot: Wanted) -> str | None:
    """Return the line; None for a bug of ours."""
    if isinstance(error, ConfigurationError):
        return str(error).replace("BOT_TOKEN", bot.place("token"), 1) if error.variable == "BOT_TOKEN" else str(error)
    if isinstance(error, DatabaseDamaged):
        return f"{error}; restore a backup, or move the file away"
    if isinstance(error, KNOWN):
        return str(error)
    if isinstance(error, DBAPIError | sqlite3.Error):
        cause = error.orig if isinstance(error, DBAPIError) else error
        return f"the database {'is damaged' if is_damaged(cause) else 'cannot be used'}: {reason(cause)}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error)
    if isinstance(error, asyncio.CancelledError):
        return "its tasks were cancelled, a bug"
    return None
