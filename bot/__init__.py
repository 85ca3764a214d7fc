"""Deltagram: a Telegram bot that streams a provider's answer into one message."""
