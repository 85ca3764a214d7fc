"""A local Bot API server with a chat page, for trying and testing any Telegram bot."""
