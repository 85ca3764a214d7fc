"""Deltagram: a Telegram bot that streams a provider's answer into one message."""

__version__ = "0.1.0"
