"""Commands of the program beside running the bot: they read the settings, and say what is wrong with them."""
