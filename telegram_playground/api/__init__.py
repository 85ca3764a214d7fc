"""Api: calls of bots go in, Telegram's answers come out."""
