"""Text: what bots and people send goes in, formatted text as Telegram keeps it comes out."""
