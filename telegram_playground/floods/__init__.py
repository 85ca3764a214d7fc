"""Floods: how many calls a bot may make, as Telegram counts them."""

from telegram_playground.floods.floods import Floods, Limits

__all__ = ["Floods", "Limits"]
