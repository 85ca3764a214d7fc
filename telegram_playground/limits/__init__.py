"""Limits: how many calls a bot may make, as Telegram counts them, and what a flood of them meets."""

from telegram_playground.limits.flood_limits import Floods, Limits

__all__ = ["Floods", "Limits"]
