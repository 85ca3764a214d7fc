"""Reply: a growing text goes in, the calls that show it in Telegram messages come out."""
