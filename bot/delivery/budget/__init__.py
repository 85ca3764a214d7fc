"""How many calls Telegram allows, to each chat and in all, and what the next process is to know of them."""
